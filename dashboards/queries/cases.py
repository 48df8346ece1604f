"""Everything about one case: its score, how the score moved, what is known of it, what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from analytics.task import Task, Words
from dashboards.queries.reading import Read, has_table
from pipelines.records import quoted_column
from pipelines.warehouse import quoted

_ALL = 2**31 - 1  # events: as many as there are


@dataclass(frozen=True)
class Facts:
    """Columns of one table that describe a case. `sql` takes `$entity_id` and yields at most one row.

    Where it names `$as_of` too, it leaves out what became known after that day: the score did not know it.

    `labels` name columns whose contract is too short for it: the «name» of a carrier.
    """

    table: str
    sql: str
    labels: Mapping[str, Words] = field(default_factory=dict)

    @property
    def is_of_a_day(self) -> bool:
        """Whether what became known after the day of the score is left out."""
        return "$as_of" in self.sql


@dataclass(frozen=True)
class Events:
    """Records of one table about a case, newest first. `sql` takes `$entity_id`, `$until` and `$most`.

    `at` names the column with the time, `what` the column that says in words what happened, `value` and
    `unit` its measure. All are columns of the table's contract, so that they are masked like them.
    """

    table: str
    sql: str
    at: str
    what: str
    value: str = ""
    unit: str = ""


def rank(read: Read, task: Task, as_of: datetime, score: float) -> tuple[int, int]:
    """The place of a score among all of that moment (1 = highest), and how many there are."""
    sql = f"""
        SELECT 1 + count(*) FILTER (score > $score) AS place, count(*) AS cases
        FROM {quoted(task.predictions_table)} WHERE as_of = $as_of
    """
    place, cases = read(sql, {"as_of": as_of, "score": score}).row(0)
    return int(place), int(cases)


def facts(read: Read, wanted: Facts, entity_id: str, as_of: datetime) -> pl.DataFrame:
    """The facts of one case as scored at a moment: one row, or an empty frame if there are none."""
    if not has_table(read, wanted.table):
        return pl.DataFrame()
    given: dict[str, object] = {"entity_id": entity_id}
    return read(wanted.sql, given | {"as_of": as_of} if wanted.is_of_a_day else given)


def events(read: Read, wanted: Events, entity_id: str, until: datetime, most: int) -> pl.DataFrame:
    """The `most` newest events of one case before a moment, in the columns of their table."""
    if not has_table(read, wanted.table):
        return pl.DataFrame()
    return read(wanted.sql, {"entity_id": entity_id, "until": until, "most": most})


def event_counts(read: Read, wanted: Events, entity_id: str, until: datetime) -> pl.DataFrame:
    """How many events of each sort (`what`, as the table has it) a case had each day before a moment."""
    if not has_table(read, wanted.table):
        return pl.DataFrame()
    at, what = quoted_column(wanted.at), quoted_column(wanted.what)
    sql = f"""
        SELECT
            CAST(date_trunc('day', {at}) AS TIMESTAMP) AS at,
            CAST({what} AS VARCHAR) AS what,
            CAST(count(*) AS BIGINT) AS events
        FROM ({wanted.sql}) WHERE {at} IS NOT NULL GROUP BY ALL ORDER BY ALL
    """
    return read(sql, {"entity_id": entity_id, "until": until, "most": _ALL})


def spread(read: Read, task: Task, as_of: datetime) -> tuple[float, float]:
    """The lowest and the highest score of a moment."""
    sql = f"SELECT min(score), max(score) FROM {quoted(task.predictions_table)} WHERE as_of = $as_of"
    low, high = read(sql, {"as_of": as_of}).row(0)
    return float(low), float(high)
