"""`sda report`: one issue of a report as a file, now."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.answer import Answer, answering
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
    "--language", type=click.Choice(["en", "zh"]), default=None, help="By default that of the report."
)
@answering
def command(name: str, form: str, output: Path, language: str | None) -> Answer:
    """Write a report to a file.

    As of now, with what the role SDA_ROLE may see.
    """
    from dashboards.reports.build import build
    from dashboards.reports.reader import Reader
    from pipelines.settings import load_settings

    settings = load_settings()
    given = settings.reports.get(name)
    progress(f"Writing the report {name} …")
    spoken = language or (given.language if given else settings.language)
    report = build(settings, name, Reader(spoken, settings.role, given.timezone if given else ""))
    output.mkdir(parents=True, exist_ok=True)
    files = [_written(output / file, content) for file, content in _files(report, form).items()]
    document = {
        "report": name,
        "title": report.title,
        "as_of": report.as_of,
        "snapshot_id": report.snapshot,
        "model_version": report.model_version,
        "files": files,
    }
    return Answer(document, "\n".join(files))


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


def _written(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)
