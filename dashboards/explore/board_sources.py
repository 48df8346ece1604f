"""What a board is made from, and whether that has changed since."""

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

import duckdb

from analytics.task import Task
from pipelines.row_cut import RowCut
from pipelines.settings import Settings
from pipelines.table_changes import last_changes
from pipelines.warehouse import Warehouse, catalog_address, fingerprint, quoted

Answer = TypeVar("Answer")
_FORMAT = 2  # of the files: another one makes all boards anew


@dataclass(frozen=True)
class Origin:
    """Which cases a board holds: a task, the SQL that lists them, a moment, and whose rows."""

    task: Task
    sql: str
    as_of: datetime
    cut: RowCut | None
    encrypted: bool

    @cached_property
    def digest(self) -> str:
        """The same for the same cases, whatever their data say."""
        told = [
            _FORMAT,
            self.task.name,
            [band.name for band in self.task.bands],
            self.sql,
            self.as_of.isoformat(),
            self.cut.digest if self.cut else "",
            self.encrypted,
        ]
        return fingerprint(json.dumps(told))


class Scored(NamedTuple):
    """What was predicted for one moment: how many cases, when, from which snapshot."""

    as_of: datetime
    cases: int
    scored_at: str
    snapshot: str


Moments = tuple[Scored, ...]


@dataclass(frozen=True)
class State:
    """How the data behind a board stand: when each table changed last, what was predicted.

    `predictions` are those of the board's moment and of the one scored before it, where there are any.
    """

    tables: tuple[tuple[str, int], ...]
    predictions: Moments

    @cached_property
    def digest(self) -> str:
        return fingerprint(repr((self.tables, self.predictions)))

    def before(self, as_of: datetime) -> datetime | None:
        """The moment scored before `as_of`, if any."""
        return next((scored.as_of for scored in self.predictions if scored.as_of < as_of), None)


def state_of(settings: Settings, warehouse: Warehouse, origin: Origin, snapshot: int) -> State:
    """How the data behind a board stand in a snapshot."""
    return state_of_tables(settings, warehouse, origin.task, origin.as_of, tables_behind(origin), snapshot)


def state_of_tables(
    settings: Settings,
    warehouse: Warehouse,
    task: Task,
    as_of: datetime,
    tables: Iterable[str],
    snapshot: int,
) -> State:
    """The same, of the tables behind it (in order) and the predictions of a task."""
    lake, scored = catalog_address(settings), task.predictions_table
    changed = changes_until(settings, warehouse, snapshot)

    def moments() -> Moments:
        if scored not in changed:
            return ()
        with warehouse.reading(snapshot) as connection:
            return _moments_of(connection, scored, as_of)

    predictions = _moments.get((lake, scored, changed.get(scored, 0), as_of), moments)
    return State(tuple((table, changed.get(table, 0)) for table in tables), predictions)


def changes_until(settings: Settings, warehouse: Warehouse, snapshot: int) -> Mapping[str, int]:
    """`schema.table` -> the newest snapshot, up to this one, in which it changed."""

    def changes() -> dict[str, int]:
        with warehouse.reading(snapshot) as connection:
            return last_changes(connection, snapshot)

    return _changes.get((catalog_address(settings), snapshot), changes)


def _moments_of(connection: duckdb.DuckDBPyConnection, table: str, as_of: datetime) -> Moments:
    sql = f"""
        SELECT as_of, count(*) AS cases, max(scored_at) AS scored_at, max(snapshot_id) AS snapshot
        FROM {quoted(table)}
        WHERE as_of = $as_of OR as_of = (SELECT max(as_of) FROM {quoted(table)} WHERE as_of < $as_of)
        GROUP BY as_of ORDER BY as_of DESC
    """
    rows = connection.execute(sql, {"as_of": as_of}).fetchall()
    return tuple(Scored(at, cases, str(scored_at), str(snapshot)) for at, cases, scored_at, snapshot in rows)


def tables_behind(origin: Origin) -> list[str]:
    """The tables that decide what a board holds, predictions apart, sorted."""
    named = set(tables_in(origin.sql))
    if origin.cut:
        for rule in origin.cut.rules:
            named |= {rule.table, *(tables_in(rule.sql) if rule.sql else ())}
        named |= {table for link in origin.cut.links for table in (link.table, link.of)}
    return sorted(table for table in named if not table.startswith("predictions."))


@lru_cache(maxsize=256)
def tables_in(sql: str) -> frozenset[str]:
    """The `schema.table`s that a SELECT reads."""
    with duckdb.connect() as connection:
        row = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    return frozenset(_tables_in(json.loads(row[0]) if row else {}))


def _tables_in(parsed: Any) -> Iterator[str]:
    if isinstance(parsed, list):
        for each in parsed:
            yield from _tables_in(each)
    elif isinstance(parsed, dict):
        if parsed.get("type") == "BASE_TABLE" and parsed["schema_name"]:
            yield f"{parsed['schema_name']}.{parsed['table_name']}"
        for each in parsed.values():
            yield from _tables_in(each)


class _Remembered(Generic[Answer]):
    """Answers that never change, the newest of them."""

    def __init__(self, most: int) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._most, self._guard = most, Lock()

    def get(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        with self._guard:
            if key in self._answers:
                return self._answers[key]
        answer = make()
        with self._guard:
            self._answers[key] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return answer


_changes: _Remembered[dict[str, int]] = _Remembered(8)
_moments: _Remembered[Moments] = _Remembered(256)
