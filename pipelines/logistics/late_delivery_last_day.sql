-- The last complete day: the newest day may still be filling, a day to come is a slip.
SELECT CAST(max(newest) AS DATE) - 1 AS last_day
FROM (
    SELECT max(ordered_at) AS newest FROM logistics.shipments WHERE ordered_at <= current_localtimestamp()
    UNION ALL
    SELECT max(recorded_at) FROM logistics.tracking_events WHERE recorded_at <= current_localtimestamp()
)
