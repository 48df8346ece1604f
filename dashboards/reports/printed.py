"""A report as a document to print: what it was made from on its first page, then its sections in order."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dashboards.charts.chart import Chart
from dashboards.numbers import day
from dashboards.reports.document import (
    Block,
    Cell,
    Document,
    Drawing,
    Figures,
    Grid,
    GridColumn,
    Heading,
    Part,
    Words,
)
from dashboards.reports.enclosed import ALONE, Enclosed, note_on_columns, note_on_rows
from dashboards.reports.foreign import isolated, shortened
from dashboards.reports.report import Column, Headlines, Paragraph, Report, Section, Table
from dashboards.wording import say

_LEAST_SHARE = 10  # letters of a column that wraps
_WRAPS_FROM = 24  # letters of a text
_MOST_ROWS = 200  # of a table
_MOST_ROWS_IN_ALL = 1_000
_MOST_COLUMNS = 12
_TIGHT_FROM = 8  # columns
_MOST_LETTERS = 400  # of a cell, a title, a fact
_LONGEST_HEADING = 60  # of a column
_LONGEST_TEXT = 5_000  # letters of a paragraph
_ROOM_OF_A_TABLE = 60_000  # letters
_MOST_FIGURES = 4  # beside each other


def printed(report: Report, enclosed: Enclosed = ALONE) -> Document:
    """The report as a document of one part; `enclosed` is what it comes with."""
    _ = say(report.language)
    tables = max(1, len(report.tables))
    writing = _Writing(report.language, enclosed, min(_MOST_ROWS, max(5, _MOST_ROWS_IN_ALL // tables)))
    blocks = tuple(block for section in report.sections for block in _blocks(section, writing))
    part = Part(
        title=_title(report.title),
        subtitle=_title(report.summary),
        head=f"{shortened(report.title, _LONGEST_HEADING)} · {day(report.as_of, report.language)}",
        foot=_("Snapshot of the warehouse") + f" {report.snapshot} · {report.model_version}".rstrip(" ·"),
        blocks=blocks,
        cover=tuple((_title(fact.label), _title(fact.value)) for fact in report.facts),
    )
    document = Document("", report.title, report.organisation, report.language, report.period, (part,))
    return replace(document, contents=_("Contents"))


@dataclass(frozen=True)
class _Writing:
    """How a report is written: in which language, beside which files, with how many rows of a table."""

    language: str
    enclosed: Enclosed
    rows: int


def _blocks(section: Section, writing: _Writing) -> Iterator[Block]:
    _ = say(writing.language)
    match section:
        case Headlines():
            figures = [
                (_title(figure.label), _title(figure.value), _title(figure.change))
                for figure in section.figures
            ]
            for start in range(0, len(figures), _MOST_FIGURES):
                yield Figures(tuple(figures[start : start + _MOST_FIGURES]))
            if section.since:
                yield Words(section.since, "quiet")
        case Chart() if section.is_empty:
            yield Words(_("There is no data to show yet."), "plain", section.title)
        case Chart():
            yield Drawing(section)
        case Table():
            yield from _table(section, writing)
        case Paragraph():
            yield Words(_text(section.text), section.kind, _title(section.title))


def _table(table: Table, writing: _Writing) -> Iterator[Block]:
    """More rows than a mail shows, and no more than anybody turns pages for."""
    language = writing.language
    columns = table.columns[:_MOST_COLUMNS]
    rows = table.frame.head(min(max(table.most, writing.rows), _MOST_ROWS_IN_ALL)).iter_rows(named=True)
    cells: list[tuple[Cell, ...]] = []
    room = _ROOM_OF_A_TABLE
    for row in rows:
        cells.append(tuple(_cell(column, row, language) for column in columns))
        room -= sum(len(cell.text) for cell in cells[-1])
        if room < 0:
            break
    yield Heading(_title(table.title))
    for note in (
        note_on_rows(table, len(cells), writing.enclosed, language),
        note_on_columns(len(table.columns) - len(columns), language),
    ):
        if note:
            yield Words(note, "quiet")
    if not cells:
        return
    yield Grid(
        tuple(_column(column, [row[place].text for row in cells]) for place, column in enumerate(columns)),
        tuple(cells),
        tight=len(columns) >= _TIGHT_FROM,
    )


def _title(text: str) -> str:
    return shortened(text, _MOST_LETTERS)


def _text(text: str) -> str:
    return shortened(text, _LONGEST_TEXT)


def _cell(column: Column, row: dict[str, object], language: str) -> Cell:
    text = isolated(shortened(column.cell(row, language), _MOST_LETTERS))
    return Cell(text, column.interval(row, language))


def _column(column: Column, texts: list[str]) -> GridColumn:
    """A column that wraps gets room by how much there is to say in it."""
    longest = max(map(len, texts), default=0)
    wraps = column.wraps or (not column.is_number and longest > _WRAPS_FROM)
    share = max(_LEAST_SHARE, longest) ** 0.5 if wraps and texts else 0.0
    return GridColumn(
        shortened(column.heading, _LONGEST_HEADING), "right" if column.is_number else "left", share
    )
