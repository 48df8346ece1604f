"""From a declared source to a published load: the one way records come into the warehouse."""

import json
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from filelock import FileLock

from connectors.errors import AssistantError, UsageError, did_you_mean
from connectors.registry import connector_named, options_of
from pipelines.catalog import contracts, contracts_folder, save_contract, transforms
from pipelines.contract import Contract, Mode
from pipelines.derived import build_derived
from pipelines.drift import RowCount, row_count_far_off, schema_changes
from pipelines.extract import Plan, Progress, Staged, State, extract
from pipelines.inference import infer_contract
from pipelines.notices import notify, resolve
from pipelines.publish import Load, Published, new_load_id, publish
from pipelines.records import LOADS, NO_REPLAY, STATES
from pipelines.results import LoadResult
from pipelines.settings import Settings, SourceSettings, writable_home
from pipelines.warehouse import Warehouse, quoted


def ingest(
    settings: Settings,
    names: list[str] | None = None,
    progress: Progress | None = None,
    *,
    accept_row_count: bool = False,
) -> list[LoadResult]:
    """Loads sources (`load_sources`), then rebuilds the derived tables if anything has changed since."""
    results = load_sources(settings, names, progress, accept_row_count=accept_row_count)
    return results + build_derived(settings)


def load_sources(
    settings: Settings,
    names: list[str] | None = None,
    progress: Progress | None = None,
    *,
    accept_row_count: bool = False,
) -> list[LoadResult]:
    """Loads the named sources (default: all declared), those that others refer to first.

    A source that fails is reported in its result and does not stop the others. Raises UsageError for an
    unknown name, before anything is read; an error that nobody expected is raised after the last source.
    """
    results: list[LoadResult] = []
    unexpected: Exception | None = None
    for name in in_order(settings, names):
        began = time.monotonic()
        try:
            loaded = load_source(settings, name, progress, accept_row_count=accept_row_count)
        except AssistantError as error:
            subject = f"Source {name} was not loaded"
            notify(settings, "load_failed", name, subject, str(error))
            loaded = [LoadResult(name, _table_of(settings.sources[name]), error=str(error))]
        except Exception as error:  # noqa: BLE001 - told once the other sources have had their turn
            unexpected, loaded = unexpected or error, []
        else:
            resolve(settings, "load_failed", name)
        results += [replace(result, seconds=round(time.monotonic() - began, 2)) for result in loaded]
    if unexpected:
        raise unexpected
    return results


def load_source(
    settings: Settings, name: str, progress: Progress | None = None, *, accept_row_count: bool = False
) -> list[LoadResult]:
    """Loads one source; a second run of the same source waits for the first. Raises AssistantError."""
    declared = settings.sources[name]
    work = settings.home / "work" / name
    warehouse = Warehouse(settings)
    locks = writable_home(settings.home) / "locks"
    locks.mkdir(exist_ok=True)
    with FileLock(locks / f"source-{name}.lock"):
        shutil.rmtree(work, ignore_errors=True)  # what a run that died left behind
        try:
            return _load(settings, name, declared, warehouse, work, progress, accept_row_count)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _load(
    settings: Settings,
    name: str,
    declared: SourceSettings,
    warehouse: Warehouse,
    work: Path,
    progress: Progress | None,
    accept_row_count: bool,
) -> list[LoadResult]:
    load = Load(new_load_id(), name, datetime.now(UTC))
    source = open_source(settings, declared)
    inferred: list[Contract] = []
    plan = Plan(
        table_name=lambda resource: f"{declared.domain}.{declared.table or resource}",
        contract_for=partial(_contract_for, contracts(settings), declared, inferred),
        mode_for=partial(_mode_for, declared),
        transforms=transforms(),
        cursor=declared.incremental,
    )
    package = extract(source, plan, _remembered(warehouse, name), work, progress)
    if not package.tables:
        return [LoadResult(name, _table_of(declared), skipped=True)]
    changes = {staged.table: _accept(warehouse, name, staged, accept_row_count) for staged in package.tables}

    def bring_in(connection: duckdb.DuckDBPyConnection) -> list[Published]:
        done = publish(connection, load, package)
        for contract in inferred:  # before the commit: no table ever stands without its contract
            save_contract(contract, contracts_folder(settings, name))
        return done

    published = warehouse.write(bring_in)
    files = {staged.table: len(staged.files) for staged in package.tables}
    for table, found in changes.items():
        if found:
            notify(settings, "schema_change", table, f"The source of {table} changed", "; ".join(found))
    return [_result(name, load, p, changes[p.table], files[p.table]) for p in published]


