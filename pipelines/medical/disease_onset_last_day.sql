-- The last complete day: the newest day may still be filling, a day to come is a slip.
SELECT CAST(max(started_at) AS DATE) - 1 AS last_day
FROM medical.encounters
WHERE started_at <= current_localtimestamp()
