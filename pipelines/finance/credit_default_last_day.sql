-- The last complete day: the newest day may still be filling, a day to come is a slip.
SELECT CAST(max(newest) AS DATE) - 1 AS last_day
FROM (
    SELECT max(booked_at) AS newest FROM finance.transactions WHERE booked_at <= current_localtimestamp()
    UNION ALL
    SELECT max(applied_at) FROM finance.loans WHERE applied_at <= current_localtimestamp()
)
