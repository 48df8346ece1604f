"""Vintages: of the loans granted in one period, the share in default by the months they have been on book."""

from datetime import date
from typing import Literal

import polars as pl

from dashboards.queries.reading import Read

Grain = Literal["month", "quarter", "year"]


def vintages(read: Read, until: date, grain: Grain) -> pl.DataFrame:
    """`cohort, loans, months, defaults, rate`: by cohort and complete months on book, what defaulted by then.

    A cohort is named by the first day of its period. Its months end where its youngest loan's do, so every
    loan of it was watched for all of them: no rate mixes loans that could default with loans that could not
    yet. What is known after `until` is left out; cohorts without a complete month have no rows.
    """
    sql = """
        WITH granted AS (
            SELECT
                loans.loan_id,
                coalesce(decided_on, CAST(applied_at AS DATE)) AS began,
                CAST(date_trunc($grain, began) AS DATE) AS cohort,
                datesub('month', began, $until) AS age,
                CASE WHEN defaults.defaulted_on IS NOT NULL
                THEN datesub('month', began, greatest(defaults.defaulted_on, began)) + 1 END AS defaulted_in
            FROM finance.loans AS loans
            LEFT JOIN finance.defaults AS defaults
                ON defaults.loan_id = loans.loan_id AND defaults.defaulted_on <= $until
            WHERE decision = 'approved' AND began <= $until
        ),
        cohorts AS (
            SELECT cohort, count(*) AS loans, min(age) AS complete FROM granted GROUP BY cohort
        ),
        fallen AS (
            SELECT cohort, defaulted_in AS months, count(*) AS fallen
            FROM granted WHERE defaulted_in IS NOT NULL GROUP BY ALL
        ),
        places AS (
            SELECT cohort, loans, unnest(range(1, complete + 1)) AS months FROM cohorts
        )
        SELECT
            cohort, loans, months,
            CAST(coalesce(sum(fallen) OVER (
                PARTITION BY cohort ORDER BY months ROWS UNBOUNDED PRECEDING
            ), 0) AS BIGINT) AS defaults,
            defaults / loans AS rate
        FROM places LEFT JOIN fallen USING (cohort, months)
        ORDER BY cohort, months
    """
    return read(sql, {"until": until, "grain": grain})
