"""Makes a board: one pass over the lake into a file of its own, whole or not at all."""

import json
from datetime import datetime
from itertools import count
from pathlib import Path

import duckdb
from tenacity import Retrying, retry_if_exception, retry_if_exception_type, stop_after_delay, wait_fixed

from connectors.errors import AssistantError
from dashboards.explore import board_files
from dashboards.explore.board_sources import Origin, State
from dashboards.queries.explore_prefixes import CODE, code_of
from pipelines.queries import literal
from pipelines.settings import Settings
from pipelines.signing import key_for
from pipelines.warehouse import Warehouse, quoted

ABOUT = "about"  # the table that says what a board was made from
_HELD_AT_MOST = 2.0  # seconds
_numbers = count(1)


def make(settings: Settings, warehouse: Warehouse, origin: Origin, state: State, snapshot: int) -> None:
    """Makes the board of a state, unless another process has just made it."""
    try:
        with board_files.making(settings, origin.digest):
            board_files.remove_unfinished(settings, origin.digest)
            if not board_files.path_of(settings, f"{origin.digest}-{state.digest}").exists():
                _make(settings, warehouse, origin, state, snapshot)
    except (duckdb.IOException, duckdb.OutOfMemoryException, OSError) as error:
        folder = board_files.path_of(settings, "").parent
        raise AssistantError(
            f"The cases of {origin.task.name} could not be laid out in {folder}: {error}.",
            "Free some space there or let this service write there (`sda status`), then open the page again.",
        ) from None


def _make(settings: Settings, warehouse: Warehouse, origin: Origin, state: State, snapshot: int) -> None:
    key = f"{origin.digest}-{state.digest}"
    path = board_files.unfinished(settings, key)
    try:
        _write(settings, warehouse, origin, state, snapshot, path)
        board_files.publish(settings, path, key)
    finally:
        for left in (path, path.with_name(path.name + ".wal")):
            left.unlink(missing_ok=True)


def attach(connection: duckdb.DuckDBPyConnection, settings: Settings, path: Path, *, read_only: bool) -> str:
    """Attaches the file of a board, encrypted where the lake is; gives the name it has there.

    Each has a name of its own, also the same file once more: where a transaction has listed what is attached
    and then finds a name that means another file, DuckDB ends the process. A file that another process still
    holds is waited for: its maker detached it, but one of its queries listed it in that very moment.
    """
    alias = f'"board-{next(_numbers)}"'
    options = ["READ_ONLY"] if read_only else []
    if settings.encrypted:
        options.append(f"ENCRYPTION_KEY {literal(key_for(settings, 'boards').hex())}")
    told = f" ({', '.join(options)})" if options else ""
    attempts = Retrying(
        retry=retry_if_exception(_is_held),
        wait=wait_fixed(0.05),
        stop=stop_after_delay(_HELD_AT_MOST),
        reraise=True,
    )
    attempts(connection.execute, f"ATTACH {literal(str(path))} AS {alias}{told}")
    return alias


def _is_held(error: BaseException) -> bool:
    return isinstance(error, duckdb.IOException) and "Could not set lock on file" in str(error)


def _write(
    settings: Settings, warehouse: Warehouse, origin: Origin, state: State, snapshot: int, path: Path
) -> None:
    with warehouse.reading(snapshot, origin.cut) as connection:
        alias = attach(connection, settings, path, read_only=False)
        try:
            made, given = f"CREATE TABLE {alias}.main", board_given(origin, state.before(origin.as_of))
            connection.execute(f"{made}.cases AS {board_sql(origin, coded=True)}", given)
            connection.execute(f"{made}.{ABOUT} AS SELECT ? AS about", [_about(origin, state)])
            _write_through(connection, alias)
        finally:
            connection.execute(f"DETACH {alias}")


def _write_through(connection: duckdb.DuckDBPyConnection, alias: str) -> None:
    """Brings what was written into the file itself: while anybody's query lists what is attached, DETACH puts
    off its own checkpoint, and the file would be empty when it is put into its place.

    It is refused while a transaction goes on that listed the file half made, and tried again: a forced one
    would wait for it, and let nobody list anything meanwhile.
    """
    attempts = Retrying(retry=retry_if_exception_type(duckdb.TransactionException), wait=wait_fixed(0.02))
    attempts(connection.execute, f"CHECKPOINT {alias}")


def board_given(origin: Origin, before: datetime | None) -> dict[str, object]:
    """The values in `board_sql`; `before` is the moment scored before."""
    return {
        "as_of": origin.as_of,
        "before": before,
        "bands": [band.name for band in origin.task.bands],
    }


def board_sql(origin: Origin, *, coded: bool = False) -> str:
    """What a board holds, in the order of the list: first pages and filters by band touch few of its blocks.

    It takes what `board_given` gives. With `coded` it has a column more, which searches by number use.
    """
    code = f", {code_of('cases.entity_id')} AS {CODE}" if coded else ""
    return f"""
        SELECT
            cases.*, earlier.band AS band_before, earlier.score AS score_before,
            CASE
                WHEN CAST($before AS TIMESTAMP) IS NULL THEN NULL
                WHEN earlier.entity_id IS NULL THEN 'new'
                WHEN earlier.band IS NOT DISTINCT FROM cases.band THEN 'same'
                WHEN coalesce(
                    list_position($bands, cases.band) > list_position($bands, earlier.band),
                    cases.score > earlier.score
                ) THEN 'up'
                ELSE 'down'
            END AS moved{code}
        FROM ({origin.sql}) AS cases
        LEFT JOIN (
            SELECT entity_id, band, score FROM {quoted(origin.task.predictions_table)} WHERE as_of = $before
        ) AS earlier ON earlier.entity_id = cases.entity_id
        ORDER BY cases.score DESC NULLS LAST, cases.entity_id
    """


def _about(origin: Origin, state: State) -> str:
    """What tells later whether the board is still true: its task, its moment, the tables behind it."""
    about = {
        "task": origin.task.name,
        "as_of": origin.as_of.isoformat(),
        "tables": [table for table, _changed in state.tables],
    }
    return json.dumps(about)
