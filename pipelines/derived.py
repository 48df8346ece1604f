"""Tables made from other tables: one SELECT in a `.sql` file, declared in `[tables."domain.table"]`.

A derived table is rebuilt after a load changed something, in one transaction: readers see the old rows or
the new ones.
"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from connectors.errors import AssistantError
from pipelines.notices import notify, resolve
from pipelines.publish import new_load_id
from pipelines.records import LOADS, ensure_records
from pipelines.results import LoadResult
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, fingerprint, quoted

SOURCE = "derived"


def build_derived(settings: Settings) -> list[LoadResult]:
    """Rebuilds the derived tables that are missing, have new SQL, or are older than a load or replay.

    A table that cannot be built is reported in its result, with the database's words, and keeps its rows.
    """
    warehouse = Warehouse(settings)
    built = _built_since_the_last_change(warehouse)
    results = []
    for table, declared in settings.tables.items():
        path = Path(settings.beside_config(declared.sql))
        try:
            select = _select(path, table)
            result = (
                LoadResult(SOURCE, table, skipped=True)
                if built.get(table) == fingerprint(select)
                else _build(warehouse, table, select, path.name)
            )
            resolve(settings, "load_failed", table)
        except AssistantError as error:
            notify(settings, "load_failed", table, f"Table {table} was not built", str(error))
            result = LoadResult(SOURCE, table, error=str(error))
        results.append(result)
    return results


def _build(warehouse: Warehouse, table: str, select: str, file: str) -> LoadResult:
    began, started, load_id = time.monotonic(), datetime.now(UTC).replace(tzinfo=None), new_load_id()

    def work(connection: duckdb.DuckDBPyConnection) -> int:
        ensure_records(connection)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.partition('.')[0])}")
        connection.execute(
            f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT *, ?::VARCHAR AS _load_id, "
            f"?::VARCHAR AS _source, ?::TIMESTAMP AS _loaded_at FROM ({select})",
            [load_id, file, started],
        )
        row = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()
        rows = int(row[0]) if row else 0
        finished = datetime.now(UTC).replace(tzinfo=None)
        files = json.dumps([{"file": file, "rows": rows}])
        connection.execute(
            f"INSERT INTO {quoted(LOADS)} VALUES (?, ?, ?, 'derived', ?, ?, 0, ?, ?, ?, ?, '{{}}', ?)",
            [load_id, SOURCE, table, rows, rows, rows, started, finished, fingerprint(select), files],
        )
        return rows

    try:
        rows = warehouse.write(work)
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.ParserException) as error:
        raise AssistantError(
            f"{file}: the table {table} could not be built: {str(error).splitlines()[0]}.",
            "Nothing was changed. Correct the SQL; the tables it may read are in `sda status`.",
        ) from error
    seconds = round(time.monotonic() - began, 2)
    return LoadResult(SOURCE, table, load_id, "derived", rows, rows, 0, rows, files=1, seconds=seconds)


def _select(path: Path, table: str) -> str:
    if not path.is_file():
        raise AssistantError(
            f"Table {table}: the file {path} is missing.", "See [tables] in `assistant.toml`."
        )
    return path.read_text(encoding="utf-8").strip().rstrip(";")


def _built_since_the_last_change(warehouse: Warehouse) -> dict[str, str]:
    """The fingerprint of the SQL of each derived table that was built after everything else was loaded."""
    if not warehouse.exists(LOADS):
        return {}
    rows = warehouse.query(
        f'SELECT "table", max_by(contract_version, started_at) FROM {quoted(LOADS)} WHERE source = $derived '
        'GROUP BY "table" HAVING max(started_at) >= ALL ('
        f"SELECT finished_at FROM {quoted(LOADS)} WHERE source <> $derived AND rows_changed > 0)",
        {"derived": SOURCE},
    )
    return dict(rows.iter_rows())
