"""`sda report`: one issue of a report as a file, now."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectors.errors import AssistantError, UsageError
from flows.answer import Answer, answering
from flows.moment import MOMENT
from flows.progress import progress

if TYPE_CHECKING:
    from dashboards.reports.report import Report

FORMS = ("html", "pdf", "xlsx", "csv", "text")


@click.command("report")
@click.argument("name")
@click.option("--format", "form", type=click.Choice(FORMS), default="html", show_default=True)
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder to write to."
)
@click.option(
    "--only", multiple=True, metavar="PARAMETER=VALUE", help="Only these rows: depot=D01. May be repeated."
)
@click.option(
    "--language", type=click.Choice(["en", "zh"]), default=None, help="By default that of the report."
)
@click.option("--period", type=MOMENT, default=None, help="The moment the issue is for; by default now.")
@answering
def command(
    name: str,
    form: str,
    output: Path,
    only: tuple[str, ...],
    language: str | None,
    period: datetime | None,
) -> Answer:
    """Write a report to a file.

    From the newest data, with what the role SDA_ROLE may see.
    """
    from dashboards.reports.build import build
    from dashboards.reports.declared import report_settings
    from dashboards.reports.reader import Reader, attributes_of
    from pipelines.settings import load_settings

    settings = load_settings()
    given = report_settings(settings, name)
    reader = Reader(language or given.language, settings.role, given.timezone, attributes_of(_values(only)))
    progress(f"Writing the report {name} …")
    moment = period.replace(tzinfo=period.tzinfo or settings.zone) if period else None
    report = build(settings, name, reader, period=moment)
    files = [_written(output, file, content) for file, content in _files(report, form).items()]
    document: dict[str, Any] = {
        "report": name,
        "title": report.title,
        "period": report.period,
        "as_of": report.as_of,
        "snapshot_id": report.snapshot,
        "model_version": report.model_version,
        "attributes": dict(report.attributes),
        "values": dict(report.values),
        "files": files,
        "cut": _cut(report) if form in ("xlsx", "csv") else {},
    }
    told = [
        *(files or ["The report has no table to write."]),
        *(
            f"{table}: only the first {rows['written']:,} of {rows['of']:,} rows."
            for table, rows in document["cut"].items()
        ),
    ]
    return Answer(document, "\n".join(told))


def _cut(report: "Report") -> dict[str, dict[str, int]]:
    """The tables that have more rows than a file is given, by name: the rows written, and all."""
    return {
        table.name: {"written": table.frame.height, "of": table.rows}
        for table in report.tables
        if table.frame.height < table.rows
    }


def _values(only: tuple[str, ...]) -> dict[str, list[str]]:
    """The values by parameter, `depot=D01`; raises UsageError for what is not written so."""
    found: dict[str, list[str]] = {}
    for each in only:
        parameter, equals, value = each.partition("=")
        if not (parameter and equals):
            raise UsageError(f"--only «{each}» names no value.", "Write it like depot=D01.")
        found.setdefault(parameter.strip(), []).append(value.strip())
    return found


def _files(report: "Report", form: str) -> dict[str, bytes]:
    """File names and contents: CSV has a file per table, PDF one more per document of the report."""
    from dashboards.reports import pdf, sheets, text
    from dashboards.reports.printed import printed
    from dashboards.reports.render import standalone

    stem = report.file_stem
    match form:
        case "html":
            return {f"{stem}.html": standalone(report).encode()}
        case "pdf":
            documents = {f"{stem}.pdf": printed(report)}
            documents |= {f"{stem}-{document.name}.pdf": document for document in report.documents}
            return {name: pdf.pdf(document) for name, document in documents.items()}
        case "xlsx":
            return {f"{stem}.xlsx": sheets.xlsx(report)}
        case "csv":
            return {f"{stem}-{table.name}.csv": sheets.csv(table, report.language) for table in report.tables}
        case _:
            return {f"{stem}.txt": text.page(report).encode()}


def _written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise AssistantError(
            f"{path} cannot be written: {error.strerror}.", "Name another --output."
        ) from None
    return str(path)
