"""Reading boards: each is attached to this process's DuckDB once, for all who ask it."""

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import duckdb

from dashboards.explore import board_files
from dashboards.explore.board_making import attach
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, catalog_address

_MOST_ATTACHED = 16  # boards of one home
_STILL_ASKED = 60.0  # seconds for which one whose file is gone may still be asked by a page being drawn
_MOST_HOMES = 2  # in one process; the dashboard has one


class BoardGoneError(Exception):
    """The file of a board was taken away, or is no board."""


@dataclass
class _Attached:
    alias: str  # quoted
    schema: Mapping[str, str]
    readers: int = 0
    used: float = 0.0  # when it was asked last, in seconds of the monotonic clock


@dataclass
class _Shelf:
    """The boards of one home that this process holds attached; its warehouse, so that DuckDB lives on."""

    settings: Settings
    warehouse: Warehouse
    boards: OrderedDict[str, _Attached] = field(default_factory=OrderedDict)
    guard: Lock = field(default_factory=Lock)

    @contextmanager
    def reading(self, key: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, _Attached]]:
        with self.warehouse.aside() as connection:
            with self.guard:
                board = self._attached(connection, key)
                board.readers += 1
            try:
                connection.execute(f"USE {board.alias}")
                yield connection, board
            finally:
                with self.guard:
                    board.readers -= 1

    def _attached(self, connection: duckdb.DuckDBPyConnection, key: str) -> _Attached:
        if key not in self.boards:
            self._let_go(connection)
            self.boards[key] = self._attach(connection, key)
        self.boards.move_to_end(key)
        self.boards[key].used = time.monotonic()
        return self.boards[key]

    def _attach(self, connection: duckdb.DuckDBPyConnection, key: str) -> _Attached:
        path = board_files.path_of(self.settings, key)
        if not path.exists():
            raise BoardGoneError(key)
        try:
            alias = attach(connection, self.settings, path, read_only=True)
        except duckdb.Error as error:  # damaged, or taken away just now
            raise BoardGoneError(key) from error
        try:
            rows = connection.execute(f"DESCRIBE {alias}.main.cases").fetchall()
        except duckdb.Error as error:
            connection.execute(f"DETACH {alias}")
            raise BoardGoneError(key) from error
        board_files.used(path)
        return _Attached(alias, {row[0]: row[1] for row in rows})

    def _let_go(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Detaches what nobody reads: boards whose file was taken away, then the longest unused."""
        idle = [key for key, board in self.boards.items() if not board.readers]
        room = max(0, len(idle) + 1 - _MOST_ATTACHED)
        for place, key in enumerate(idle):
            if place < room or self._is_over(key):
                connection.execute(f"DETACH {self.boards.pop(key).alias}")

    def _is_over(self, key: str) -> bool:
        unused = time.monotonic() - self.boards[key].used
        return unused > _STILL_ASKED and not board_files.path_of(self.settings, key).exists()


_shelves: OrderedDict[tuple[str, ...], _Shelf] = OrderedDict()
_guard = Lock()


@contextmanager
def reading(settings: Settings, key: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which a board is the relation `cases`. Raises BoardGoneError."""
    with _shelf(settings).reading(key) as (connection, _board):
        yield connection


def schema(settings: Settings, key: str) -> Mapping[str, str]:
    """The columns of a board and their DuckDB types. Raises BoardGoneError."""
    with _shelf(settings).reading(key) as (_connection, board):
        return board.schema


def _shelf(settings: Settings) -> _Shelf:
    key = (
        str(settings.home),
        catalog_address(settings),
        settings.memory,
        str(settings.threads),
        str(settings.encrypted),
    )
    with _guard:
        if key not in _shelves:
            _shelves[key] = _Shelf(settings, Warehouse(settings))
            while len(_shelves) > _MOST_HOMES:
                _shelves.popitem(last=False)
        _shelves.move_to_end(key)
        return _shelves[key]
