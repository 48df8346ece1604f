"""The files of arrears and prices: what a collection system and a market data vendor hand over."""

from pathlib import Path

import numpy as np
import polars as pl

from sample_data.files import Dirt, Pen, write_delimited


def write_arrears(
    tables: dict[str, pl.DataFrame], folder: Path, rng: np.random.Generator, dirt: Dirt
) -> None:
    """Loans nobody knows, days that no calendar has, some rows twice."""
    pen = Pen("finance.arrears", tables["arrears"], rng, dirt)
    pen.add_broken("reference", 9, ["loan_id"])
    pen.add_broken("type", 6, [], month_end="31.06.2025")
    pen.add_again(12)
    write_delimited(pen.finished(), folder / "arrears.csv.zst")


def write_market(tables: dict[str, pl.DataFrame], folder: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Prices that cannot be, currencies that are none, days of no calendar, some rows twice."""
    pen = Pen("finance.prices", tables["prices"], rng, dirt)
    pen.add_broken("range", 7, ["instrument"], close="-1")
    pen.add_broken("required", 5, ["instrument"], close=None)
    pen.add_broken("pattern", 4, ["instrument"], currency="EURO")
    pen.add_broken("type", 3, ["instrument"], day="2025-02-31")
    pen.add_again(6)
    write_delimited(pen.finished(), folder / "prices.csv.zst")
