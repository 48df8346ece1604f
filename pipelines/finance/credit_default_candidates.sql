-- Applications of the ninety days up to the end of the day $as_of that were not declined by then and have not
-- defaulted. Their features are those of the moment of application.
WITH day AS (SELECT CAST($as_of AS DATE) AS today)
SELECT loans.loan_id AS entity_id, CAST(today AS TIMESTAMP) + INTERVAL '23:59:59' AS as_of
FROM finance.loans AS loans
CROSS JOIN day
LEFT JOIN finance.defaults AS defaults ON defaults.loan_id = loans.loan_id AND defaults.defaulted_on <= today
WHERE
    CAST(loans.applied_at AS DATE) BETWEEN today - 89 AND today
    AND NOT coalesce(loans.decision = 'declined' AND loans.decided_on <= today, FALSE)
    AND defaults.loan_id IS NULL
