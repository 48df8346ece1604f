"""The finished pieces of an issue: HTML, text, pictures and files, as bytes that no longer change."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from dashboards.reports import html, pdf, sheets, text
from dashboards.reports.enclosed import Attachment, Enclosed
from dashboards.reports.page import GAP
from dashboards.reports.printed import printed
from dashboards.reports.report import Report, Section, Table

__all__ = ["GAP", "Attachment", "Issue", "content_id", "render", "standalone"]

if TYPE_CHECKING:
    from dashboards.charts.paper import Picture

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_SHEETS = {"xlsx", "csv"}
LINK_ABOVE = 10_000_000


@dataclass(frozen=True)
class Issue:
    """A report in the form of a mail, the same for every subscriber it is rendered for.

    `pictures` are by content id. `files` are all that were made, `attachments` those of them that travel in
    the mail; the others are linked in it. In `html` the comment `GAP` marks where the lines for one reader
    stand. `key` names these bytes: boundaries in the mail derive from it.
    """

    subject: str
    report: Report
    html: str
    text: str
    pictures: dict[str, "Picture"]
    files: tuple[Attachment, ...]
    attachments: tuple[Attachment, ...]
    key: str


def render(
    report: Report,
    formats: Collection[str] = (),
    rows: int | None = None,
    link_for: Callable[[Attachment], str] | None = None,
    link_above: int = LINK_ABOVE,
    link_until: datetime | None = None,
) -> Issue:
    """Paints the charts, sets the words, writes the files. The same report: the same issue.

    `formats` are the files to come with it (pdf, xlsx, csv), with at most `rows` rows of a table; documents
    of the report come in any case. Files of more than `link_above` bytes in all do not travel: the mail
    holds links, made by `link_for` and good until `link_until`.
    """
    pictures = _pictures(report)
    files = _files(report, formats, rows)
    too_large = link_for is not None and sum(file.size for file in files) > link_above
    links = tuple((file.name, link_for(file)) for file in files) if link_for and too_large else ()
    enclosed = Enclosed(files, links, link_until, rows, bool(_SHEETS & set(formats)))
    page = html.mail_page(report, pictures, lambda name: f"cid:{content_id(report, name)}", enclosed)
    plain = text.page(report, enclosed)
    by_id = {content_id(report, name): picture for name, picture in pictures.items()}
    key = hashlib.sha256()
    for piece in (
        *(page.encode(), plain.encode()),
        *(picture.png for picture in pictures.values()),
        *(part for file in files for part in (file.name.encode(), file.content)),
    ):
        key.update(hashlib.sha256(piece).digest())
    return Issue(report.title, report, page, plain, by_id, files, enclosed.attached, key.hexdigest()[:24])


def _files(report: Report, formats: Collection[str], rows: int | None) -> tuple[Attachment, ...]:
    shown = report if rows is None else replace(report, sections=_first_rows(report, rows))
    beside = Enclosed(rows=rows, has_sheets=bool(_SHEETS & set(formats)))
    stem, files = report.file_stem, []
    if "pdf" in formats:
        files.append(Attachment(f"{stem}.pdf", PDF, pdf.pdf(printed(shown, beside))))
    if "xlsx" in formats and report.tables:
        files.append(Attachment(f"{stem}.xlsx", XLSX, sheets.xlsx(shown)))
    files += [
        Attachment(f"{stem}-{table.name}.csv", CSV, sheets.csv(table, report.language))
        for table in shown.tables
        if "csv" in formats or ("xlsx" in formats and not sheets.fits(table))
    ]
    files += [Attachment(f"{stem}-{each.name}.pdf", PDF, pdf.pdf(each)) for each in report.documents]
    return tuple(files)


def _first_rows(report: Report, rows: int) -> tuple[Section, ...]:
    return tuple(
        replace(each, frame=each.frame.head(rows), total=each.rows) if isinstance(each, Table) else each
        for each in report.sections
    )


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
    from dashboards.charts import paper

    return {chart.name: paper.draw(chart, report.language) for chart in report.charts if not chart.is_empty}
