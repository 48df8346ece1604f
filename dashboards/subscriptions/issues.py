"""The issues of one run: built, rendered, kept in the archive and encoded once for all equal readers."""

import hashlib
import json
import logging
import traceback
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors.errors import AssistantError
from dashboards.reports.build import Since, build
from dashboards.reports.mail import Sealed, sealed
from dashboards.reports.reader import Reader
from dashboards.reports.render import render
from dashboards.reports.report import Report
from dashboards.subscriptions import archive
from dashboards.subscriptions.before import Before
from dashboards.subscriptions.links import file_link
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

logger = logging.getLogger(__name__)

# Equal readers follow one another in the queue, so a few are enough; of large ones even fewer.
_MOST_KEPT = 8
_MOST_BYTES = 128_000_000


@dataclass(frozen=True)
class Wanted:
    """What makes one issue differ from another in a run."""

    report: str
    reader: Reader
    period: datetime
    before: Before | None


@dataclass
class Made:
    """An issue as far as it is made: `trouble` where it could not be.

    Once there is a `letter`, of `report` only what stands around its sections is kept.
    """

    report: Report | None = None
    trouble: str = ""
    held: list[str] | None = None  # why it is not to be trusted; None: not asked yet
    key: str = ""  # in the archive
    snapshot: int | None = None
    model_version: str = ""
    letter: Sealed | None = field(default=None, repr=False)
    size: int = 0  # bytes it takes, about


class Issues:
    """All issues of a run come from one snapshot of the warehouse."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._snapshot = Warehouse(settings).snapshot()
        self._made: OrderedDict[Wanted, Made] = OrderedDict()
        self.rendered = 0

    def built(self, wanted: Wanted) -> Made:
        """The issue with its report; one that cannot be made is tried once a run."""
        if wanted not in self._made:
            self._made[wanted] = self._built(wanted)
            self._keep_few()
        self._made.move_to_end(wanted)
        return self._made[wanted]

    def sealed(self, wanted: Wanted) -> Made:
        """The issue ready to be filled in for each reader, and kept in the archive."""
        made = self.built(wanted)
        if made.report is not None and made.letter is None and not made.trouble:
            try:
                self._seal(wanted, made, made.report)
            except Exception as error:  # noqa: BLE001 - one broken report must not keep the others from leaving
                made.trouble = _trouble(wanted.report, error)
            self._keep_few()
        return made

    def _built(self, wanted: Wanted) -> Made:
        before = wanted.before
        try:
            report = build(
                self._settings,
                wanted.report,
                wanted.reader,
                snapshot=self._snapshot,
                period=wanted.period,
                since=Since(before.snapshot, before.as_of) if before else None,
            )
        except Exception as error:  # noqa: BLE001 - as above
            return Made(trouble=_trouble(wanted.report, error))
        return Made(report)

    def _seal(self, wanted: Wanted, made: Made, report: Report) -> None:
        reader, mail = wanted.reader, self._settings.mail
        key = _key(wanted, report)
        issue = render(
            report,
            reader.formats,
            reader.rows,
            lambda file: file_link(self._settings, key, file.name, wanted.period),
            mail.link_above,
            wanted.period + timedelta(days=mail.link_days),
        )
        self.rendered += 1
        made.key = archive.keep(self._settings, issue, reader, key).key
        made.letter = sealed(issue)
        made.snapshot, made.model_version = report.snapshot, report.model_version
        made.size = 3 * (len(issue.html) + sum(file.size for file in issue.attachments))
        made.report = replace(report, sections=(), documents=())  # its tables may be large

    def _keep_few(self) -> None:
        while len(self._made) > 1 and (
            len(self._made) > _MOST_KEPT or sum(made.size for made in self._made.values()) > _MOST_BYTES
        ):
            self._made.popitem(last=False)


def _key(wanted: Wanted, report: Report) -> str:
    """The name of an issue in the archive: of everything that what it shows derives from."""
    reader = wanted.reader
    said = [
        *(report.name, report.title, report.summary, report.snapshot, report.model_version),
        *(reader.language, reader.role, reader.timezone, reader.cut, reader.formats, reader.rows),
        *(wanted.period.isoformat(), wanted.before and wanted.before.snapshot),
        *([fact.label, fact.value] for fact in report.facts),
        dict(report.values),
    ]
    text = json.dumps(said, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _trouble(report: str, error: Exception) -> str:
    """Why an issue could not be made, in words that quote no record."""
    if isinstance(error, AssistantError):
        return str(error)
    # The frames only: the message of the error could quote a record.
    logger.error(
        "The report %s could not be made:\n%s", report, "".join(traceback.format_tb(error.__traceback__))
    )
    return f"The report could not be made: {type(error).__name__}."
