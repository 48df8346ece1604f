"""The files of the fleet: the list of vehicles, their messages, the book of breakdowns."""

from pathlib import Path

import numpy as np
import polars as pl

from sample_data.files import Dirt, Pen, write_delimited, write_parquet


def write_fleet(tables: dict[str, pl.DataFrame], folder: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Writes all files of the fleet below `folder`."""
    _vehicles(Pen("logistics.vehicles", tables["vehicles"], rng, dirt), folder / "vehicles.csv")
    _events(tables["vehicle_events"], folder / "vehicle_events.parquet", rng, dirt)
    _breakdowns(Pen("logistics.breakdowns", tables["breakdowns"], rng, dirt), folder / "breakdowns.csv.gz")


def _vehicles(pen: Pen, path: Path) -> None:
    grouped = pl.col("km_a_year").str.replace(r"^(\d+)(\d{3})$", "$1.$2")
    pen.rewrite("thousands mark", 1.0, "km_a_year", grouped)
    pen.add_broken("reference", 3, ["vehicle_id"], depot_id="D99")
    pen.add_broken("type", 2, ["vehicle_id"], in_service_on="soon")
    write_delimited(pen.finished(), path, separator=";")


def _events(clean: pl.DataFrame, path: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Typed and columnar; the dirt is in the values."""
    table, last = "logistics.vehicle_events", len(clean)
    parts = [clean]
    for rule, count, change in (
        ("reference", 20, {"vehicle_id": pl.lit("V9999")}),
        ("required", 15, {"code": pl.lit(None, pl.String)}),
        ("allowed", 15, {"code": pl.lit("E0")}),
        ("range", 10, {"value": pl.lit(99_999.0)}),
    ):
        rows = clean[np.sort(rng.choice(len(clean), count, replace=False))]
        numbers = pl.int_range(last + 1, last + 1 + count, dtype=pl.Int64)
        parts.append(rows.with_columns(event_id=numbers, **change))
        dirt.breaks(table, rule, count)
        last += count
    again = clean[np.sort(rng.choice(len(clean), 30, replace=False))]
    dirt.breaks(table, "unique", len(again))
    rows = pl.concat([*parts, again]).with_columns(pl.col("event_at").cast(pl.Datetime("ms")))
    write_parquet(
        rows,
        path,
        repeated=["vehicle_id", "code", "value", "note"],
        encodings={"event_id": "DELTA_BINARY_PACKED", "event_at": "DELTA_BINARY_PACKED"},
    )


def _breakdowns(pen: Pen, path: Path) -> None:
    pen.rewrite("no seconds", 1.0, "happened_at", pl.col("happened_at").str.strip_suffix(":00"))
    pen.add_broken("reference", 5, ["breakdown_id"], vehicle_id="V9998")
    pen.add_broken("required", 4, ["breakdown_id"], happened_at=None)
    write_delimited(pen.finished(), path)
