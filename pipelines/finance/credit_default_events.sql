-- What the bank saw of each applicant in the half year before the application (or `as_of` if that is earlier): the
-- bookings on all accounts in the reporting currency, and what became of earlier applications.
WITH money AS ({transactions}),

asked AS (
    SELECT population.entity_id, loans.customer_id, loans.applied_at AS moment
    FROM (SELECT entity_id, max(as_of) AS as_of FROM population GROUP BY entity_id) AS population
    JOIN finance.loans AS loans
        ON loans.loan_id = population.entity_id AND loans.applied_at <= population.as_of
),

happened AS (
    SELECT
        accounts.customer_id,
        money.booked_at AS known_at,
        money.kind AS event_type,
        money.amount AS value
    FROM money
    JOIN finance.accounts AS accounts
        ON accounts.account_id = money.account_id AND accounts.opened_on <= money.booked_at
    UNION ALL
    SELECT customer_id, applied_at, 'application', NULL
    FROM finance.loans
    UNION ALL
    SELECT customer_id, CAST(decided_on AS TIMESTAMP) + INTERVAL 1 DAY, 'application_' || decision, NULL
    FROM finance.loans
    WHERE decision IS NOT NULL
    UNION ALL
    SELECT loans.customer_id, CAST(defaults.defaulted_on AS TIMESTAMP) + INTERVAL 1 DAY, 'default', NULL
    FROM finance.defaults AS defaults
    JOIN finance.loans AS loans ON loans.loan_id = defaults.loan_id
)

SELECT
    asked.entity_id,
    happened.known_at,
    happened.known_at AS event_time,
    happened.event_type,
    happened.value,
    CAST(NULL AS VARCHAR) AS text
FROM asked
JOIN happened
    ON
        happened.customer_id = asked.customer_id
        AND happened.known_at < asked.moment
        -- Bookings are kept for half a year; what became of loans is never forgotten.
        AND (happened.known_at >= CAST(asked.moment AS DATE) - 180 OR happened.value IS NULL)
