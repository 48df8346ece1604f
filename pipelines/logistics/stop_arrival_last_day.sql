-- The newest day on which a vehicle left: of that day some stops still wait. A day to come is a slip.
SELECT CAST(max(left_at) AS DATE) AS last_day
FROM logistics.trips
WHERE left_at <= current_localtimestamp()
