"""What an issue is read from: a snapshot of the warehouse as its reader may see it, and the issue before."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import duckdb

from analytics.catalog import task_named
from analytics.row_cuts import row_cut
from analytics.task import Task
from connectors.errors import AssistantError
from dashboards.explore.subscribed import rule_of_same
from dashboards.explore.view import View
from dashboards.own_bands import with_bands
from dashboards.queries import predictions, reading
from dashboards.reports import viewed
from dashboards.reports.desk import Earlier
from dashboards.reports.reader import Attributes, Reader
from dashboards.reports.viewed import without_view
from pipelines.mailing import ReportSettings
from pipelines.row_cut import RowCut, Rule
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


@dataclass(frozen=True)
class Since:
    """The issue before of the same subscription: the snapshot it was made from, the moment of its data."""

    snapshot: int
    as_of: datetime


@dataclass(eq=False)
class Source:
    """The connections of one issue, open as long as `stack` is. `about` is the name of its task, if any."""

    settings: Settings
    warehouse: Warehouse
    name: str
    reader: Reader
    given: ReportSettings
    attributes: Attributes
    about: str
    snapshot: int
    since: Since | None
    stack: ExitStack

    @cached_property
    def _cut(self) -> RowCut | None:
        """The reader's own rows, and of them those that belong to the cases that pass the view."""
        if self.view is None:
            return self._cut_by()
        return self._cut_by(
            viewed.rule(self.settings, self.name, self.given, self.view, self.reader.role, self.whole)
        )

    @cached_property
    def _cut_earlier(self) -> RowCut | None:
        """The cut of an earlier snapshot: of a view the cases that pass it now, compared with themselves."""
        if self.view is None:
            return self._cut
        newest = predictions.days(self.whole, self.task)[0]
        return self._cut_by(rule_of_same(self.task, _catalog(self.now), newest))

    def _cut_by(self, *further: Rule) -> RowCut | None:
        return row_cut(self.settings, self.given.parameters, without_view(self.attributes), further)

    @cached_property
    def view(self) -> View | None:
        """The view that the issue is about, if it is about one."""
        return viewed.view_in(self.attributes)

    @cached_property
    def task(self) -> Task:
        """The task of the report; only asked for where it has one."""
        return with_bands(self.settings, task_named(self.about, self.settings))

    @cached_property
    def whole(self) -> reading.Read:
        """Queries on all rows: for what is no row of anybody."""
        return reading.reader(self._open(self.snapshot, None))

    @cached_property
    def now(self) -> duckdb.DuckDBPyConnection:
        """The reader's rows, of this snapshot."""
        return self._open(self.snapshot, self._cut)

    def earlier(self, days: list[datetime], table: str) -> Earlier | None:
        """The issue before, else what the present snapshot knows of its moment, else the moment before."""
        if (found := self.earlier_snapshot()) and reading.has_table(found.read, table):
            return found
        before = naive(self.since.as_of) if self.since else None
        before = before if before in days else next(iter(days[1:]), None)
        return Earlier(reading.reader(self.now), before, _catalog(self.now)) if before else None

    def earlier_snapshot(self) -> Earlier | None:
        """The issue before in the snapshot it was made from; None where that is gone or there was none."""
        if self.since is None:
            return None
        as_of = naive(self.since.as_of)
        if self.since.snapshot == self.snapshot:
            return Earlier(reading.reader(self.now), as_of, _catalog(self.now))
        sql = "SELECT 1 AS found FROM ducklake_snapshots('lake') WHERE snapshot_id = ?"
        if self.whole(sql, [self.since.snapshot]).is_empty():
            return None
        try:
            connection = self._open(self.since.snapshot, self._cut_earlier)
        except AssistantError:  # it knew nothing of what the rows are cut by
            return None
        return Earlier(reading.reader(connection), as_of, _catalog(connection))

    def _open(self, snapshot: int, rows: RowCut | None) -> duckdb.DuckDBPyConnection:
        return self.stack.enter_context(self.warehouse.reading(snapshot, rows))


def _catalog(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("SELECT current_database()").fetchone()
    return str(row[0]) if row else ""


def naive(moment: datetime) -> datetime:
    """A moment as the lake has it: UTC, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
