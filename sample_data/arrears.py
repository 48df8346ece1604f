"""Who was behind with payments at the end of each month: consistent with the loans and their defaults.

A loan is in default ninety days after the oldest instalment that was not paid; now and then that is declared
late, and at once where the borrower is unlikely to pay. Others miss a payment and catch up, most of them
within weeks; in the months of `STRAIN` more of them fall behind.
"""

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import polars as pl

from sample_data.world import Bools, Ints, Organisation, day_number

FIRST_MONTH, LAST_MONTH = date(2024, 9, 1), date(2026, 9, 1)
STRAIN = (date(2025, 10, 31), date(2026, 2, 28))
UNTIL_DEFAULT = 90  # days past due
FIRST_INSTALMENT = 30  # days after the decision
MISSED = 0.009  # of the loans that are paid, how many fall behind in a month
STRAINED = 1.8  # times as many
CATCHES_UP = (0.78, 0.55, 1.0)  # of those 1-29, 30-59 and 60-89 days behind, who do not default
# Of the last months some will default after the end of the data: more begin, and fewer of them catch up.
UNSETTLED, FAILING, DRIFTING = date(2026, 8, 1), 0.004, (0.6, 0.55, 1.0)


def arrears(rng: np.random.Generator, _scale: float, tables: Mapping[str, pl.DataFrame]) -> Organisation:
    """The loans behind at the end of each month; `tables` holds the bank's loans and defaults."""
    loans = (
        tables["loans"]
        .filter(pl.col("decision") == "approved")
        .join(tables["defaults"].select("loan_id", "defaulted_on"), on="loan_id", how="left")
        .with_columns(
            closes=pl.col("decided_on").dt.offset_by(pl.format("{}mo", "term_months")),
            due=pl.col("decided_on"),
        )
    )
    # A few months earlier, so that in the first month shown some have been behind for long.
    ends = pl.date_range(date(2024, 5, 1), LAST_MONTH, "1mo", eager=True).dt.month_end()
    behind = pl.concat([_failing(rng, loans, ends), _catching_up(rng, loans, ends)])
    return Organisation(
        {"arrears": behind.filter(pl.col("month_end") >= FIRST_MONTH).sort("loan_id", "month_end")}, {}
    )


def _failing(rng: np.random.Generator, loans: pl.DataFrame, ends: pl.Series) -> pl.DataFrame:
    """The months before each default: days past due lead to ninety, or beyond where it was declared late."""
    failed = loans.filter(pl.col("defaulted_on").is_not_null())
    late = np.where(rng.random(len(failed)) < 0.2, rng.integers(5, 40, len(failed)), 0)
    declared = failed.with_columns(
        oldest=pl.col("defaulted_on") - pl.duration(days=UNTIL_DEFAULT + pl.Series(late))
    )
    unlikely = pl.Series(rng.random(len(failed)) < 0.08)
    first = pl.col("decided_on") + pl.duration(days=FIRST_INSTALMENT)
    return (
        declared.filter(~unlikely)
        .join(ends.to_frame("month_end"), how="cross")
        .with_columns(
            days_past_due=(pl.col("month_end") - pl.max_horizontal("oldest", first)).dt.total_days()
        )
        .filter((pl.col("days_past_due") > 0) & (pl.col("month_end") < pl.col("defaulted_on")))
        .select("loan_id", "month_end", "days_past_due")
    )


def _catching_up(rng: np.random.Generator, loans: pl.DataFrame, ends: pl.Series) -> pl.DataFrame:
    """Spells of loans that never defaulted: behind for a month or two, then paid."""
    sound = loans.filter(pl.col("defaulted_on").is_null())
    first = sound["decided_on"].to_physical().to_numpy() + FIRST_INSTALMENT
    closes = sound["closes"].to_physical().to_numpy()
    names = sound["loan_id"]

    def months() -> Iterator[pl.DataFrame]:
        days = np.zeros(len(sound), dtype=np.int64)
        for end in ends:
            today = day_number(end)
            days = _next_month(rng, days, end)
            days[(first >= today) | (closes <= today)] = 0
            behind = np.minimum(days, today - first)  # nobody is behind for longer than payments were due
            chosen = np.flatnonzero(behind > 0)
            yield pl.DataFrame(
                {"loan_id": names.gather(chosen), "month_end": end, "days_past_due": behind[chosen]},
                schema={"loan_id": pl.String, "month_end": pl.Date, "days_past_due": pl.Int64},
            )

    return pl.concat(months())


def _next_month(rng: np.random.Generator, days: Ints, end: date) -> Ints:
    """Days past due at `end`, a month later: some catch up, others fall further behind, some begin."""
    missed = MISSED * (STRAINED if STRAIN[0] <= end <= STRAIN[1] else 1) + FAILING * (end > UNSETTLED)
    catches_up = DRIFTING if end.replace(day=1) > UNSETTLED else CATCHES_UP
    bucket = np.minimum((days + 29) // 30, 3) - 1
    chance = np.asarray((*catches_up, 0.0))[bucket]  # place -1: those who are not behind
    stays: Bools = (days > 0) & (rng.random(len(days)) >= chance)
    begins: Bools = (days == 0) & (rng.random(len(days)) < missed)
    fresh = rng.integers(1, 30, len(days))
    return np.where(stays, days + 30, np.where(begins, fresh, 0))
