-- The stops of the day $as_of that were not reached by its end, or by the newest record where the day is still
-- filling; as of that moment.
WITH records AS (
    SELECT max(left_at) AS newest FROM logistics.trips WHERE left_at < CAST($as_of AS DATE) + INTERVAL 1 DAY
    UNION ALL
    SELECT max(arrived_at) FROM logistics.trip_stops WHERE arrived_at < CAST($as_of AS DATE) + INTERVAL 1 DAY
    UNION ALL
    SELECT max(left_at) FROM logistics.trip_stops WHERE left_at < CAST($as_of AS DATE) + INTERVAL 1 DAY
),

moment AS (SELECT max(newest) AS as_of FROM records)

SELECT stops.trip_id || '/' || stops.position AS entity_id, moment.as_of
FROM logistics.trip_stops AS stops
JOIN logistics.trips AS trips ON trips.trip_id = stops.trip_id
CROSS JOIN moment
WHERE
    CAST(trips.left_at AS DATE) = CAST($as_of AS DATE)
    AND trips.left_at <= moment.as_of
    AND (stops.arrived_at IS NULL OR stops.arrived_at > moment.as_of)
