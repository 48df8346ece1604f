"""The board: the cases of one task and moment as a table of their own, which answers at once.

What a page lists is made of predictions and the tables that its SQL joins to them. Joined once, sorted by
score and kept in a file of its own (`board_files`), 10 million cases are filtered and sorted in the time of a
click. A board is made again when what it was made from has changed (`board_sources`); until then the old one
is served. It is a copy of personal data: as readable as the lake is, and never older than upkeep allows.
"""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillAtWork
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, Thread

import duckdb

from analytics.task import Task
from connectors.errors import AssistantError
from dashboards.explore import board_files, board_making, board_reading, board_sources
from dashboards.explore.board_sources import Origin
from pipelines.row_cut import RowCut
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

PATIENCE = 1.0  # seconds that a new board may take before the old one is shown
_log = logging.getLogger(__name__)
_underway: dict[tuple[str, str], "Future[None]"] = {}
_guard = Lock()


@dataclass(frozen=True)
class Board:
    """A board that can be asked. `key` names its content: what was answered for a key stays right.

    `schema` are its columns and their DuckDB types: those of the page's SQL, then `band_before`,
    `score_before` and `moved` ('new', 'up', 'down', 'same' against the moment scored before; all null where
    there was none), then the number that searches use (`explore_prefixes`). With `is_old` a newer one is
    being made.
    """

    key: str
    schema: Mapping[str, str] = field(compare=False)
    origin: Origin = field(compare=False, repr=False)
    is_old: bool = field(default=False, compare=False)


def board_of(
    settings: Settings,
    task: Task,
    cases_sql: str,
    as_of: datetime,
    *,
    snapshot: int | None = None,
    cut: RowCut | None = None,
    wait: bool = False,
) -> Board:
    """The board of the cases that `cases_sql` (it takes `$as_of`) yields, as they stood in a snapshot.

    Made now where there is none. Where there is one of older data, that one is given if the new one takes
    longer than PATIENCE, unless `wait`. With a `cut` it holds the rows of the cut alone. Raises
    AssistantError where it cannot be written.
    """
    warehouse = Warehouse(settings)
    chosen = warehouse.snapshot() if snapshot is None else snapshot
    origin = Origin(task, cases_sql, as_of, cut, settings.encrypted)
    state = board_sources.state_of(settings, warehouse, origin, chosen)
    key = f"{origin.digest}-{state.digest}"
    if board_files.path_of(settings, key).exists():
        return _opened(settings, key, origin)
    older = next(iter(board_files.all_of(settings, origin.digest)), None)
    making = _making(settings, warehouse, origin, state, chosen)
    if older is None or wait:
        making.result()
        return _opened(settings, key, origin, is_new=True)
    try:
        making.result(timeout=PATIENCE)
    except StillAtWork:
        return _opened(settings, older.stem, origin, is_old=True)
    except Exception as error:  # noqa: BLE001  whatever is wrong with the new one, the old one is there
        # Not the message: it may hold values of a record.
        _log.error("A board of %s could not be made again: %s", task.name, type(error).__name__)
        return _opened(settings, older.stem, origin, is_old=True)
    return _opened(settings, key, origin, is_new=True)


def laid_out(
    settings: Settings, task: Task, cases_sql: str, as_of: datetime, cut: RowCut | None = None
) -> Board | None:
    """The board of those cases as it was made last, whatever changed since; None where none was made."""
    origin = Origin(task, cases_sql, as_of, cut, settings.encrypted)
    found = next(iter(board_files.all_of(settings, origin.digest)), None)
    if found:
        with suppress(board_reading.BoardGoneError):
            return Board(found.stem, board_reading.schema(settings, found.stem), origin, is_old=True)
    return None


@contextmanager
def reading_board(settings: Settings, board: Board) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which a board is the relation `cases`; one whose file is gone is made again."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(board_reading.reading(settings, board.key))
        except board_reading.BoardGoneError:
            made = _again(settings, board.origin)
            connection = stack.enter_context(board_reading.reading(settings, made.key))
        yield connection


def _again(settings: Settings, origin: Origin) -> Board:
    return board_of(settings, origin.task, origin.sql, origin.as_of, cut=origin.cut, wait=True)


def _opened(
    settings: Settings, key: str, origin: Origin, *, is_old: bool = False, is_new: bool = False
) -> Board:
    """The board of that file. One that was taken away or damaged in this very moment is made again."""
    try:
        return Board(key, board_reading.schema(settings, key), origin, is_old)
    except board_reading.BoardGoneError:
        path = board_files.path_of(settings, key)
        is_there = path.exists()
        path.unlink(missing_ok=True)
    if is_new:
        for other in board_files.all_of(settings, origin.digest):  # made meanwhile, and took this one's place
            return _opened(settings, other.stem, origin, is_old=True)
        if is_there:
            raise AssistantError(
                f"The cases of {origin.task.name} were laid out in {path.parent}, but cannot be read there.",
                "Look at that disk, and whether this service may open files on it.",
            )
    return _again(settings, origin)


def _making(
    settings: Settings, warehouse: Warehouse, origin: Origin, state: board_sources.State, snapshot: int
) -> "Future[None]":
    """The making of a board, which all of this process who want it wait for together."""
    wanted = (str(settings.home), f"{origin.digest}-{state.digest}")
    with _guard:
        if wanted in _underway:
            return _underway[wanted]
        made: Future[None] = Future()
        _underway[wanted] = made

    def work() -> None:
        try:
            board_making.make(settings, warehouse, origin, state, snapshot)
        except BaseException as error:  # noqa: BLE001  those who wait are told
            made.set_exception(error)
        else:
            made.set_result(None)
        finally:
            with _guard:
                del _underway[wanted]

    Thread(target=work, name=f"board of {origin.task.name}", daemon=True).start()
    return made
