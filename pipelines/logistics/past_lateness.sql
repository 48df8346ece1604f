-- By hours planned since leaving: the quantiles between which nine in ten stops were late, before $before.
SELECT
    CAST(least(floor(date_diff('minute', trips.left_at, stops.planned_at) / 60.0), 8) AS INTEGER) AS hours,
    count(*) AS stops,
    quantile_cont(late.minutes, 0.05) AS lower,
    quantile_cont(late.minutes, 0.95) AS upper
FROM logistics.trip_stops AS stops
JOIN logistics.trips AS trips ON trips.trip_id = stops.trip_id
CROSS JOIN LATERAL (SELECT date_diff('second', stops.planned_at, stops.arrived_at) / 60.0 AS minutes) AS late
WHERE
    trips.left_at < $before
    AND trips.left_at >= $before - INTERVAL 120 DAY
    AND stops.arrived_at IS NOT NULL
    AND stops.planned_at >= trips.left_at
GROUP BY hours
HAVING count(*) >= 30
ORDER BY hours
