-- Granted applications whose first twelve months lie wholly in the data. `also_early_default`: within the first
-- six of them.
WITH complete AS ({last_day})
SELECT
    loans.loan_id AS entity_id,
    loans.applied_at AS as_of,
    CAST(coalesce(defaults.defaulted_on <= CAST(loans.applied_at AS DATE) + 365, FALSE) AS INTEGER) AS label,
    CAST(coalesce(defaults.defaulted_on <= CAST(loans.applied_at AS DATE) + 183, FALSE) AS INTEGER)
        AS also_early_default
FROM finance.loans AS loans
CROSS JOIN complete
LEFT JOIN finance.defaults AS defaults ON defaults.loan_id = loans.loan_id
WHERE loans.decision = 'approved' AND CAST(loans.applied_at AS DATE) + 365 <= complete.last_day
