"""A report as a document to print: its sections from top to bottom, what it was made from at the end."""

from collections.abc import Iterator

from dashboards.charts.chart import Chart
from dashboards.numbers import day, integer
from dashboards.reports.document import (
    Block,
    Cell,
    Document,
    Drawing,
    Facts,
    Figures,
    Grid,
    GridColumn,
    Heading,
    Part,
    Words,
)
from dashboards.reports.report import Column, Headlines, Paragraph, Report, Section, Table
from dashboards.wording import say

_LEAST_SHARE = 10  # letters of a column that wraps


def printed(report: Report) -> Document:
    """The report as a document of one part."""
    _ = say(report.language)
    blocks = [block for section in report.sections for block in _blocks(section, report.language)]
    facts = tuple((fact.label, fact.value) for fact in report.facts)
    part = Part(
        title=report.title,
        subtitle=report.summary,
        head=f"{report.title} · {day(report.as_of, report.language)}",
        foot=_("Snapshot of the warehouse") + f" {report.snapshot} · {report.model_version}",
        blocks=(*blocks, Heading(_("About this report")), Facts(facts)),
    )
    return Document("", report.title, report.organisation, report.language, report.period, (part,))


def _blocks(section: Section, language: str) -> Iterator[Block]:
    match section:
        case Headlines():
            figures = ((figure.label, figure.value, figure.change) for figure in section.figures)
            yield Figures(tuple(figures))
            if section.since:
                yield Words(section.since, "quiet")
        case Chart():
            yield Drawing(section)
        case Table():
            yield from _table(section, language)
        case Paragraph():
            yield Words(section.text, section.kind, section.title)


def _table(table: Table, language: str) -> Iterator[Block]:
    """The rows a mail would show."""
    _ = say(language)
    columns, shown = table.columns, table.frame.head(table.most)
    cells = [
        tuple(Cell(column.cell(row, language), column.interval(row, language)) for column in columns)
        for row in shown.iter_rows(named=True)
    ]
    yield Heading(table.title)
    if shown.height < table.rows:
        rows, total = integer(shown.height, language), integer(table.rows, language)
        yield Words(_("{shown} of {total} rows").format(shown=rows, total=total), "quiet")
    yield Grid(
        tuple(_column(column, [row[place].text for row in cells]) for place, column in enumerate(columns)),
        tuple(cells),
    )


def _column(column: Column, texts: list[str]) -> GridColumn:
    """A column that wraps gets room by how much there is to say in it."""
    share = max(_LEAST_SHARE, *map(len, texts)) ** 0.5 if column.wraps and texts else 0.0
    return GridColumn(column.heading, "right" if column.is_number else "left", share)
