-- The last complete day: the newest day may still be filling, a day to come is a slip.
SELECT CAST(max(event_at) AS DATE) - 1 AS last_day
FROM logistics.vehicle_events
WHERE event_at <= current_localtimestamp()