def _result(name: str, load: Load, done: Published, changes: tuple[str, ...], files: int) -> LoadResult:
    return LoadResult(
        source=name,
        table=done.table,
        load_id=load.load_id,
        mode=done.mode,
        rows_in=done.rows_in,
        rows_clean=done.rows_clean,
        rows_quarantined=done.rows_quarantined,
        rows_changed=done.rows_changed,
        schema_changes=changes,
        warnings=done.warnings,
        files=files,
    )


def open_source(settings: Settings, declared: SourceSettings) -> Any:
    """The dlt source of a declaration, its options checked. Raises UsageError naming the option."""
    connector = connector_named(declared.connector)
    given = dict(declared.options)
    if "path" in given:
        given["path"] = settings.beside_config(str(given["path"]))
    for name, value in (("table", declared.table), ("incremental", declared.incremental)):
        if value and name in connector.options.model_fields:
            given.setdefault(name, value)
    if "whole" in connector.options.model_fields and declared.mode == "snapshot":
        given.setdefault("whole", True)
    source = connector.source(options_of(connector, given))
    if declared.table and len(source.resources) > 1:
        raise UsageError(
            f"The connector {connector.name} fills several tables: «{declared.table}» cannot hold them all.",
            "Leave out the table: each gets its own name.",
        )
    return source


def _accept(warehouse: Warehouse, source: str, staged: Staged, accept_row_count: bool) -> tuple[str, ...]:
    """Compares with the last load of this table; raises AssistantError where the load must not go on."""
    before = _last_load(warehouse, source, staged.table)
    known_columns = json.loads(before["schema"]) if before else {}
    changes = schema_changes(staged, known_columns)
    if not accept_row_count and staged.mode in ("replace", "snapshot") and before:
        standing = _standing_rows(warehouse, staged)
        row_count_far_off(staged.table, RowCount(before=standing, now=staged.rows_clean))
    return changes


def _standing_rows(warehouse: Warehouse, staged: Staged) -> int:
    """Rows of the table that this load would replace."""
    if not warehouse.exists(staged.table):
        return 0
    where, parameters = "true", {}
    if staged.mode == "replace":
        where, parameters = "_source IN (SELECT unnest($files))", {"files": list(staged.files)}
    return int(
        warehouse.query(
            f"SELECT count(*) FROM {quoted(staged.table)} WHERE {where}", parameters or None
        ).item()
    )


def _last_load(warehouse: Warehouse, source: str, table: str) -> dict[str, Any] | None:
    if not warehouse.exists(LOADS):
        return None
    rows = warehouse.query(
        f'SELECT * FROM {quoted(LOADS)} WHERE source = ? AND "table" = ? '
        f"AND {NO_REPLAY} ORDER BY finished_at DESC LIMIT 1",
        [source, table],
    )
    return rows.row(0, named=True) if rows.height else None


def _remembered(warehouse: Warehouse, source: str) -> State:
    if not warehouse.exists(STATES):
        return {}
    rows = warehouse.query(f"SELECT state FROM {quoted(STATES)} WHERE source = ?", [source])
    return json.loads(rows.item()) if rows.height else {}


def _contract_for(
    known: dict[str, Contract],
    declared: SourceSettings,
    inferred: list[Contract],
    table: str,
    sample: pl.DataFrame,
    decimal_mark: str,
) -> tuple[Contract, bool]:
    if table in known:
        contract = known[table]
        return (replace(contract, key=tuple(declared.key)) if declared.key else contract), False
    contract = infer_contract(table, sample, tuple(declared.key), decimal_mark)
    if sample.height:  # a header alone says nothing about types: that is left to the first records
        inferred.append(contract)
    return contract, True


def _mode_for(declared: SourceSettings, contract: Contract) -> Mode:
    mode: Mode = declared.mode or ("merge" if contract.key else "replace")
    if mode in ("merge", "snapshot") and not contract.key:
        raise UsageError(
            f"Mode {mode} of {contract.table} needs a key.",
            "Name the key columns with --key, or choose append or replace.",
        )
    return mode


def in_order(settings: Settings, names: Iterable[str] | None) -> list[str]:
    chosen = list(names) if names else list(settings.sources)
    for name in chosen:
        if name not in settings.sources:
            raise UsageError(f"There is no source «{name}».", did_you_mean(name, settings.sources))
    known = contracts(settings)
    fills = {name: _table_of(settings.sources[name]) for name in chosen}
    parents = {
        name: {c.references.rpartition(".")[0] for c in known[table].columns if c.references} - {table}
        if (table := fills[name]) in known
        else set()
        for name in chosen
    }
    ordered: list[str] = []
    while len(ordered) < len(chosen):
        waiting = [name for name in chosen if name not in ordered]
        tables = {fills[name] for name in waiting}
        free = [name for name in waiting if not parents[name] & tables]
        ordered += free or waiting[:1]
    return ordered


def _table_of(declared: SourceSettings) -> str:
    return f"{declared.domain}.{declared.table}" if declared.table else declared.domain
