"""The files of the store rooms: lists and exports of the stock-keeping system."""

from pathlib import Path

import numpy as np
import polars as pl

from sample_data.files import Dirt, Pen, write_delimited, write_parquet


def write_storeroom(
    tables: dict[str, pl.DataFrame], folder: Path, rng: np.random.Generator, dirt: Dirt
) -> None:
    """Writes all files of the store rooms below `folder`."""
    _articles(Pen("logistics.articles", tables["articles"], rng, dirt), folder / "articles.csv")
    _demand(tables["demand"], folder / "demand.parquet", rng, dirt)
    _stock(Pen("logistics.stock", tables["stock"], rng, dirt), folder / "stock.csv")
    _orders(
        Pen("logistics.supplier_orders", tables["supplier_orders"], rng, dirt),
        folder / "supplier_orders.csv.zst",
    )


def _articles(pen: Pen, path: Path) -> None:
    for column in ("unit_cost", "shortage_cost"):
        pen.rewrite("decimal comma", 1.0, column, pl.col(column).str.replace(".", ",", literal=True))
    pen.add_broken("range", 1, ["sku"], unit_cost="-4,20")
    pen.add_broken("required", 1, ["sku"], family=None)
    write_delimited(pen.finished(), path, separator=";")


def _demand(clean: pl.DataFrame, path: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Typed and columnar; the dirt is in the values."""
    table = "logistics.demand"
    parts = [clean]
    for rule, count, change in (
        ("reference", 15, {"sku": pl.lit("A-999")}),
        ("required", 8, {"quantity": pl.lit(None, pl.Int64)}),
        ("range", 5, {"quantity": pl.lit(9_999_999, pl.Int64)}),
    ):
        rows = clean[np.sort(rng.choice(len(clean), count, replace=False))]
        before = pl.lit(sum(len(part) for part in parts) - len(clean))  # days of their own, before all others
        shifted = pl.date(2024, 10, 1) - pl.duration(days=pl.int_range(pl.len()) + before)
        parts.append(rows.with_columns(day=shifted, **change))
        dirt.breaks(table, rule, count)
    again = clean[np.sort(rng.choice(len(clean), 12, replace=False))]
    dirt.breaks(table, "unique", len(again))
    write_parquet(
        pl.concat([*parts, again]),
        path,
        repeated=["sku", "depot_id", "quantity"],
        encodings={"day": "DELTA_BINARY_PACKED"},
    )


def _stock(pen: Pen, path: Path) -> None:
    pen.add_broken("reference", 2, ["sku"])
    write_delimited(pen.finished(), path)


def _orders(pen: Pen, path: Path) -> None:
    pen.add_broken("range", 3, ["order_id"], quantity="0")
    pen.add_broken("type", 3, ["order_id"], received_on="next week")
    write_delimited(pen.finished(), path)
