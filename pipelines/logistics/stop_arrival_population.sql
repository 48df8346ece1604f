-- Every stop that was reached: once when its vehicle leaves the depot and, where that is later, once at a moment
-- under way, some time before the stop is due. How long before follows from trip and position alone, not from
-- when it was reached. The label is the minutes after the planned arrival (before it: negative). Of the newest day
-- only those are known that were reached early, so its trips are left out.
WITH newest AS ({last_day}),

reached AS (
    SELECT
        stops.trip_id || '/' || stops.position AS entity_id,
        trips.left_at,
        stops.arrived_at,
        stops.planned_at - to_minutes([15, 45, 90][1 + (stops.position + ascii(right(stops.trip_id, 1))) % 3])
            AS under_way_at,
        date_diff('second', stops.planned_at, stops.arrived_at) / 60.0 AS minutes_late
    FROM logistics.trip_stops AS stops
    JOIN logistics.trips AS trips ON trips.trip_id = stops.trip_id
    CROSS JOIN newest
    WHERE stops.arrived_at > trips.left_at AND CAST(trips.left_at AS DATE) < newest.last_day
)

SELECT entity_id, left_at AS as_of, minutes_late AS label FROM reached
UNION ALL
SELECT entity_id, under_way_at, minutes_late
FROM reached
WHERE under_way_at > left_at + INTERVAL 10 MINUTE AND under_way_at < arrived_at
