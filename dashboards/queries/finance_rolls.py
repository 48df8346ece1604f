"""Roll rates: how loans move between buckets of days past due from one month's end to the next."""

from datetime import date

import polars as pl

from dashboards.queries.reading import Read, has_table

ARREARS = "finance.arrears"
BUCKETS = ("current", "1-29", "30-59", "60-89", "90+")
OUTCOMES = ("default", "paid")
STATES = (*BUCKETS, *OUTCOMES)
_BUCKET = (
    "CASE WHEN {0} IS NULL THEN 'current' WHEN {0} < 30 THEN '1-29' WHEN {0} < 60 THEN '30-59' "
    "WHEN {0} < 90 THEN '60-89' ELSE '90+' END"
)
_KINDS = {"month": pl.Date, "state": pl.String, "next": pl.String, "loans": pl.Int64}


def moves(read: Read, until: date) -> pl.DataFrame:
    """`month, state, next, loans`: of the loans open at the end of `month` in `state`, where a month later.

    A loan is open from its approval to its default or the end of its term, or as long as it is in arrears
    after that. The months are those that finance.arrears tells of: in them a loan that it does not name is
    current. What is known after `until` is left out. Empty where there are no arrears.
    """
    if not has_table(read, ARREARS):
        return pl.DataFrame(schema=_KINDS)
    sql = f"""
        WITH behind AS (
            SELECT
                loan_id, CAST(date_trunc('month', month_end) AS DATE) AS month,
                max(days_past_due) AS days
            FROM finance.arrears WHERE month_end <= $until AND days_past_due > 0 GROUP BY ALL
        ),
        months AS (
            SELECT CAST(unnest(range(min(month), max(month), INTERVAL 1 MONTH)) AS DATE) AS month FROM behind
        ),
        book AS (
            SELECT
                loans.loan_id,
                coalesce(loans.decided_on, CAST(loans.applied_at AS DATE)) AS began,
                CAST(date_trunc('month', began) AS DATE) AS opened,
                CAST(date_trunc('month', coalesce(
                    defaults.defaulted_on,
                    greatest(
                        began + to_months(CAST(loans.term_months AS INTEGER)), last.month + INTERVAL 1 MONTH
                    )
                )) AS DATE) AS closed,
                CASE WHEN defaults.defaulted_on IS NULL THEN 'paid' ELSE 'default' END AS outcome
            FROM finance.loans AS loans
            LEFT JOIN finance.defaults AS defaults
                ON defaults.loan_id = loans.loan_id AND defaults.defaulted_on <= $until
            LEFT JOIN (SELECT loan_id, max(month) AS month FROM behind GROUP BY loan_id) AS last
                ON last.loan_id = loans.loan_id
            WHERE loans.decision = 'approved' AND began <= $until
        ),
        -- Loans that are neither behind nor closing stay current: they are counted, not joined.
        movers AS (
            SELECT loan_id, month FROM behind
            UNION SELECT loan_id, CAST(month - INTERVAL 1 MONTH AS DATE) FROM behind
            UNION
            SELECT loan_id, CAST(closed - INTERVAL 1 MONTH AS DATE) FROM book
            WHERE closed > (SELECT min(month) FROM behind) AND closed <= (SELECT max(month) FROM behind)
        ),
        moved AS (
            SELECT
                movers.month,
                {_BUCKET.format("now.days")} AS state,
                CASE WHEN book.closed = movers.month + INTERVAL 1 MONTH THEN book.outcome
                ELSE {_BUCKET.format("later.days")} END AS next,
                count(*) AS loans
            FROM movers
            JOIN months ON months.month = movers.month
            JOIN book
                ON book.loan_id = movers.loan_id
                AND book.opened <= movers.month AND book.closed > movers.month
            LEFT JOIN behind AS now ON now.loan_id = movers.loan_id AND now.month = movers.month
            LEFT JOIN behind AS later
                ON later.loan_id = movers.loan_id AND later.month = movers.month + INTERVAL 1 MONTH
            GROUP BY ALL
        ),
        spans AS (SELECT opened, closed, count(*) AS loans FROM book GROUP BY ALL),
        open AS (
            SELECT months.month, sum(spans.loans) AS loans
            FROM months JOIN spans ON spans.opened <= months.month AND spans.closed > months.month
            GROUP BY months.month
        )
        SELECT month, state, next, CAST(sum(loans) AS BIGINT) AS loans
        FROM (
            SELECT * FROM moved
            UNION ALL
            SELECT open.month, 'current', 'current', open.loans - coalesce(sum(moved.loans), 0)
            FROM open LEFT JOIN moved ON moved.month = open.month GROUP BY open.month, open.loans
        )
        GROUP BY ALL HAVING sum(loans) > 0 ORDER BY ALL
    """
    return read(sql, {"until": until}).cast(_KINDS)  # type: ignore[arg-type]


def matrix(moved: pl.DataFrame) -> pl.DataFrame:
    """`state, next, loans, share` of `moves`, all its months together: a row of every pair of states.

    The shares of a state sum to one; of a state that no loan was in they are null.
    """
    pairs = pl.DataFrame({"state": BUCKETS}).join(pl.DataFrame({"next": STATES}), how="cross")
    summed = moved.group_by("state", "next").agg(pl.sum("loans"))
    found = pairs.join(summed, on=["state", "next"], how="left", maintain_order="left")
    every = pl.col("loans").sum().over("state")
    return found.with_columns(pl.col("loans").fill_null(0)).with_columns(
        share=pl.when(every > 0).then(pl.col("loans") / every)
    )


def rolled_forward(moved: pl.DataFrame) -> pl.DataFrame:
    """`month, state, loans, worse, share`: of the loans in a bucket, how many were in a worse one then."""
    order = {state: place for place, state in enumerate((*BUCKETS, "default"))}
    places = [
        pl.col(each).replace_strict(order, default=-1, return_dtype=pl.Int64) for each in ("state", "next")
    ]
    return (
        moved.with_columns(worse=pl.when(places[1] > places[0]).then("loans").otherwise(0), place=places[0])
        .group_by("month", "state", "place")
        .agg(pl.sum("loans"), pl.sum("worse"))
        .with_columns(share=pl.col("worse") / pl.col("loans"))
        .sort("month", "place")
        .drop("place")
    )
