"""From a report's name to a finished report, out of one snapshot of the warehouse."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.errors import AssistantError
from dashboards.addresses import link_to_model, link_to_page, link_to_quality, spoken
from dashboards.charts.chart import Chart
from dashboards.queries import models, predictions, reading
from dashboards.queries.home import last_load
from dashboards.reports import cut, viewed
from dashboards.reports.declared import blueprint_of, report_settings
from dashboards.reports.desk import Blueprint, Desk, Earlier, Scored
from dashboards.reports.document import Document
from dashboards.reports.facts import facts, warnings
from dashboards.reports.reader import Reader
from dashboards.reports.report import Headlines, Paragraph, Report, Section, Table
from dashboards.reports.source import Since, Source, naive
from dashboards.reports.titled import titled
from dashboards.reports.viewed import without_view
from dashboards.wording import say
from pipelines.access import visible_to
from pipelines.settings import Settings
from pipelines.store import ModelVersion, Store, now
from pipelines.warehouse import Warehouse, quoted


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
    blueprint = blueprint_of(settings, name)
    with ExitStack() as stack:
        source = Source(
            settings, warehouse, name, reader, given, attributes, blueprint.task, chosen, since, stack
        )
        return _Issue(source, blueprint, period or now()).report()


@dataclass(frozen=True, eq=False)
class _Issue:
    """One issue in the making, out of its source."""

    source: Source
    blueprint: Blueprint[Any]
    period: datetime

    def report(self) -> Report:
        """The finished report."""
        desk = self._scored() if self.blueprint.task else self._unscored()
        values = dict(self.blueprint.values(desk))
        parts = [*self._parts(desk)]
        sections = [part for part in parts if not isinstance(part, Document) and not _is_empty(part)]
        scored = desk if isinstance(desk, Scored) else None
        version = scored.version if scored else ""
        empty = not values.get("rows")
        return Report(
            name=self.source.name,
            title=self._title(),
            summary=_nothing_to_report(desk) if empty else self.blueprint.summary(desk),
            organisation=desk.organisation,
            language=desk.language,
            timezone=desk.timezone,
            period=self.period,
            as_of=desk.as_of,
            snapshot=self.source.snapshot,
            model_version=version,
            link=self._link(),
            model_link=self._model_link(scored) if scored else "",
            facts=tuple(facts(desk, self.source.snapshot, self._cut_in_words())),
            sections=(*self._first(desk, empty), *sections),
            documents=tuple(part for part in parts if isinstance(part, Document)),
            attributes=self.source.attributes,
            values=values,
        )

    def _parts(self, desk: Desk) -> Iterator[Section | Document]:
        for name in self.source.given.sections or self.blueprint.sections:
            yield from self.blueprint.sections[name](desk)

    def _first(self, desk: Desk, empty: bool) -> Iterator[Section]:
        """What stands above the sections that were chosen."""
        _ = desk.say
        if filters := self._view_in_words():
            words = _(
                "This issue is about the cases of a view: {filters}. Changes compare them with themselves."
            )
            yield Paragraph(_("Only some cases"), words.format(filters=filters))
        if isinstance(desk, Scored):
            yield from warnings(desk)
        yield from self.blueprint.notice(desk)
        if empty:
            yield Paragraph(_("Nothing to report"), _nothing_to_report(desk), "notice")

    def _scored(self) -> Scored:
        blueprint, store, task = self.blueprint, Store(self.source.settings), self.source.task
        days = predictions.days(self.source.whole, task)
        if not days:
            raise AssistantError(
                f"Report «{self.source.name}» has nothing to show: {task.name} was not scored yet.",
                f"Run `sda train {task.name}` and `sda score {task.name}` first.",
            )
        sql = f"SELECT model_version FROM {quoted(task.predictions_table)} WHERE as_of = ? LIMIT 1"
        version = str(self.source.whole(sql, [days[0]])["model_version"][0])
        return Scored(
            **self._common(days[0], self.source.earlier(days, task.predictions_table)),
            task=task,
            cases=blueprint.cases,
            entity=blueprint.entity,
            version=version,
            model=_model(store, task.name, version),
            check=models.latest_check(store, task.name, version, days[0]),
        )

    def _unscored(self) -> Desk:
        table = self.blueprint.table
        as_of = last_load(self.source.whole, table)
        if as_of is None and table and reading.has_table(self.source.whole, table):  # made here, never loaded
            sql = "SELECT snapshot_time AS at FROM ducklake_snapshots('lake') WHERE snapshot_id = ?"
            as_of = self.source.whole(sql, [self.source.snapshot]).item()
        if as_of is None:
            raise AssistantError(
                f"Report «{self.source.name}» has nothing to show: nothing was loaded yet.",
                "Run `sda ingest` first.",
            )
        return Desk(**self._common(naive(as_of), self.source.earlier_snapshot()))

    def _common(self, as_of: datetime, earlier: Earlier | None) -> dict[str, Any]:
        return {
            "settings": self.source.settings,
            "read": reading.reader(self.source.now),
            "reader": self.source.reader,
            "as_of": as_of,
            "period": self.period,
            "earlier": earlier,
            "table": self.blueprint.table,
            "contracts": self.blueprint.contracts,
            "whole": None if self.source.attributes else self.source.whole,
        }

    def _link(self) -> str:
        source = self.source
        if self.blueprint.task:
            attributes, view = without_view(source.attributes), source.view.query() if source.view else ""
            link = link_to_page(source.settings, self.blueprint.task, attributes, view)
        else:
            link = link_to_quality(source.settings)
        return spoken(source.settings, link, source.reader.language)

    def _model_link(self, scored: Scored) -> str:
        settings = self.source.settings
        link = link_to_model(settings, scored.task.name, scored.version)
        return spoken(settings, link, self.source.reader.language)

    def _title(self) -> str:
        source, language = self.source, self.source.reader.language
        title = source.given.title or self.blueprint.title(language)
        return titled(title, source.reader.view_name or self._view_in_words(), language)

    def _view_in_words(self) -> str:
        source = self.source
        return viewed.told(source.settings, source.given.task, source.attributes, source.reader.language)

    def _cut_in_words(self) -> str:
        source, given = self.source, self.source.given
        return cut.in_words(
            source.settings, given.parameters, source.attributes, source.reader.language, given.task
        )


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
