"""The files of the delivery rounds: the office's lists, the orders of the shop, what the vans recorded."""

from pathlib import Path

import numpy as np
import polars as pl

from sample_data.files import Dirt, Pen, write_delimited, write_parquet


def write_rounds(tables: dict[str, pl.DataFrame], folder: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Writes all files of the rounds below `folder`."""
    _fleet(Pen("logistics.fleet", tables["fleet"], rng, dirt), folder / "fleet.csv")
    _stops(Pen("logistics.stops", tables["stops"], rng, dirt), folder / "stops.csv.zst")
    _windows(
        Pen("logistics.stop_windows", tables["stop_windows"], rng, dirt), folder / "stop_windows.csv.zst"
    )
    _trips(Pen("logistics.trips", tables["trips"], rng, dirt), folder / "trips.csv.zst")
    _trip_stops(tables["trip_stops"], folder / "trip_stops.parquet", rng, dirt)


def _fleet(pen: Pen, path: Path) -> None:
    """A German list: decimal commas."""
    for column in ("cost_per_km", "cost_per_hour"):
        pen.rewrite("decimal comma", 1.0, column, pl.col(column).str.replace(".", ",", literal=True))
    pen.add_broken("reference", 1, ["vehicle_id"])
    write_delimited(pen.finished(), path, separator=";")


def _stops(pen: Pen, path: Path) -> None:
    pen.add_broken("reference", 3, ["stop_id"], depot_id="D99")
    pen.add_broken("range", 2, ["stop_id"], kg="-20")
    pen.add_broken("range", 2, ["stop_id"], latitude="535.1")
    pen.add_broken("allowed", 2, ["stop_id"], kind="swap")
    pen.add_broken("required", 2, ["stop_id"], service_minutes=None)
    write_delimited(pen.finished(), path)


def _windows(pen: Pen, path: Path) -> None:
    for column in ("opens_at", "closes_at"):
        pen.rewrite("no seconds", 1.0, column, pl.col(column).str.strip_suffix(":00"))
    pen.add_broken("reference", 3, ["stop_id"])
    pen.add_broken("type", 2, [], closes_at="noon", opens_at="2026-11-02 00:01")
    write_delimited(pen.finished(), path)


def _trips(pen: Pen, path: Path) -> None:
    for column in ("left_at", "returned_at"):
        pen.rewrite("no seconds", 1.0, column, pl.col(column).str.strip_suffix(":00"))
    pen.add_broken("reference", 4, ["trip_id"], vehicle_id="V9999")
    pen.add_broken("allowed", 3, ["trip_id"], weather="frogs")
    pen.add_broken("required", 3, ["trip_id"], left_at=None)
    write_delimited(pen.finished(), path)


def _trip_stops(clean: pl.DataFrame, path: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Typed and columnar; the dirt is in the values."""
    table = "logistics.trip_stops"
    parts = [clean]
    for rule, count, change in (
        ("reference", 20, {"trip_id": pl.lit("R99999")}),
        ("required", 12, {"planned_at": pl.lit(None, pl.Datetime("us"))}),
        ("range", 10, {"leg_km": pl.lit(9_999.0)}),
    ):
        rows = clean[np.sort(rng.choice(len(clean), count, replace=False))]
        last = sum(len(part) for part in parts)
        parts.append(rows.with_columns(position=pl.int_range(last, last + count, dtype=pl.Int64), **change))
        dirt.breaks(table, rule, count)
    again = clean[np.sort(rng.choice(len(clean), 15, replace=False))].with_columns(leg_km=pl.lit(0.1))
    dirt.breaks(table, "unique", len(again))
    times = [name for name, kind in clean.schema.items() if kind == pl.Datetime]
    rows = pl.concat([*parts, again]).with_columns(pl.col(times).cast(pl.Datetime("ms")))
    write_parquet(
        rows,
        path,
        repeated=["latitude", "longitude", "place", "parcels", "leg_km", "planned_minutes"],
        encodings={
            "stop_id": "DELTA_BYTE_ARRAY",
            "position": "DELTA_BINARY_PACKED",
            "kg": "BYTE_STREAM_SPLIT",
            **dict.fromkeys(times, "DELTA_BINARY_PACKED"),
        },
    )
