"""Prices in long form (`day, instrument, price`) made comparable: rebased, and as returns.

A return is simple: price over the price of the instrument's trading day before, less one. A day without a
price is no return of zero; the next return spans it.
"""

from collections.abc import Sequence

import polars as pl

DAYS_A_YEAR = 252  # trading days


def rebased(prices: pl.DataFrame, start: float = 100.0) -> pl.DataFrame:
    """`day, instrument, index`: every instrument `start` on its first day in the frame."""
    first = pl.col("price").sort_by("day").first().over("instrument")
    return prices.sort("instrument", "day").select(
        "day", "instrument", (start * pl.col("price") / first).alias("index")
    )


def returns(prices: pl.DataFrame) -> pl.DataFrame:
    """`day, instrument, return` from each instrument's second day on."""
    before = pl.col("price").shift(1).over("instrument")
    return (
        prices.sort("instrument", "day")
        .select("day", "instrument", (pl.col("price") / before - 1).alias("return"))
        .drop_nulls("return")
    )


def together(prices: pl.DataFrame, instruments: Sequence[str]) -> pl.DataFrame:
    """`day` and a column of returns per instrument, over the days on which all of them have a price."""
    wide = (
        prices.filter(pl.col("instrument").is_in(list(instruments)))
        .pivot(on="instrument", index="day", values="price", aggregate_function="last")
        .drop_nulls()
        .sort("day")
    )
    columns = [each for each in instruments if each in wide.columns]
    changes = [(pl.col(each) / pl.col(each).shift(1) - 1).alias(each) for each in columns]
    return wide.select("day", *changes).slice(1)


def yearly(daily: float) -> float:
    """A mean daily return as a return a year, compounded."""
    return float((1 + daily) ** DAYS_A_YEAR - 1)
