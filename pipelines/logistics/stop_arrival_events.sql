-- A stop's way, as its vehicle drives it: the legs and stops before it as planned, known when the vehicle leaves,
-- and how late each of those was reached, known once it is.
WITH asked AS (SELECT DISTINCT entity_id FROM population),

stops AS (
    SELECT
        stops.*,
        stops.trip_id || '/' || stops.position AS entity_id,
        trips.left_at AS trip_left_at
    FROM {stops} AS stops
    JOIN {trips} AS trips ON trips.trip_id = stops.trip_id
),

ways AS (
    SELECT asked.entity_id, own.position AS own_position, way.* EXCLUDE (entity_id)
    FROM asked
    JOIN stops AS own ON own.entity_id = asked.entity_id
    JOIN stops AS way ON way.trip_id = own.trip_id AND way.position <= own.position
)

SELECT
    entity_id,
    trip_left_at AS known_at,
    planned_at AS event_time,
    'drive' AS event_type,
    CAST(leg_km AS DOUBLE) AS value,
    CAST(NULL AS VARCHAR) AS text
FROM ways
UNION ALL
SELECT
    entity_id,
    trip_left_at,
    planned_at + to_seconds(CAST(planned_minutes * 60 AS BIGINT)),
    'serve_' || coalesce(place, 'other'),
    parcels,
    NULL
FROM ways
WHERE position < own_position
UNION ALL
SELECT entity_id, arrived_at, arrived_at, 'arrival', date_diff('second', planned_at, arrived_at) / 60.0, NULL
FROM ways
WHERE position < own_position AND arrived_at IS NOT NULL
