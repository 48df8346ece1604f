"""A report as the HTML of a mail: its sections on our page, in at most 90 kB.

A report too long for that shows fewer rows, then shorter texts, then fewer sections, and says so; the files
that come with it and the dashboard have them all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import htpy as h
from markupsafe import Markup

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.numbers import integer
from dashboards.reports.enclosed import (
    ALONE,
    Enclosed,
    note_on_columns,
    note_on_links,
    note_on_rows,
    size_in_words,
)
from dashboards.reports.foreign import direction, shortened
from dashboards.reports.page import (
    FONT,
    GAP,
    INNER,
    LAYOUT,
    SHADE,
    SMALL,
    TEXT,
    banner,
    button,
    heading,
    link,
    note,
    page,
    paragraph,
    row,
)
from dashboards.reports.report import Column, Headline, Headlines, Paragraph, Report, Section, Table
from dashboards.wording import say

if TYPE_CHECKING:
    from dashboards.charts.paper import Picture

LIMIT = 90_000  # bytes; Gmail cuts at 102 kB and needs room for its own
_BETWEEN = 8  # pixels between the cards of figures
_MOST_CARDS = 4  # beside each other
_MOST_COLUMNS = 9
_MOST_LINKS = 20

Pictures = Mapping[str, "Picture"]
Source = Callable[[str], str]  # a chart's name -> where its picture is found (`cid:` or `data:`)


@dataclass(frozen=True)
class Room:
    """What there is room for: rows of a table, letters of a text (None: as many as there are)."""

    rows: int | None = None
    letters: int | None = None

    def text(self, text: str) -> str:
        """A text as far as there is room."""
        return text if self.letters is None else shortened(text, self.letters)


_EVER_LESS_ROOM = (Room(), Room(40), Room(20), Room(10), Room(10, 300), Room(5, 150), Room(5, 60))


@dataclass(frozen=True)
class _Writing:
    """A report being written in some room."""

    report: Report
    pictures: Pictures
    source: Source
    enclosed: Enclosed
    room: Room

    @property
    def language(self) -> str:
        return self.report.language


def mail_page(report: Report, pictures: Pictures, source: Source, enclosed: Enclosed) -> str:
    """The report as one HTML document of at most `LIMIT` bytes (pictures not counted)."""
    for room in _EVER_LESS_ROOM:
        writing = _Writing(report, pictures, source, enclosed, room)
        left = LIMIT - len(_document(writing, []).encode())
        sections, is_whole = _fitting(writing, left)
        if is_whole:
            break
    return _document(writing, sections)


def whole_page(report: Report, pictures: Pictures, source: Source) -> str:
    """The report as a document to open in a browser, whatever its length."""
    writing = _Writing(report, pictures, source, ALONE, Room())
    sections = [str(row(_section(writing, section))) for section in report.sections]
    return _document(writing, sections).replace(GAP, "")


def _fitting(writing: _Writing, left: int) -> tuple[list[str], bool]:
    """The sections that fit into `left` bytes, and whether that is all; if not, a word on the others."""
    sizes: list[int] = [0]
    kept: list[str] = []
    for section in writing.report.sections:
        kept.append(str(row(_section(writing, section))))
        sizes.append(sizes[-1] + len(kept[-1].encode()))
        if sizes[-1] > left:
            break
    else:
        return kept, True
    while kept:
        kept.pop()
        ending = _on_the_others(writing, len(writing.report.sections) - len(kept))
        if sizes[len(kept)] + len(ending.encode()) <= left:
            break
    return [*kept, ending], False


def _on_the_others(writing: _Writing, count: int) -> str:
    _ = say(writing.language)
    words = _("{count} more parts of this report did not fit into a mail.")
    return str(row(note("", paragraph(words.format(count=integer(count, writing.language))))))


def _document(writing: _Writing, sections: list[str]) -> str:
    report, room = writing.report, writing.room
    summary = room.text(report.summary)
    sheet: list[h.Node] = [
        banner(report.organisation, room.text(report.title), summary),
        Markup("".join(sections)),  # noqa: S704 - written by `_section`, escaped there
        row(_links(writing)) if writing.enclosed.links else None,
        row(_footer(writing)),
    ]
    return page(report.title, summary, report.language, sheet)


def _section(writing: _Writing, section: Section) -> h.Node:
    match section:
        case Headlines():
            return _headlines(writing, section)
        case Chart():
            return _chart(writing, section)
        case Table():
            return _table(writing, section)
        case Paragraph():
            return _paragraph(writing, section)


def _headlines(writing: _Writing, section: Headlines) -> h.Node:
    figures = list(section.figures)
    lines = -(-len(figures) // _MOST_CARDS)
    count = -(-len(figures) // max(1, lines))
    width = (INNER - _BETWEEN * (count - 1)) // max(1, count)
    since = writing.room.text(section.since)
    return [
        *(
            _line_of_cards(writing, figures[start : start + count], width)
            for start in range(0, len(figures), count)
        ),
        h.p(".quiet", style=f"{SMALL};margin:2px 0 0")[since] if since else None,
    ]


def _line_of_cards(writing: _Writing, figures: list[Headline], width: int) -> h.Element:
    style = f"width:{_BETWEEN}px;font-size:0"
    gap = h.td(".gap", width=str(_BETWEEN), style=style)[Markup("&nbsp;")]
    first, *others = (_card(writing, figure, width) for figure in figures)
    return h.table(".cards", **LAYOUT, style=f"margin-bottom:{_BETWEEN}px")[
        h.tr[first, ([gap, card] for card in others)]
    ]


def _card(writing: _Writing, figure: Headline, width: int) -> h.Element:
    text = writing.room.text
    value = f"{FONT};color:{palette.INK};font-size:20px;line-height:1.4;font-weight:600"
    if len(figure.value) < 12:
        value += ";white-space:nowrap"
    style = f"background-color:{SHADE};padding:10px 12px;width:{width - 24}px"
    return h.td(".figure.card", width=str(width), valign="top", bgcolor=SHADE, style=style)[
        h.div(".quiet", dir=direction(figure.label), style=SMALL)[text(figure.label)],
        h.div(".ink", dir=direction(figure.value), style=value)[text(figure.value)],
        h.div(".quiet", style=SMALL)[text(figure.change) or Markup("&nbsp;")],
    ]


def _chart(writing: _Writing, chart: Chart) -> h.Node:
    _, text = say(writing.language), writing.room.text
    if chart.is_empty:
        return [heading(text(chart.title)), paragraph(_("There is no data to show yet."))]
    picture = writing.pictures[chart.name]
    height = round(picture.height * INNER / picture.width)
    style = "display:block;width:100%;max-width:{}px;height:auto;border:0;background-color:#FFFFFF"
    return [
        heading(text(chart.title)),
        h.p(".quiet", style=f"{TEXT};color:{palette.QUIET};margin:0 0 8px")[text(chart.sentence)],
        h.img(
            src=writing.source(chart.name),
            width=str(INNER),
            height=str(height),
            alt=text(chart.alt),
            style=style.format(INNER),
        ),
    ]


def _table(writing: _Writing, table: Table) -> h.Node:
    language, room = writing.language, writing.room
    most = min(table.most, table.frame.height, room.rows or table.most)
    columns = table.columns[:_MOST_COLUMNS]
    notes = [
        note_on_rows(table, most, writing.enclosed, language),
        note_on_columns(len(table.columns) - len(columns), language),
    ]
    body = table.frame.head(most).iter_rows(named=True)
    return [
        heading(room.text(table.title)),
        (h.p(".quiet", style=f"{SMALL};margin:0 0 6px")[each] for each in notes if each),
        most > 0
        and h.div(".wide")[
            h.table(
                ".ink",
                cellpadding="0",
                cellspacing="0",
                border="0",
                width="100%",
                style=f"border-collapse:collapse;{FONT};color:{palette.INK};font-size:12px;line-height:1.45",
            )[
                h.tr(".quiet.card", bgcolor=SHADE, style=f"background-color:{SHADE};color:{palette.QUIET}")[
                    (_head_cell(column, room) for column in columns)
                ],
                (h.tr[(_body_cell(column, each, writing) for column in columns)] for each in body),
            ]
        ],
    ]


def _head_cell(column: Column, room: Room) -> h.Element:
    text = room.text(column.heading)
    style = "padding:6px;font-weight:600" + (
        ";white-space:nowrap" if len(text) < 16 and " " not in text else ""
    )
    return h.th(
        ".words" if len(text) > _SHORT_ON_A_PHONE else "",
        scope="col",
        align=_side(column),
        valign="bottom",
        style=style,
    )[text]


def _body_cell(column: Column, values: dict[str, object], writing: _Writing) -> h.Element:
    text = writing.room.text(column.cell(values, writing.language))
    interval = column.interval(values, writing.language)
    style = f"padding:6px;border-bottom:1px solid {palette.GRID}"
    if not column.wraps and len(text) < _SHORT:
        style += ";white-space:nowrap"
    below = [h.br, h.span(".quiet", style=f"color:{palette.QUIET};font-size:11px")[interval]]
    name = ".rule" + (".words" if column.wraps or len(text) > _SHORT_ON_A_PHONE else "")
    return h.td(
        f"{name}.long" if column.wraps else name,
        dir=direction(text),
        align=_side(column),
        valign="top",
        style=style,
    )[text, below if interval else None]


_SHORT = 28  # letters that need no second line
_SHORT_ON_A_PHONE = 11


def _side(column: Column) -> str:
    return "right" if column.is_number else "left"


def _paragraph(writing: _Writing, section: Paragraph) -> h.Node:
    title, text = writing.room.text(section.title), paragraph(writing.room.text(section.text))
    if section.kind == "notice":
        return note(title, text)
    return [heading(title) if title else None, text]


def _links(writing: _Writing) -> h.Node:
    _ = say(writing.language)
    report, enclosed = writing.report, writing.enclosed
    sizes = {file.name: size_in_words(file.size, report.language) for file in enclosed.files}
    more = len(enclosed.links) - _MOST_LINKS
    files = [
        h.p(".quiet", style=f"{TEXT};margin:0")[link(name, address), f" ({sizes[name]})"]
        for name, address in enclosed.links[:_MOST_LINKS]
    ]
    if more > 0:
        files.append(paragraph(_("{count} more files are with the past issues.").format(count=more)))
    return note(note_on_links(enclosed, report.language, report.timezone), files)


def _footer(writing: _Writing) -> h.Node:
    _ = say(writing.language)
    report, text = writing.report, writing.room.text
    label = f"{SMALL};padding:1px 14px 1px 0;white-space:nowrap"
    facts = (
        h.tr[
            h.td(".quiet", valign="top", style=label)[text(fact.label)],
            h.td(".ink", dir=direction(fact.value), style=f"{SMALL};color:{palette.INK};padding:1px 0")[
                text(fact.value)
            ],
        ]
        for fact in report.facts
    )
    attached = ", ".join(
        f"{file.name} ({size_in_words(file.size, report.language)})"
        for file in writing.enclosed.attached[:_MOST_LINKS]
    )
    return [
        button(_("Open the dashboard"), report.link) if report.link else None,
        h.div(".rule", style=f"border-top:1px solid {palette.GRID};margin-top:18px;padding:12px 0 8px")[
            h.table(**LAYOUT)[facts],
            h.p(".quiet", style=f"{SMALL};margin:8px 0 0")[_("Attached:"), " ", attached]
            if attached
            else None,
            h.p(".quiet", style=f"{SMALL};margin:8px 0 0")[link(_("About the model"), report.model_link)]
            if report.model_link
            else None,
        ],
    ]
