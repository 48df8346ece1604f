-- Every transaction in the reporting currency, at the last rate known on its day (rates have no weekends).
SELECT
    booked.transaction_id,
    booked.account_id,
    booked.booked_at,
    booked.kind,
    CAST(booked.amount AS DOUBLE) * CASE booked.currency WHEN {reporting} THEN 1 ELSE rates.rate END AS amount
FROM finance.transactions AS booked
ASOF LEFT JOIN finance.exchange_rates AS rates
    ON booked.currency = rates.currency AND booked.booked_at >= rates.rate_date
