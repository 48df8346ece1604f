-- The minutes the office plans for a stop, by kind of place; from the trips before $before.
SELECT stops.place, median(stops.planned_minutes) AS minutes
FROM logistics.trip_stops AS stops
JOIN logistics.trips AS trips ON trips.trip_id = stops.trip_id
WHERE trips.left_at < $before AND trips.left_at >= $before - INTERVAL 120 DAY AND stops.place IS NOT NULL
GROUP BY stops.place
