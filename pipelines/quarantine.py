"""Refused records: what they are, and how they come back after a fix."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from connectors.errors import AssistantError, UsageError
from pipelines.access import for_person, visible_to
from pipelines.catalog import contract_of, contracts, transforms
from pipelines.checks import ROW, check, matched_columns
from pipelines.contract import Column, Contract
from pipelines.extract import SOURCE_FILE, Staged
from pipelines.publish import Load, Published, new_load_id, publish_table
from pipelines.records import QUARANTINE
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

# A line that could not be read as a record has no fields to check again.
_UNREADABLE = "unreadable"
_SUMMARY_SCHEMA = {
    "table": pl.String(),
    "rule": pl.String(),
    "reason": pl.String(),
    "records": pl.Int64(),
    "last_at": pl.Datetime("us"),
}


def summary(settings: Settings) -> pl.DataFrame:
    """Waiting records counted by table, rule and reason, the newest first."""
    warehouse = Warehouse(settings)
    if not warehouse.exists(QUARANTINE):
        return pl.DataFrame(schema=_SUMMARY_SCHEMA)
    return warehouse.query(
        'SELECT "table", rule, reason, count(*) AS records, max(quarantined_at) AS last_at '
        f"FROM {quoted(QUARANTINE)} WHERE replayed_at IS NULL GROUP BY ALL "
        "ORDER BY last_at DESC, records DESC"
    )


def show(settings: Settings, table: str, role: str, *, rule: str = "", limit: int = 50) -> pl.DataFrame:
    """Waiting records of one table, newest first, with their personal fields masked for `role`."""
    visible_to(role)  # an unknown role is told before anything is read
    waiting = _waiting(Warehouse(settings), table, rule=rule, limit=limit)
    contract = contracts(settings).get(table)
    return waiting.with_columns(
        pl.col("record").map_elements(
            lambda record: _masked(settings, record, contract, role), return_dtype=pl.String
        )
    )


def replay(settings: Settings, table: str, *, rule: str = "", load_id: str = "") -> Published:
    """Feeds the waiting records of `table` through its contract again, as a load of its own.

    What passes enters the table, unless the table has learned something newer under that key since; what
    fails waits again, with its new reason. One transaction. Raises UsageError where nothing waits.
    """
    warehouse = Warehouse(settings)
    waiting = _waiting(warehouse, table, rule=rule, load_id=load_id).filter(pl.col("rule") != _UNREADABLE)
    if waiting.is_empty():
        raise UsageError(f"No record of {table} waits that could be replayed.", "See `sda quarantine list`.")
    contract = contract_of(table, settings)
    work = settings.home / "work" / f"replay-{new_load_id()}"
    try:
        feeds = [
            (_load_of(group), _staged(contract, group, work / str(number)), group["record_id"])
            for number, group in enumerate(waiting.partition_by("source"))
        ]
        done = warehouse.write(lambda connection: [_publish(connection, *feed) for feed in feeds])
        return _total(done)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _load_of(waiting: pl.DataFrame) -> Load:
    """A replay counts as a load of the source the records came from."""
    return Load(f"replay-{new_load_id()}", waiting["source"][0], datetime.now(UTC))


def _total(done: list[Published]) -> Published:
    return Published(
        done[0].table,
        done[0].mode,
        rows_in=sum(each.rows_in for each in done),
        rows_clean=sum(each.rows_clean for each in done),
        rows_quarantined=sum(each.rows_quarantined for each in done),
        rows_changed=sum(each.rows_changed for each in done),
    )


def _publish(
    connection: duckdb.DuckDBPyConnection, load: Load, staged: Staged, replayed: pl.Series
) -> Published:
    marked = connection.execute(
        f"UPDATE {quoted(QUARANTINE)} SET replayed_at = ? "
        "WHERE replayed_at IS NULL AND record_id IN (SELECT unnest(?::VARCHAR[]))",
        [load.at, replayed.to_list()],
    ).fetchone()
    if marked != (len(replayed),):
        raise AssistantError(
            f"Some of these records of {staged.table} were replayed or read again meanwhile.",
            "Nothing was changed. Run it again.",
        )
    return publish_table(connection, load, staged)


def _staged(contract: Contract, waiting: pl.DataFrame, work: Path) -> Staged:
    records = pl.DataFrame(
        [{name: _text(value) for name, value in json.loads(record).items()} for record in waiting["record"]],
        infer_schema_length=None,
    )
    checked = check(records, contract, transform=transforms().get(contract.table))
    origin = waiting.select(
        pl.int_range(pl.len()).alias(ROW),
        pl.col("file").alias(SOURCE_FILE),
        # A record refused for its key lost to the one in the table, however old that is.
        pl.when(rule="unique").then(pl.datetime(1, 1, 1)).otherwise("quarantined_at").alias("_yields_from"),
    )
    staged = Staged(
        contract.table, contract, "merge" if contract.key else "append", cursor="", newer_than="_yields_from"
    )
    staged.rows_in, staged.rows_broken = waiting.height, checked.broken.height
    staged.files.update(waiting["file"].to_list())
    staged.spans = [(row, *place) for row, place in enumerate(waiting.select("file", "position").iter_rows())]
    work.mkdir(parents=True)
    staged.clean = [work / "clean.parquet"]
    checked.clean.join(origin, on=ROW).write_parquet(staged.clean[0])
    if checked.broken.height:
        staged.broken = [work / "broken.parquet"]
        places = waiting.select("file", "position")[checked.broken[ROW]]
        version = pl.lit(contract.version).alias("contract_version")
        checked.broken.drop(ROW).hstack(places).with_columns(version).write_parquet(staged.broken[0])
    return staged


def _waiting(
    warehouse: Warehouse, table: str, *, rule: str = "", load_id: str = "", limit: int | None = None
) -> pl.DataFrame:
    if not warehouse.exists(QUARANTINE):
        raise UsageError("Nothing has been loaded yet.", "Run `sda ingest` first.")
    return warehouse.query(
        f'SELECT * FROM {quoted(QUARANTINE)} WHERE replayed_at IS NULL AND "table" = $table '
        "AND ($rule = '' OR rule = $rule) AND ($load_id = '' OR load_id = $load_id) "
        f"ORDER BY quarantined_at DESC, file, position {f'LIMIT {int(limit)}' if limit else ''}",
        {"table": table, "rule": rule, "load_id": load_id},
    )


def _masked(settings: Settings, record: str, contract: Contract | None, role: str) -> str:
    if contract is None or not record.startswith("{"):
        # Text whose fields are unknown may hold anything: only who may see free text sees it.
        return record if "free_text" in visible_to(role) else "•••"
    fields = {name: _text(value) for name, value in json.loads(record).items()}
    frame = pl.DataFrame([fields], schema=dict.fromkeys(fields, pl.String()))
    given = {source: name for name, source in matched_columns(contract, frame.columns).items()}
    # So may a field that the contract does not know.
    strangers = tuple(Column(name, personal="free_text") for name in fields if name not in given)
    known = replace(contract, columns=contract.columns + strangers)
    masked = for_person(settings, frame.rename(given), known, role)
    return json.dumps(masked.row(0, named=True), ensure_ascii=False)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
