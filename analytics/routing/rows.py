"""Rows of the carrier's tables, whichever of their columns a lake has."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb

from connectors.errors import AssistantError
from pipelines.warehouse import quoted

Row = Mapping[str, Any]
Spans = Mapping[str, Sequence[tuple[float, float]]]

DEPOTS, FLEET, STOPS = "logistics.depots", "logistics.fleet", "logistics.stops"
WINDOWS = "logistics.stop_windows"
_COLUMNS = {
    DEPOTS: ("depot_id", "latitude", "longitude", "timezone"),
    FLEET: (
        *("vehicle_id", "capacity_kg", "capacity_l", "shift_start", "shift_end", "most_hours", "most_km"),
        *("skills", "fixed_cost", "cost_per_km", "cost_per_hour", "co2_g_per_km"),
    ),
    STOPS: (
        *("stop_id", "kind", "picked_up_at", "latitude", "longitude", "kg", "litres", "service_minutes"),
        *("skills", "priority", "prize"),
    ),
}


class Tables:
    """The planning tables as one connection sees them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._columns: dict[str, dict[str, str]] = {}
        # One look at the catalog: each costs as much as reading a table.
        for table, column, kind in connection.execute(
            "SELECT 'logistics.' || table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_catalog = current_database() AND table_schema = 'logistics'"
        ).fetchall():
            self._columns.setdefault(table, {})[column] = kind

    def depots(self) -> list[Row]:
        """All depots."""
        return self._rows(DEPOTS)

    def fleet(self, depot_id: str) -> list[Row]:
        """The depot's vehicles by their ids."""
        return self._rows(FLEET, "WHERE depot_id = ? ORDER BY vehicle_id", [depot_id])

    def stops(self, depot_id: str, day: date) -> list[Row]:
        """The depot's stops of a day by their ids."""
        return self._rows(STOPS, "WHERE depot_id = ? AND day = ? ORDER BY stop_id", [depot_id, day])

    def spans(self, depot_id: str, day: date, begins: datetime) -> Spans:
        """The windows of the day's stops, opening and closing in seconds since `begins`."""
        if WINDOWS not in self._columns:
            return {}
        found = self._connection.execute(_SPANS, [begins, begins, depot_id, day]).fetchall()
        spans: dict[str, list[tuple[float, float]]] = {}
        for stop_id, opens, closes in found:
            spans.setdefault(stop_id, []).append((opens, closes))
        return spans

    def newest_days(self, depot_id: str) -> list[tuple[date, int]]:
        """The last five days on which the depot has stops, and how many."""
        return self._connection.execute(
            "SELECT day, count(*) FROM logistics.stops WHERE depot_id = ? "
            "GROUP BY day ORDER BY day DESC LIMIT 5",
            [depot_id],
        ).fetchall()

    def _rows(self, table: str, rest: str = "", parameters: Sequence[Any] = ()) -> list[Row]:
        """Rows by column name, decimals as floats; a column that the table does not have yet is null."""
        kinds = self._columns.get(table)
        if not kinds:
            raise AssistantError(
                f"There is no table {table}.", "Load it first: `sda ingest` with a source that fills it."
            )
        columns = _COLUMNS[table]
        listed = ", ".join(_column(name, kinds.get(name)) for name in columns)
        found = self._connection.execute(f"SELECT {listed} FROM {quoted(table)} {rest}", parameters)
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


_SPANS = """
SELECT
    windows.stop_id,
    epoch(windows.opens_at) - epoch(CAST(? AS TIMESTAMP)),
    epoch(windows.closes_at) - epoch(CAST(? AS TIMESTAMP))
FROM logistics.stop_windows AS windows
WHERE windows.stop_id IN (SELECT stop_id FROM logistics.stops WHERE depot_id = ? AND day = ?)
"""


def _column(name: str, kind: str | None) -> str:
    if kind is None:
        return f"NULL AS {quoted(name)}"
    if kind.startswith("DECIMAL"):
        return f"CAST({quoted(name)} AS DOUBLE) AS {quoted(name)}"
    return quoted(name)
