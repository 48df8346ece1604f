-- Vehicles at every second Monday, four weeks in service at least; and the fortnight that followed lies wholly in
-- the data. `also_towed`: broke down and had to be towed.
WITH complete AS ({last_day}),

landmarks AS (
    SELECT CAST(days.day AS TIMESTAMP) AS as_of
    FROM (SELECT CAST(min(event_at) AS DATE) + 28 AS oldest FROM logistics.vehicle_events) AS data
    CROSS JOIN complete
    CROSS JOIN LATERAL (
        SELECT unnest(generate_series(data.oldest, complete.last_day - 14, INTERVAL 1 DAY)) AS day
    ) AS days
    WHERE date_diff('day', DATE '2001-01-08', CAST(days.day AS DATE)) % 14 = 0
)

SELECT
    vehicles.vehicle_id AS entity_id,
    landmarks.as_of,
    CAST(count(breakdowns.breakdown_id) > 0 AS INTEGER) AS label,
    CAST(coalesce(bool_or(breakdowns.towed), FALSE) AS INTEGER) AS also_towed
FROM landmarks
JOIN logistics.vehicles AS vehicles ON vehicles.in_service_on + 28 <= landmarks.as_of
LEFT JOIN logistics.breakdowns AS breakdowns
    ON
        breakdowns.vehicle_id = vehicles.vehicle_id
        AND breakdowns.happened_at > landmarks.as_of
        AND breakdowns.happened_at <= landmarks.as_of + INTERVAL 14 DAY
GROUP BY vehicles.vehicle_id, landmarks.as_of
