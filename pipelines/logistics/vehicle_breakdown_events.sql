-- The messages and breakdowns of each vehicle.
SELECT
    vehicle_id AS entity_id,
    event_at AS known_at,
    event_at AS event_time,
    code AS event_type,
    value,
    note AS text
FROM logistics.vehicle_events
WHERE vehicle_id IN (SELECT entity_id FROM population)
UNION ALL
SELECT vehicle_id, happened_at, happened_at, 'breakdown', NULL, NULL
FROM logistics.breakdowns
WHERE vehicle_id IN (SELECT entity_id FROM population)
