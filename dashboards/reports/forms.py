"""A report as a file: `sda report NAME --format html|csv|xlsx|eml`."""

from collections.abc import Callable, Mapping
from pathlib import Path

from connectors.errors import UsageError
from dashboards.reports import sheets
from dashboards.reports.build import build
from dashboards.reports.mail import POLICY, Envelope, compose
from dashboards.reports.render import render, standalone
from dashboards.reports.report import Report
from pipelines.settings import Settings


def write_report(
    settings: Settings,
    name: str,
    form: str,
    folder: Path,
    *,
    language: str = "",
    role: str = "",
    snapshot: int | None = None,
) -> Path:
    """Writes report `name` in `form` into `folder` (made if need be) and returns the file.

    Language and role default to the settings. Raises UsageError for a form there is not.
    """
    if form not in FORMS:
        raise UsageError(f"A report cannot be written as «{form}».", f"Choose one of: {', '.join(FORMS)}.")
    report = build(settings, name, language or settings.language, role or settings.role, snapshot=snapshot)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{report.file_stem}-{report.language}.{form}"
    file.write_bytes(FORMS[form](settings, report))
    return file


def _html(_settings: Settings, report: Report) -> bytes:
    return standalone(report).encode()


def _csv(_settings: Settings, report: Report) -> bytes:
    return sheets.csv(report.tables[0], report.language)


def _xlsx(_settings: Settings, report: Report) -> bytes:
    return sheets.xlsx(report)


def _eml(settings: Settings, report: Report) -> bytes:
    """The mail as the owner would get it."""
    envelope = Envelope(
        sender=settings.smtp.sender,
        recipient=settings.owner or "reader@localhost",
        message_id=f"<{report.file_stem}@{settings.list_domain}>",
        date=report.period,
        list_id=f"<{report.name}.{settings.list_domain}>",
    )
    return compose(render(report), envelope).as_bytes(policy=POLICY)


FORMS: Mapping[str, Callable[[Settings, Report], bytes]] = {
    "html": _html,
    "csv": _csv,
    "xlsx": _xlsx,
    "eml": _eml,
}
