-- The messages and breakdowns of the last 120 days before each `as_of`, at most the 128 newest.
WITH happened AS (
    SELECT vehicle_id, event_at AS known_at, code AS event_type, value, note AS text, 'E' || event_id AS number
    FROM logistics.vehicle_events
    UNION ALL
    SELECT vehicle_id, happened_at, 'breakdown', NULL, NULL, breakdown_id
    FROM logistics.breakdowns
)

-- What several cases of one vehicle have seen is told once.
SELECT entity_id, known_at, known_at AS event_time, event_type, value, text
FROM (
    SELECT DISTINCT
        population.entity_id,
        happened.known_at,
        happened.event_type,
        happened.value,
        happened.text,
        happened.number
    FROM population
    JOIN happened
        ON
            happened.vehicle_id = population.entity_id
            AND happened.known_at <= population.as_of
            AND happened.known_at > population.as_of - INTERVAL 120 DAY
    QUALIFY row_number() OVER (
        PARTITION BY population.entity_id, population.as_of ORDER BY happened.known_at DESC, happened.number DESC
    ) <= 128
)
