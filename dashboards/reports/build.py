"""From a report's name to a finished report, out of one snapshot of the warehouse."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import duckdb

from analytics.catalog import task_named
from analytics.row_cuts import row_cut
from analytics.task import Task
from connectors.errors import AssistantError
from dashboards.addresses import link_to_model, link_to_page, link_to_quality
from dashboards.charts.chart import Chart
from dashboards.explore.subscribed import rule_of_same
from dashboards.explore.view import View
from dashboards.own_bands import with_bands
from dashboards.queries import models, predictions, reading
from dashboards.queries.home import last_load
from dashboards.reports import cut, viewed
from dashboards.reports.declared import blueprint_of, report_settings
from dashboards.reports.desk import Blueprint, Desk, Earlier, Scored
from dashboards.reports.document import Document
from dashboards.reports.facts import facts, warnings
from dashboards.reports.reader import Attributes, Reader
from dashboards.reports.report import Headlines, Paragraph, Report, Section, Table
from dashboards.reports.viewed import without_view
from dashboards.wording import say
from pipelines.access import visible_to
from pipelines.mailing import ReportSettings
from pipelines.row_cut import RowCut, Rule
from pipelines.settings import Settings
from pipelines.store import ModelVersion, Store, now
from pipelines.warehouse import Warehouse, quoted


@dataclass(frozen=True)
class Since:
    """The issue before of the same subscription: the snapshot it was made from, the moment of its data."""

    snapshot: int
    as_of: datetime


def build(
    settings: Settings,
    name: str,
    reader: Reader,
    *,
    snapshot: int | None = None,
    period: datetime | None = None,
    since: Since | None = None,
) -> Report:
    """The issue of report `name` for `period` (default: now), read from `snapshot` (default: the newest).

    What changed is told since the issue before (`since`), else since the moment scored before. Raises
    UsageError for an unknown report, section, attribute, language or role, AssistantError where there are
    no data yet.
    """
    say(reader.language)
    visible_to(reader.role)
    given = report_settings(settings, name)
    attributes = cut.attributes_for(name, given, reader.attributes)
    warehouse = Warehouse(settings)  # one for all: its database is open as long as something holds it
    chosen = warehouse.snapshot() if snapshot is None else snapshot
    with ExitStack() as stack:
        return _Issue(
            settings, warehouse, name, reader, given, attributes, chosen, period or now(), since, stack
        ).report()


@dataclass(eq=False)
class _Issue:
    """One issue in the making: connections that see the reader's rows, and the desk it is written at."""

    settings: Settings
    warehouse: Warehouse
    name: str
    reader: Reader
    given: ReportSettings
    attributes: Attributes
    snapshot: int
    period: datetime
    since: Since | None
    stack: ExitStack

    @cached_property
    def _blueprint(self) -> Blueprint[Any]:
        return blueprint_of(self.settings, self.name)

    @cached_property
    def _cut(self) -> RowCut | None:
        """The reader's own rows, and of them those that belong to the cases that pass the view."""
        if self._view is None:
            return self._cut_by()
        return self._cut_by(
            viewed.rule(self.settings, self.name, self.given, self._view, self.reader.role, self._whole)
        )

    @cached_property
    def _cut_earlier(self) -> RowCut | None:
        """The cut of an earlier snapshot: of a view the cases that pass it now, compared with themselves."""
        if self._view is None:
            return self._cut
        newest = predictions.days(self._whole, self._task)[0]
        return self._cut_by(rule_of_same(self._task, _catalog(self._now), newest))

    def _cut_by(self, *further: Rule) -> RowCut | None:
        return row_cut(self.settings, self.given.parameters, without_view(self.attributes), further)

    @cached_property
    def _view(self) -> View | None:
        return viewed.view_in(self.attributes)

    @cached_property
    def _task(self) -> Task:
        return with_bands(self.settings, task_named(self._blueprint.task, self.settings))

    @cached_property
    def _whole(self) -> reading.Read:
        """Queries on all rows: for what is no row of anybody."""
        return reading.reader(self._open(self.snapshot, None))

    @cached_property
    def _now(self) -> duckdb.DuckDBPyConnection:
        return self._open(self.snapshot, self._cut)

    def report(self) -> Report:
        """The finished report."""
        desk = self._scored() if self._blueprint.task else self._unscored()
        values = dict(self._blueprint.values(desk))
        parts = [*self._parts(desk)]
        sections = [part for part in parts if not isinstance(part, Document) and not _is_empty(part)]
        scored = desk if isinstance(desk, Scored) else None
        version = scored.version if scored else ""
        empty = not values.get("rows")
        return Report(
            name=self.name,
            title=self.given.title or self._blueprint.title(desk.language),
            summary=_nothing_to_report(desk) if empty else self._blueprint.summary(desk),
            organisation=desk.organisation,
            language=desk.language,
            timezone=desk.timezone,
            period=self.period,
            as_of=desk.as_of,
            snapshot=self.snapshot,
            model_version=version,
            link=self._link(),
            model_link=link_to_model(self.settings, scored.task.name, version) if scored else "",
            facts=tuple(facts(desk, self.snapshot, self._cut_in_words())),
            sections=(*self._first(desk, empty), *sections),
            documents=tuple(part for part in parts if isinstance(part, Document)),
            attributes=self.attributes,
            values=values,
        )

    def _parts(self, desk: Desk) -> Iterator[Section | Document]:
        for name in self.given.sections or self._blueprint.sections:
            yield from self._blueprint.sections[name](desk)

    def _first(self, desk: Desk, empty: bool) -> Iterator[Section]:
        """What stands above the sections that were chosen."""
        _ = desk.say
        if self._view is not None:
            filters = viewed.told(self.settings, self.given.task, self.attributes, desk.language)
            words = _(
                "This issue is about the cases of a view: {filters}. Changes compare them with themselves."
            )
            yield Paragraph(_("Only some cases"), words.format(filters=filters))
        if isinstance(desk, Scored):
            yield from warnings(desk)
        yield from self._blueprint.notice(desk)
        if empty:
            yield Paragraph(_("Nothing to report"), _nothing_to_report(desk), "notice")

    def _scored(self) -> Scored:
        blueprint, store, task = self._blueprint, Store(self.settings), self._task
        days = predictions.days(self._whole, task)
        if not days:
            raise AssistantError(
                f"Report «{self.name}» has nothing to show: {task.name} was not scored yet.",
                f"Run `sda train {task.name}` and `sda score {task.name}` first.",
            )
        sql = f"SELECT model_version FROM {quoted(task.predictions_table)} WHERE as_of = ? LIMIT 1"
        version = str(self._whole(sql, [days[0]])["model_version"][0])
        return Scored(
            **self._common(days[0], self._earlier(days, task.predictions_table)),
            task=task,
            cases=blueprint.cases,
            entity=blueprint.entity,
            version=version,
            model=_model(store, task.name, version),
            check=models.latest_check(store, task.name, version, days[0]),
        )

    def _unscored(self) -> Desk:
        table = self._blueprint.table
        as_of = last_load(self._whole, table)
        if as_of is None and table and reading.has_table(self._whole, table):  # made here, never loaded
            sql = "SELECT snapshot_time AS at FROM ducklake_snapshots('lake') WHERE snapshot_id = ?"
            as_of = self._whole(sql, [self.snapshot]).item()
        if as_of is None:
            raise AssistantError(
                f"Report «{self.name}» has nothing to show: nothing was loaded yet.",
                "Run `sda ingest` first.",
            )
        return Desk(**self._common(_naive(as_of), self._earlier_snapshot()))

    def _common(self, as_of: datetime, earlier: Earlier | None) -> dict[str, Any]:
        return {
            "settings": self.settings,
            "read": reading.reader(self._now),
            "reader": self.reader,
            "as_of": as_of,
            "period": self.period,
            "earlier": earlier,
            "table": self._blueprint.table,
            "contracts": self._blueprint.contracts,
            "whole": None if self.attributes else self._whole,
        }

    def _earlier(self, days: list[datetime], table: str) -> Earlier | None:
        """The issue before, else what the present snapshot knows of its moment, else the moment before."""
        if (found := self._earlier_snapshot()) and reading.has_table(found.read, table):
            return found
        before = _naive(self.since.as_of) if self.since else None
        before = before if before in days else next(iter(days[1:]), None)
        return Earlier(reading.reader(self._now), before, _catalog(self._now)) if before else None

    def _earlier_snapshot(self) -> Earlier | None:
        """The issue before in the snapshot it was made from; None where that is gone or there was none."""
        if self.since is None:
            return None
        as_of = _naive(self.since.as_of)
        if self.since.snapshot == self.snapshot:
            return Earlier(reading.reader(self._now), as_of, _catalog(self._now))
        sql = "SELECT 1 AS found FROM ducklake_snapshots('lake') WHERE snapshot_id = ?"
        if self._whole(sql, [self.since.snapshot]).is_empty():
            return None
        try:
            connection = self._open(self.since.snapshot, self._cut_earlier)
        except AssistantError:  # it knew nothing of what the rows are cut by
            return None
        return Earlier(reading.reader(connection), as_of, _catalog(connection))

    def _open(self, snapshot: int, rows: RowCut | None) -> duckdb.DuckDBPyConnection:
        return self.stack.enter_context(self.warehouse.reading(snapshot, rows))

    def _link(self) -> str:
        if self._blueprint.task:
            attributes, view = without_view(self.attributes), self._view.query() if self._view else ""
            return link_to_page(self.settings, self._blueprint.task, attributes, view)
        return link_to_quality(self.settings)

    def _cut_in_words(self) -> str:
        given, language = self.given, self.reader.language
        return cut.in_words(self.settings, given.parameters, self.attributes, language, given.task)


def _nothing_to_report(desk: Desk) -> str:
    _ = desk.say
    return _("There are no rows to report for this issue.")


def _is_empty(section: Section) -> bool:
    """Whether a section has nothing to show: it is left out rather than shown as a blank."""
    match section:
        case Chart():
            return section.is_empty
        case Table():
            return section.frame.is_empty()
        case Headlines():
            return not section.figures
        case _:
            return False


def _model(store: Store, task: str, version: str) -> ModelVersion | None:
    """What is known of the model that made the scores; None where it was not trained here."""
    with store.session() as session:
        return session.query(ModelVersion).filter_by(task=task, version=version).one_or_none()


def _catalog(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("SELECT current_database()").fetchone()
    return str(row[0]) if row else ""


def _naive(moment: datetime) -> datetime:
    """A moment as the lake has it: UTC, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
