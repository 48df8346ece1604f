"""The finished pieces of an issue: HTML, text, pictures and sheets, as bytes that no longer change."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass

from dashboards.charts import paper
from dashboards.reports import html, pdf, sheets, text
from dashboards.reports.report import Report, Table

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Attachment:
    """A file that comes with the mail."""

    name: str
    kind: str  # MIME type
    content: bytes


@dataclass(frozen=True)
class Issue:
    """A report in the form of a mail, the same for every subscriber it is rendered for.

    `pictures` are by content id; `key` names these bytes: ids and boundaries in the mail derive from it.
    """

    subject: str
    report: Report
    html: str
    text: str
    pictures: dict[str, paper.Picture]
    attachments: tuple[Attachment, ...]
    key: str


def render(report: Report) -> Issue:
    """Paints the charts, sets the words, writes sheets and documents. The same report: the same issue."""
    pictures = _pictures(report)
    document = html.page(report, pictures, lambda name: f"cid:{content_id(report, name)}")
    plain = text.page(report)
    attachments = (
        *(_sheet(report, table) for table in report.tables),
        *(Attachment(f"{report.file_stem}-{each.name}.pdf", PDF, pdf.pdf(each)) for each in report.documents),
    )
    key = hashlib.sha256(b"\0".join([document.encode(), plain.encode(), *(a.content for a in attachments)]))
    by_id = {content_id(report, name): picture for name, picture in pictures.items()}
    return Issue(report.title, report, document, plain, by_id, attachments, key.hexdigest()[:24])


def _sheet(report: Report, table: Table) -> Attachment:
    name = f"{report.file_stem}-{table.name}.{table.sheet}"
    if table.sheet == "xlsx":
        return Attachment(
            name, XLSX, sheets.workbook(table.title, [table], report.facts, report.period, report.language)
        )
    return Attachment(name, "text/csv", sheets.csv(table, report.language))


def content_id(report: Report, chart: str) -> str:
    """The id by which the mail's HTML finds a chart's picture."""
    return f"{chart}.{report.name}@report"


def standalone(report: Report) -> str:
    """The report as one HTML file that needs nothing beside it."""
    pictures = _pictures(report)
    return html.whole_page(
        report, pictures, lambda name: "data:image/png;base64," + b64encode(pictures[name].png).decode()
    )


def _pictures(report: Report) -> html.Pictures:
    return {chart.name: paper.draw(chart, report.language) for chart in report.charts}
