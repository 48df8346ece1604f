"""Publishes one load in one transaction: clean rows, refused rows, the load's record, the source's memory.

What only the whole set can show is decided here in SQL: a key that appears twice, a reference to nothing.
Readers see all of a load or nothing of it, and a run that dies has published nothing.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import duckdb
import polars as pl

from connectors.errors import AssistantError
from pipelines.checks import ROW
from pipelines.contract import Contract
from pipelines.extract import Package, Staged
from pipelines.records import (
    LOADS,
    QUARANTINE,
    STATES,
    ensure_records,
    parquet,
    quoted_column,
    quoted_columns,
)
from pipelines.warehouse import columns_of, quoted
from pipelines.writing import LOADED_AT, Writing

_REFUSED = f"CREATE OR REPLACE TEMP TABLE refused ({ROW} BIGINT, rule VARCHAR, col VARCHAR, reason VARCHAR)"


@dataclass(frozen=True)
class Load:
    """One run of one source."""

    load_id: str
    source: str
    started_at: datetime

    @property
    def at(self) -> datetime:
        """When it started, in UTC without a zone, as the lake stores moments."""
        return self.started_at.astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Published:
    """What one load did to one table. Rows in = rows clean + rows quarantined, always."""

    table: str
    mode: str
    rows_in: int
    rows_clean: int
    rows_quarantined: int
    rows_changed: int
    warnings: tuple[str, ...] = ()


def new_load_id() -> str:
    """A name for a load that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"


def publish(connection: duckdb.DuckDBPyConnection, load: Load, package: Package) -> list[Published]:
    """Writes the package through `connection`'s open transaction; run it with `Warehouse.write`."""
    ensure_records(connection)
    published = [publish_table(connection, load, staged) for staged in _parents_first(package.tables)]
    connection.execute(f"DELETE FROM {quoted(STATES)} WHERE source = ?", [load.source])
    connection.execute(
        f"INSERT INTO {quoted(STATES)} VALUES (?, ?, ?)",
        [load.source, load.load_id, json.dumps(package.state)],
    )
    connection.execute("CALL lake.set_commit_message('sda', ?)", [f"load {load.load_id}"])
    return published


def publish_table(connection: duckdb.DuckDBPyConnection, load: Load, staged: Staged) -> Published:
    """Writes one table of a load; raises AssistantError if its rows do not add up."""
    _release_read_again(connection, load, staged)
    _quarantine_broken(connection, load, staged)
    if staged.contract is None:  # nothing of it could be read as a record
        nothing = Published(staged.table, staged.mode, staged.rows_in, 0, staged.rows_broken, 0)
        return _recorded(connection, load, staged, nothing)
    writing = Writing(connection, staged, staged.contract, load.load_id, load.at)
    writing.prepare_table()
    connection.execute(_REFUSED)
    _refuse_repeated_keys(connection, staged.contract, staged)
    warnings = _refuse_dangling_references(connection, staged.contract, staged)
    refused = _quarantine_refused(connection, load, staged, staged.contract)
    result = Published(
        staged.table,
        staged.mode,
        rows_in=staged.rows_in,
        rows_clean=staged.rows_clean - refused,
        rows_quarantined=staged.rows_broken + refused,
        rows_changed=writing.write(),
        warnings=tuple(warnings),
    )
    return _recorded(connection, load, staged, result)


def _refuse_repeated_keys(connection: duckdb.DuckDBPyConnection, contract: Contract, staged: Staged) -> None:
    """Of the records with one key the last stays: by the source's own clock if it has one, else as read.

    In append mode a key that the table already holds is refused as well.
    """
    if not contract.key or not staged.clean:
        return
    keys = quoted_columns(contract.key)
    order = f"{quoted_column(staged.cursor)} NULLS FIRST, {ROW}" if staged.cursor else ROW
    repeated = f"SELECT {keys} FROM {parquet(staged.clean)} GROUP BY ALL HAVING count(*) > 1"
    connection.execute(
        f"INSERT INTO refused SELECT {ROW}, 'unique', ?, ? "
        f"FROM {parquet(staged.clean)} SEMI JOIN ({repeated}) USING ({keys}) "
        f"QUALIFY lead({ROW}) OVER (PARTITION BY {keys} ORDER BY {order}) IS NOT NULL",
        [
            contract.key[0],
            f"the key ({', '.join(contract.key)}) appears again in this load; the last one was kept",
        ],
    )

    if staged.newer_than:
        connection.execute(
            f"INSERT INTO refused SELECT s.{ROW}, 'unique', ?, ? "
            f"FROM {parquet(staged.clean)} s JOIN {quoted(staged.table)} t USING ({keys}) "
            f"WHERE t.{LOADED_AT} >= s.{staged.newer_than} AND s.{ROW} NOT IN (SELECT {ROW} FROM refused)",
            [contract.key[0], f"the table has a newer record under this key ({', '.join(contract.key)})"],
        )
    if staged.mode == "append":
        connection.execute(
            f"INSERT INTO refused SELECT {ROW}, 'unique', ?, ? "
            f"FROM {parquet(staged.clean)} SEMI JOIN {quoted(staged.table)} USING ({keys}) "
            f"WHERE {ROW} NOT IN (SELECT {ROW} FROM refused)",
            [contract.key[0], f"the key ({', '.join(contract.key)}) is in the table already"],
        )


