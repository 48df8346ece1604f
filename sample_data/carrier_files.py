"""The carrier's files: spreadsheets of the office, exports of the shop, lines of the scanners."""

import io
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from sample_data.files import Dirt, Pen, write_bytes, write_delimited

_STAMP = datetime(2026, 11, 1)  # noqa: DTZ001 - a fixed date inside the workbook, so that its bytes never change


def write_carrier(
    tables: dict[str, pl.DataFrame], folder: Path, rng: np.random.Generator, dirt: Dirt
) -> None:
    """Writes all files of the carrier below `folder`."""
    _depots(tables["depots"], folder / "depots.xlsx")
    write_delimited(tables["carriers"], folder / "carriers.csv", separator=";", encoding="cp1250")
    shipments = Pen("logistics.shipments", tables["shipments"], rng, dirt)
    _shipments(shipments, folder / "shipments.csv.zst")
    items = Pen("logistics.shipment_items", tables["shipment_items"], rng, dirt)
    _items(items, folder / "shipment_items.tsv.gz")
    events = Pen("logistics.tracking_events", tables["tracking_events"], rng, dirt)
    _events(events, folder / "tracking_events.jsonl.zst")


def _depots(depots: pl.DataFrame, path: Path) -> None:
    """A workbook with real dates and numbers in its cells."""
    import xlsxwriter

    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": "Depots", "created": _STAMP})
        depots.write_excel(workbook, worksheet="depots", autofit=True)
    write_bytes(packed.getvalue(), path)


def _shipments(pen: Pen, path: Path) -> None:
    ordered = pl.col("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S")
    pen.rewrite("day-first time", 0.02, "ordered_at", ordered.dt.strftime("%d.%m.%Y %H:%M:%S"))
    grouped = pl.col("distance_km").str.replace(r"^(\d)(\d{3})", "$1,$2")
    pen.rewrite("thousands mark", 0.02, "distance_km", grouped)
    pen.rewrite("padding", 0.02, "destination_city", pl.format(" {} ", "destination_city"))
    for column in ("ordered_at", "dispatched_at", "promised_at", "delivered_at"):
        whole_minute = pl.col(column).str.strip_suffix(":00")
        pen.rewrite("no seconds", 1.0, column, whole_minute)
    pen.add_broken("reference", 12, ["shipment_id"], carrier_id="K99")
    pen.add_broken("allowed", 10, ["shipment_id"], service="overnight")
    pen.add_broken("range", 8, ["shipment_id"], distance_km="-1")
    pen.add_broken("type", 8, ["shipment_id"], promised_at="asap")
    pen.add_broken("required", 6, ["shipment_id"], promised_at=None)
    write_delimited(pen.finished(), path)


def _items(pen: Pen, path: Path) -> None:
    pen.add_broken("reference", 14, ["shipment_id"])
    pen.add_again(20, quantity="3")
    pen.add_broken("range", 9, [], line="900", weight_kg="-2.5")
    write_delimited(pen.finished(), path, separator="\t")


def _events(pen: Pen, path: Path) -> None:
    """One JSON object a line; what is not known is left out."""
    pen.add_broken("allowed", 15, ["event_id"], event_type="teleported")
    pen.add_broken("reference", 12, ["event_id"], shipment_id="S9999999")
    pen.add_again(25, location="?")
    lines = [
        json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False)
        for row in pen.finished().iter_rows(named=True)
    ]
    lines.append('{"event_id": "E0", "shipment_id": "S00')
    pen.dirt.breaks(pen.table, "unreadable", 1)
    write_bytes(("\n".join(lines) + "\n").encode(), path)
