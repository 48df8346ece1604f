"""The bank's scored loan applications with what people know them by."""

from datetime import datetime

import polars as pl

from analytics.task import Task
from dashboards.queries.cases import Events, Facts
from dashboards.queries.predictions import scored_at, urgent_bands
from dashboards.queries.reading import Read
from pipelines.finance.contracts import REPORTING_CURRENCY
from pipelines.queries import exact_mean, exact_sum, literal

CURRENCY = REPORTING_CURRENCY


def share_lost(task: Task) -> float:
    """Of what is owed at a default the share that is lost; all of it where the task does not say."""
    return task.exposure.share if task.exposure else 1.0


def applications_sql(task: Task, scored: str = "") -> str:
    """Every application scored at `$as_of` (or the predictions `scored`) with its loan and customer, as SQL.

    `amount_eur` is the amount in the reporting currency at the last rate known on the day of application;
    `expected_loss` is that of the prediction, else score times amount times the share lost. Not masked: pass
    it through `pipelines.access` before it is shown.
    """
    return f"""
        SELECT
            scored.* EXCLUDE (expected_loss),
            loans.customer_id, customers.full_name, customers.city,
            loans.applied_at, loans.amount, loans.currency, loans.term_months,
            loans.purpose, loans.employment, loans.channel,
            CAST(loans.amount AS DOUBLE)
            * CASE loans.currency WHEN {literal(REPORTING_CURRENCY)} THEN 1 ELSE rates.rate END
            AS amount_eur,
            coalesce(scored.expected_loss, scored.score * amount_eur * {share_lost(task)}) AS expected_loss
        FROM {scored or scored_at(task)} AS scored
        LEFT JOIN finance.loans AS loans ON loans.loan_id = scored.entity_id
        LEFT JOIN finance.customers AS customers ON customers.customer_id = loans.customer_id
        ASOF LEFT JOIN finance.exchange_rates AS rates
            ON loans.currency = rates.currency AND loans.applied_at >= rates.rate_date
    """


def purposes_sql(task: Task) -> str:
    """`score, purpose` of every application scored at `$as_of`, as SQL."""
    return f"""
        SELECT scored.score, loans.purpose FROM {scored_at(task)} AS scored
        LEFT JOIN finance.loans AS loans ON loans.loan_id = scored.entity_id
    """


def headline(read: Read, task: Task, as_of: datetime) -> pl.DataFrame:
    """One row: `cases`, `amount` and `expected_loss` in the reporting currency, `mean_score`, `urgent`."""
    sql = f"""
        SELECT
            count(*) AS cases,
            sum(amount_eur) AS amount,
            {exact_sum("expected_loss")} AS expected_loss,
            {exact_mean("score")} AS mean_score,
            count(*) FILTER (list_contains($urgent, band)) AS urgent
        FROM ({applications_sql(task)}) AS cases
    """
    return read(sql, {"as_of": as_of, "urgent": urgent_bands(task)})


FACTS = (
    Facts(
        "finance.loans",
        """
        SELECT
            applied_at, amount, currency, term_months, interest_rate, purpose, stated_income, employment,
            employed_months, housing, dependants, channel,
            CASE WHEN decided_on > CAST($as_of AS DATE) THEN NULL ELSE decision END AS decision,
            CASE WHEN decided_on <= CAST($as_of AS DATE) THEN decided_on END AS decided_on
        FROM finance.loans WHERE loan_id = $entity_id
        """,
    ),
    Facts(
        "finance.customers",
        """
        SELECT
            customers.customer_id, full_name, birth_date, gender, marital_status, city, email, customer_since
        FROM finance.customers AS customers
        JOIN finance.loans AS loans ON loans.customer_id = customers.customer_id
        WHERE loans.loan_id = $entity_id LIMIT 1
        """,
    ),
)
EVENTS = (
    Events(
        "finance.transactions",
        """
        SELECT booked_at, transactions.kind, transactions.amount, transactions.currency
        FROM finance.transactions AS transactions
        JOIN finance.accounts AS accounts ON accounts.account_id = transactions.account_id
        JOIN finance.loans AS loans ON loans.customer_id = accounts.customer_id
        WHERE loans.loan_id = $entity_id AND booked_at < $until
        ORDER BY booked_at DESC LIMIT $most
        """,
        at="booked_at",
        what="kind",
        value="amount",
        unit="currency",
    ),
    Events(
        "finance.loans",
        """
        SELECT others.applied_at, others.purpose, others.amount, others.currency
        FROM finance.loans AS others
        JOIN finance.loans AS loans ON loans.customer_id = others.customer_id
        WHERE loans.loan_id = $entity_id AND others.applied_at < $until
        ORDER BY others.applied_at DESC LIMIT $most
        """,
        at="applied_at",
        what="purpose",
        value="amount",
        unit="currency",
    ),
)
