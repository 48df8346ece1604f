"""How far a price has fallen below its highest so far."""

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Fall:
    """The deepest fall of an instrument: its depth (negative), from which day to which.

    `recovered` is the day on which the price stood at the peak again; None where it has not yet.
    """

    instrument: str
    depth: float
    peak: date
    trough: date
    recovered: date | None


def drawdowns(prices: pl.DataFrame) -> pl.DataFrame:
    """`day, instrument, drawdown`: the price over the highest up to that day, less one (0 at a new high)."""
    highest = pl.col("price").cum_max().over("instrument")
    return prices.sort("instrument", "day").select(
        "day", "instrument", (pl.col("price") / highest - 1).alias("drawdown")
    )


def deepest(prices: pl.DataFrame) -> list[Fall]:
    """The deepest fall of each instrument of `day, instrument, price`, in the order of the names."""
    return [_deepest(part) for part in prices.sort("instrument", "day").partition_by("instrument")]


def _deepest(prices: pl.DataFrame) -> Fall:
    path = drawdowns(prices)
    low = int(path["drawdown"].arg_min() or 0)
    trough, top = path["day"][low], float(prices["price"][: low + 1].max())  # type: ignore[arg-type]
    before, after = prices[: low + 1], prices[low:]
    again = after.filter(pl.col("price") >= top)
    return Fall(
        instrument=str(prices["instrument"][0]),
        depth=float(path["drawdown"][low]),
        peak=before.filter(pl.col("price") == top)["day"][-1],
        trough=trough,
        recovered=again["day"][0] if again.height and low else None,
    )
