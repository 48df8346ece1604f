"""The issues of one run: built, rendered, kept in the archive and encoded once for all equal readers."""

import hashlib
import json
import logging
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from connectors.errors import AssistantError
from dashboards.reports.build import build
from dashboards.reports.declared import report_settings
from dashboards.reports.mail import Sealed, sealed
from dashboards.reports.reader import Reader
from dashboards.reports.render import render
from dashboards.reports.report import Report
from dashboards.reports.source import Since
from dashboards.subscriptions.keeping import archive
from dashboards.subscriptions.keeping.links import file_link
from dashboards.subscriptions.sending.before import Before
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.store import now
from pipelines.warehouse import Warehouse

logger = logging.getLogger(__name__)

# Equal readers follow one another in the queue, so a few are enough.
_MOST_KEPT = 4


@dataclass(frozen=True)
class Wanted:
    """What makes one issue differ from another in a run."""

    report: str
    reader: Reader
    period: datetime
    before: Before | None


@dataclass(frozen=True)
class Made:
    """An issue ready to be filled in for each reader; `key` is its name in the archive."""

    letter: Sealed
    key: str
    snapshot: int
    model_version: str


class UnmadeError(AssistantError):
    """An issue could not be made, as things are."""


class Issues:
    """All issues of a run come from one snapshot of the warehouse. What cannot be made is tried once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reports: OrderedDict[Wanted, Report | UnmadeError] = OrderedDict()
        self._made: OrderedDict[Wanted, Made | UnmadeError] = OrderedDict()
        self.rendered = 0

    @cached_property
    def _warehouse(self) -> Warehouse:
        return Warehouse(self._settings)  # held: what is built here shares its DuckDB

    @cached_property
    def _snapshot(self) -> int:
        return self._warehouse.snapshot()

    def report(self, wanted: Wanted) -> Report:
        """The report; once it is sealed only what stands around its sections. Raises UnmadeError."""
        if wanted not in self._reports:
            self._reports[wanted] = _or_trouble(wanted, lambda: self._build(wanted))
            _keep_few(self._reports)
        return _given(self._reports[wanted])

    def sealed(self, wanted: Wanted) -> Made:
        """The issue, encoded and kept in the archive. Raises UnmadeError."""
        if wanted not in self._made:
            self._made[wanted] = _or_trouble(wanted, lambda: self._seal(wanted, self.report(wanted)))
            for gone in _keep_few(self._made):  # what is left of its report makes no issue any more
                self._reports.pop(gone, None)
        return _given(self._made[wanted])

    def _build(self, wanted: Wanted) -> Report:
        before = wanted.before
        return build(
            self._settings,
            wanted.report,
            wanted.reader,
            snapshot=self._snapshot,
            period=wanted.period,
            since=Since(before.snapshot, before.as_of) if before else None,
        )

    def _seal(self, wanted: Wanted, report: Report) -> Made:
        reader, mail = wanted.reader, self._settings.mail
        key = _key(wanted, report, report_settings(self._settings, wanted.report))
        # A late issue brings no links that have expired already; whole days, so that runs of a day agree.
        today = now().replace(hour=0, minute=0, second=0, microsecond=0)
        linked_from = max(wanted.period, today)
        issue = render(
            report,
            reader.formats,
            reader.rows,
            lambda file: file_link(self._settings, key, file.name, linked_from),
            mail.link_above,
            linked_from + timedelta(days=mail.link_days),
        )
        self.rendered += 1
        kept = archive.keep(self._settings, issue, reader, key)
        # The tables may be large, and are in the files now.
        self._reports[wanted] = replace(report, sections=(), documents=())
        return Made(sealed(issue), kept.key, report.snapshot, report.model_version)


T = TypeVar("T")


def _or_trouble(wanted: Wanted, make: Callable[[], T]) -> T | UnmadeError:
    """One broken report must not keep the others from leaving."""
    try:
        return make()
    except UnmadeError as error:
        return error
    except Exception as error:  # noqa: BLE001 - as above
        return UnmadeError(_trouble(wanted.report, error))


def _given(made: T | UnmadeError) -> T:
    if isinstance(made, UnmadeError):
        raise made
    return made


def _keep_few(kept: OrderedDict[Wanted, Any]) -> list[Wanted]:
    """Lets go of the oldest; gives what they were wanted for."""
    return [kept.popitem(last=False)[0] for _ in range(len(kept) - _MOST_KEPT)]


def _key(wanted: Wanted, report: Report, given: ReportSettings) -> str:
    """The name of an issue in the archive: of everything that what it shows derives from.

    Links to its files bear the name, so it has what the settings say of the rows too: a parameter may come to
    mean another column.
    """
    reader = wanted.reader
    said = [
        *(report.name, report.title, report.summary, report.snapshot, report.model_version),
        *(reader.language, reader.role, reader.timezone, reader.cut, reader.formats, reader.rows),
        *(wanted.period.isoformat(), wanted.before and (wanted.before.snapshot, wanted.before.as_of)),
        *(given.sections, given.only, given.parameters),
        *([fact.label, fact.value] for fact in report.facts),
        dict(report.values),
    ]
    text = json.dumps(said, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _trouble(report: str, error: Exception) -> str:
    """Why an issue could not be made, in words that quote no record."""
    if isinstance(error, AssistantError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:  # such as a full disk
        return f"The report could not be made: {error.strerror}."
    # The frames only: the message of the error could quote a record.
    logger.error(
        "The report %s could not be made:\n%s", report, "".join(traceback.format_tb(error.__traceback__))
    )
    return f"The report could not be made: {type(error).__name__}."