def _refuse_dangling_references(
    connection: duckdb.DuckDBPyConnection, contract: Contract, staged: Staged
) -> list[str]:
    warnings: list[str] = []
    if not staged.clean:
        return warnings
    for column in contract.columns:
        if not column.references:
            continue
        table, _, target = column.references.rpartition(".")
        if target not in columns_of(connection, table):
            warnings.append(
                f"{column.name}: not checked against {column.references}, which is not loaded yet"
            )
            continue
        name, parent = quoted_column(column.name), quoted_column(target)
        known = f"SELECT {parent} AS {name} FROM {quoted(table)}"
        if table == contract.table:
            known += f" UNION ALL SELECT {parent} FROM {parquet(staged.clean)}"
        dangling = (
            f"FROM {parquet(staged.clean)} ANTI JOIN ({known}) USING ({name}) "
            f"WHERE {name} IS NOT NULL AND {ROW} NOT IN (SELECT {ROW} FROM refused)"
        )
        if column.on_missing_reference == "warn":
            missing = _count(connection, f"SELECT count(*) {dangling}")
            if missing:
                warnings.append(f"{column.name}: {missing} rows refer to no {column.references}")
            continue
        connection.execute(
            f"INSERT INTO refused SELECT {ROW}, 'reference', ?, ? {dangling}",
            [column.name, f"{column.name} refers to no {column.references}"],
        )
    return warnings


def _quarantine_refused(
    connection: duckdb.DuckDBPyConnection, load: Load, staged: Staged, contract: Contract
) -> int:
    refused = _count(connection, "SELECT count(*) FROM refused")
    if refused:
        fields = ", ".join(f"{c} := {c}" for c in map(quoted_column, contract.names))
        connection.register(
            "spans",
            pl.DataFrame(staged.spans, schema=["first_row", "span_file", "first_record"], orient="row"),
        )
        connection.execute(
            f"INSERT INTO {quoted(QUARANTINE)} "
            "SELECT uuid()::VARCHAR, ?, ?, ?, r.rule, r.reason, r.col, ?, span_file, "
            f"s.{ROW} - first_row + first_record, to_json(struct_pack({fields})), ?, NULL "
            f"FROM {parquet(staged.clean)} s JOIN refused r USING ({ROW}) "
            f"ASOF JOIN spans ON s.{ROW} >= spans.first_row",
            [load.load_id, load.source, staged.table, contract.version, load.at],
        )
        connection.unregister("spans")
    return refused


def _release_read_again(connection: duckdb.DuckDBPyConnection, load: Load, staged: Staged) -> None:
    """Records that wait from a file which is now read again as a whole make room for its present state."""
    if staged.cursor or staged.newer_than:
        return
    connection.execute(
        f"UPDATE {quoted(QUARANTINE)} SET replayed_at = ? WHERE replayed_at IS NULL "
        'AND source = ? AND "table" = ? AND file IN (SELECT unnest(?::VARCHAR[]))',
        [load.at, load.source, staged.table, list(staged.files)],
    )


def _quarantine_broken(connection: duckdb.DuckDBPyConnection, load: Load, staged: Staged) -> None:
    if staged.broken:
        connection.execute(
            f"INSERT INTO {quoted(QUARANTINE)} "
            'SELECT uuid()::VARCHAR, ?, ?, ?, rule, reason, "column", contract_version, file, position, '
            "record, ?, NULL "
            f"FROM {parquet(staged.broken)}",
            [load.load_id, load.source, staged.table, load.at],
        )


def _recorded(
    connection: duckdb.DuckDBPyConnection, load: Load, staged: Staged, result: Published
) -> Published:
    if result.rows_in != result.rows_clean + result.rows_quarantined:
        raise AssistantError(
            f"{result.table}: {result.rows_in} rows came in, but {result.rows_clean} clean and "
            f"{result.rows_quarantined} quarantined were counted.",
            "Nothing was changed. This is a fault of the program: please report it.",
        )
    files = [{"file": file, "rows": rows} for file, rows in staged.files.items()]
    connection.execute(
        f"INSERT INTO {quoted(LOADS)} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            load.load_id,
            load.source,
            result.table,
            result.mode,
            result.rows_in,
            result.rows_clean,
            result.rows_quarantined,
            result.rows_changed,
            load.at,
            datetime.now(UTC).replace(tzinfo=None),
            staged.contract.version if staged.contract else "",
            json.dumps(staged.given, ensure_ascii=False),
            json.dumps(files, ensure_ascii=False),
        ],
    )
    return result


def _parents_first(tables: list[Staged]) -> list[Staged]:
    """Tables that others refer to come first, so that a reference within one load is found."""
    ordered: list[Staged] = []
    waiting = list(tables)
    while waiting:
        names = {staged.table for staged in waiting}
        free = [s for s in waiting if not (_parents(s.contract) & names - {s.table})] or waiting[:1]
        ordered += free
        waiting = [staged for staged in waiting if staged not in free]
    return ordered


def _parents(contract: Contract | None) -> set[str]:
    return {c.references.rpartition(".")[0] for c in contract.columns if c.references} if contract else set()


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
