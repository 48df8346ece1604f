"""The bank's scored loan applications with what people know them by."""

from datetime import datetime

import polars as pl

from analytics.task import Task
from dashboards.queries.reading import Read
from pipelines.finance.contracts import REPORTING_CURRENCY
from pipelines.warehouse import quoted

CURRENCY = REPORTING_CURRENCY


def applications(read: Read, task: Task, as_of: datetime) -> pl.DataFrame:
    """Every application scored at `as_of` with its loan and customer, highest score first.

    `amount_eur` is the amount in the reporting currency at the last rate known on the day of application;
    `expected_loss` is score times amount (nothing recovered). Not masked: pass it through
    `pipelines.access` before it is shown.
    """
    sql = f"""
        SELECT
            scored.*,
            loans.customer_id, customers.full_name, customers.city,
            loans.applied_at, loans.amount, loans.currency, loans.term_months,
            loans.purpose, loans.employment, loans.channel,
            CAST(loans.amount AS DOUBLE) * rates.rate AS amount_eur,
            scored.score * CAST(loans.amount AS DOUBLE) * rates.rate AS expected_loss
        FROM (FROM {quoted(task.predictions_table)} WHERE as_of = $as_of) AS scored
        LEFT JOIN finance.loans AS loans ON loans.loan_id = scored.entity_id
        LEFT JOIN finance.customers AS customers ON customers.customer_id = loans.customer_id
        ASOF LEFT JOIN finance.exchange_rates AS rates
            ON loans.currency = rates.currency AND loans.applied_at >= rates.rate_date
        ORDER BY scored.score DESC, scored.entity_id
    """
    return read(sql, {"as_of": as_of})
