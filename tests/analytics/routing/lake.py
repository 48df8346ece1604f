"""A small carrier in the lake of a fresh home: its depot, vans, stops, windows and past trips."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from pipelines.contract import DUCKDB_TYPES, Contract
from pipelines.logistics import contracts as logistics
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

DAY = date(2026, 11, 2)  # a Monday
BEGINS = datetime(2026, 11, 1, 23)  # midnight in Berlin
Rows = Sequence[Mapping[str, Any]]
DEPOT: dict[str, Any] = {
    "depot_id": "D01",
    "name": "North",
    "latitude": 53.55,
    "longitude": 9.99,
    "daily_capacity": 900,
    "opened_on": date(2010, 1, 1),
    "timezone": "Europe/Berlin",
}


def van(name: str, **given: Any) -> dict[str, Any]:
    """A row of logistics.fleet."""
    shift = {"shift_start": "07:00", "shift_end": "16:00"}
    costs = {"fixed_cost": 50, "cost_per_km": 0.3, "cost_per_hour": 27.5, "co2_g_per_km": 240.0}
    size = {"capacity_kg": 900.0, "capacity_l": 8_000.0}
    return {"vehicle_id": name, "depot_id": "D01", **size, **shift, **costs, **given}


def stop(name: str, **given: Any) -> dict[str, Any]:
    """A row of logistics.stops."""
    where = {"latitude": 53.56, "longitude": 10.01}
    goods = {"kind": "delivery", "kg": 12.0, "litres": 80.0, "service_minutes": 5.0}
    ordered = {"ordered_at": datetime(2026, 11, 1, 9)}
    return {"stop_id": name, "depot_id": "D01", "day": DAY, **where, **goods, **ordered, **given}


def window(name: str, opens: float, closes: float) -> dict[str, Any]:
    """A row of logistics.stop_windows; local hours of the day."""
    at = [BEGINS + timedelta(hours=hour) for hour in (opens, closes)]
    return {"stop_id": name, "opens_at": at[0], "closes_at": at[1]}


def fill(settings: Settings, rows: Mapping[str, Rows | pl.DataFrame]) -> None:
    """Makes these and `depots` the carrier's tables (`fleet`, `stops` …), as their contracts have them."""
    contracts = {contract.table.partition(".")[2]: contract for contract in logistics.CONTRACTS}

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("DROP SCHEMA IF EXISTS logistics CASCADE")
        connection.execute("CREATE SCHEMA logistics")
        for name, given in {"depots": [DEPOT], **rows}.items():
            _create(connection, contracts[name], given)

    Warehouse(settings).write(work)


def _create(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: Rows | pl.DataFrame) -> None:
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, infer_schema_length=None)
    columns = ", ".join(
        f"CAST({quoted(column.name) if column.name in frame.columns else 'NULL'} "
        f"AS {DUCKDB_TYPES[column.type]}) AS {quoted(column.name)}"
        for column in contract.columns
    )
    connection.register("frame", frame.to_arrow() if frame.columns else pl.DataFrame({"none": []}).to_arrow())
    connection.execute(f"CREATE TABLE {quoted(contract.table)} AS SELECT {columns} FROM frame")
