"""Where the expected loss of the recent applications lies, and how concentrated what is lent is."""

from datetime import datetime

import polars as pl

from analytics.task import Task
from dashboards.queries.finance import applications_sql
from dashboards.queries.reading import Read
from pipelines.queries import exact_mean, exact_sum
from pipelines.records import quoted_column


def loss_by(read: Read, task: Task, as_of: datetime, column: str) -> pl.DataFrame:
    """`value, cases, exposure, mean_score, expected_loss, rate` by a column of the applications.

    Exposure (EAD) and expected loss (PD x LGD x EAD) are in the reporting currency, `rate` is their ratio;
    highest expected loss first. Applications without a rate of their currency have no exposure and no loss:
    `unpriced` counts them.
    """
    sql = f"""
        SELECT
            CAST({quoted_column(column)} AS VARCHAR) AS value,
            count(*) AS cases,
            coalesce({exact_sum("amount_eur")}, 0) AS exposure,
            {exact_mean("score")} AS mean_score,
            coalesce({exact_sum("expected_loss")}, 0) AS expected_loss,
            {exact_sum("expected_loss")} / nullif({exact_sum("amount_eur")}, 0) AS rate,
            count(*) FILTER (amount_eur IS NULL) AS unpriced
        FROM ({applications_sql(task)}) AS cases
        GROUP BY 1 ORDER BY 5 DESC, 1
    """
    return read(sql, {"as_of": as_of})


def exposure_by(read: Read, task: Task, as_of: datetime, column: str) -> pl.DataFrame:
    """`value, exposure` by a column of the applications, largest first, in the reporting currency."""
    sql = f"""
        SELECT CAST({quoted_column(column)} AS VARCHAR) AS value, {exact_sum("amount_eur")} AS exposure
        FROM ({applications_sql(task)}) AS cases
        WHERE {quoted_column(column)} IS NOT NULL AND amount_eur IS NOT NULL
        GROUP BY 1 ORDER BY 2 DESC, 1
    """
    return read(sql, {"as_of": as_of})
