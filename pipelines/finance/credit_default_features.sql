-- What the bank knew at the moment of each application, or at `as_of` if that is earlier.
WITH money AS ({transactions}),

asked AS (
    SELECT
        population.entity_id,
        population.as_of,
        loans.* EXCLUDE (decided_on, decision),
        CAST(loans.amount AS DOUBLE) * CASE loans.currency WHEN {reporting} THEN 1 ELSE rates.rate END AS amount_eur,
        loans.applied_at AS moment
    FROM population
    JOIN finance.loans AS loans
        ON loans.loan_id = population.entity_id AND loans.applied_at <= population.as_of
    ASOF LEFT JOIN finance.exchange_rates AS rates
        ON loans.currency = rates.currency AND loans.applied_at >= rates.rate_date
),

half_year AS (
    SELECT
        asked.entity_id,
        asked.as_of,
        count(*) AS bookings,
        sum(money.amount) FILTER (WHERE incoming) AS inflow,
        sum(money.amount) FILTER (WHERE incoming AND recent) AS inflow_recent,
        sum(money.amount) FILTER (WHERE incoming AND NOT recent) AS inflow_before,
        min(money.amount) FILTER (WHERE money.kind = 'salary') AS lowest_salary,
        -sum(money.amount) FILTER (WHERE money.amount < 0) AS outflow,
        -sum(money.amount) FILTER (WHERE money.kind = 'cash') AS cash,
        count(*) FILTER (WHERE money.kind = 'returned_debit') AS returned_debits,
        count(*) FILTER (WHERE money.kind = 'returned_debit' AND recent) AS returned_debits_recent,
        count(*) FILTER (WHERE money.kind = 'fee') AS fees
    FROM asked
    JOIN finance.accounts AS accounts
        ON accounts.customer_id = asked.customer_id AND accounts.opened_on <= asked.moment
    JOIN (
        SELECT *, kind IN ('salary', 'transfer_in') AS incoming FROM money
    ) AS money
        ON
            money.account_id = accounts.account_id
            AND money.booked_at <= asked.moment
            AND money.booked_at >= CAST(asked.moment AS DATE) - 180
    CROSS JOIN LATERAL (SELECT money.booked_at >= CAST(asked.moment AS DATE) - 90 AS recent)
    GROUP BY asked.entity_id, asked.as_of
),

earlier AS (
    SELECT
        asked.entity_id,
        asked.as_of,
        count(*) AS earlier_applications,
        count(*) FILTER (
            WHERE loans.decision = 'declined' AND loans.decided_on <= CAST(asked.moment AS DATE)
        ) AS earlier_declined,
        count(defaults.loan_id) AS earlier_defaults,
        date_diff('day', max(loans.applied_at), any_value(asked.moment)) AS days_since_application
    FROM asked
    JOIN finance.loans AS loans
        ON loans.customer_id = asked.customer_id AND loans.applied_at < asked.moment
    LEFT JOIN finance.defaults AS defaults
        ON defaults.loan_id = loans.loan_id AND defaults.defaulted_on < CAST(asked.moment AS DATE)
    GROUP BY asked.entity_id, asked.as_of
),

held AS (
    SELECT asked.entity_id, asked.as_of, count(*) AS accounts
    FROM asked
    JOIN finance.accounts AS accounts
        ON accounts.customer_id = asked.customer_id AND accounts.opened_on <= asked.moment
    GROUP BY asked.entity_id, asked.as_of
)

SELECT
    population.entity_id,
    population.as_of,
    asked.amount_eur,
    asked.term_months,
    asked.interest_rate,
    asked.purpose,
    asked.channel,
    asked.employment,
    asked.employed_months,
    asked.housing,
    asked.dependants,
    CAST(asked.stated_income AS DOUBLE) AS stated_income,
    half_year.inflow / 6 AS monthly_income,
    asked.amount_eur * monthly_rate / (1 - power(1 + monthly_rate, -asked.term_months))
    / nullif(half_year.inflow / 6, 0) AS payment_to_income,
    CAST(asked.stated_income AS DOUBLE) / nullif(half_year.inflow / 6, 0) AS stated_to_observed_income,
    half_year.inflow_recent / nullif(half_year.inflow_before, 0) AS income_trend,
    half_year.lowest_salary / nullif(half_year.inflow / 6, 0) AS lowest_salary_share,
    half_year.outflow / nullif(half_year.inflow, 0) AS spending_to_income,
    coalesce(half_year.cash, 0) / nullif(half_year.outflow, 0) AS cash_share,
    half_year.returned_debits,
    half_year.returned_debits_recent,
    half_year.fees,
    half_year.bookings,
    coalesce(earlier.earlier_applications, 0) AS earlier_applications,
    coalesce(earlier.earlier_declined, 0) AS earlier_declined,
    coalesce(earlier.earlier_defaults, 0) AS earlier_defaults,
    earlier.days_since_application,
    coalesce(held.accounts, 0) AS accounts,
    date_diff('month', customers.customer_since, asked.moment) AS customer_months,
    date_diff('month', customers.birth_date, asked.moment) / 12 AS age_years,
    customers.gender,
    customers.marital_status
FROM population
JOIN asked USING (entity_id, as_of)
LEFT JOIN LATERAL (SELECT greatest(coalesce(asked.interest_rate, 7), 0.1) / 1200 AS monthly_rate) ON TRUE
LEFT JOIN half_year USING (entity_id, as_of)
LEFT JOIN earlier USING (entity_id, as_of)
LEFT JOIN held USING (entity_id, as_of)
LEFT JOIN finance.customers AS customers
    ON customers.customer_id = asked.customer_id AND customers.customer_since <= asked.moment
