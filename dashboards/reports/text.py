"""A report as plain text: what a mail says to programs and readers that take no HTML."""

from collections.abc import Iterator

from dashboards.charts.chart import Chart
from dashboards.reports.enclosed import ALONE, Enclosed, note_on_links, note_on_rows, size_in_words
from dashboards.reports.report import Headlines, Paragraph, Report, Section, Table
from dashboards.wording import say

_ROWS = 10


def page(report: Report, enclosed: Enclosed = ALONE) -> str:
    """The whole report in words: charts by the sentence they say, tables by their first rows."""
    _ = say(report.language)
    lines = [report.title, "=" * 2 * len(report.title), report.summary, ""]
    for section in report.sections:
        lines += [*_section(section, report.language, enclosed), ""]
    if enclosed.links:
        lines += [
            note_on_links(enclosed, report.language, report.timezone),
            *_links(enclosed, report.language),
            "",
        ]
    lines += [f"{fact.label}: {fact.value}" for fact in report.facts]
    lines += ["", _("Open the dashboard") + f": {report.link}"]
    lines += [_("About the model") + f": {report.model_link}", ""]
    return "\n".join(lines)


def _links(enclosed: Enclosed, language: str) -> Iterator[str]:
    sizes = {file.name: size_in_words(file.size, language) for file in enclosed.files}
    for name, address in enclosed.links:
        yield f"  {name} ({sizes[name]}): {address}"


def _section(section: Section, language: str, enclosed: Enclosed) -> Iterator[str]:
    match section:
        case Headlines():
            for figure in section.figures:
                yield f"{figure.label}: {figure.value}" + (f" ({figure.change})" if figure.change else "")
            if section.since:
                yield section.since
        case Chart():
            yield section.title
            yield f"  {section.sentence}"
        case Table():
            yield from _table(section, language, enclosed)
        case Paragraph():
            yield section.title
            yield f"  {section.text}"


def _table(table: Table, language: str, enclosed: Enclosed) -> Iterator[str]:
    shown = table.frame.head(_ROWS)
    yield table.title
    if note := note_on_rows(table, shown.height, enclosed, language):
        yield note
    yield "  " + " | ".join(column.heading for column in table.columns)
    for row in shown.iter_rows(named=True):
        yield "  " + " | ".join(
            f"{column.cell(row, language)} {column.interval(row, language)}".strip()
            for column in table.columns
        )
