"""A report as HTML that mail programs show as meant: tables for layout, styles on the elements.

Outlook lays out with Word's engine (no flex, no max-width: hence the table of fixed width and the `width` of
every picture), Gmail drops what it does not know and cuts mails of more than 102 kB. The dark colours are for
programs that ask for them; the others show the light ones.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import htpy as h
from markupsafe import Markup

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.paper import Picture
from dashboards.reports.enclosed import ALONE, Enclosed, note_on_links, note_on_rows, size_in_words
from dashboards.reports.report import Column, Headline, Headlines, Paragraph, Report, Section, Table
from dashboards.wording import say

WIDTH = 640
PADDING = 20
_GAP = 8  # between the cards of figures
LIMIT = 90_000  # bytes; Gmail cuts at 102 kB and needs room for its own
_FEWEST_ROWS = 5
GAP = "<!--personal-->"  # where the lines for one reader are filled in

_FONT = "font-family:'Segoe UI',Helvetica,Arial,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif"
_NAVY = "#12324F"
_TEXT = f"{_FONT};color:{palette.INK};font-size:14px;line-height:1.5"
_SMALL = f"{_FONT};color:{palette.QUIET};font-size:12px;line-height:1.45"
_LAYOUT = {"role": "presentation", "cellpadding": "0", "cellspacing": "0", "border": "0"}
_DARK = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page, .sheet { background-color: #1b222b !important; }
  .ink { color: #e4e7eb !important; } .quiet { color: #9aa5b1 !important; }
  .rule { border-color: #3e4c59 !important; } .card, .head { background-color: #26303b !important; }
  .note { background-color: #3a3222 !important; }
}
@media (max-width: 480px) {
  .figure { display: block !important; width: auto !important; margin-bottom: 8px !important; }
  .gap { display: none !important; }
}
"""

Pictures = dict[str, Picture]
Source = Callable[[str], str]  # a chart's name -> where its picture is found (`cid:` or `data:`)


def page(report: Report, pictures: Pictures, source: Source, enclosed: Enclosed) -> str:
    """The report as one HTML document of at most `LIMIT` bytes (pictures not counted).

    A document too long shows fewer rows of its tables; the sheet that comes with it has them all.
    """
    document = _document(report, pictures, source, enclosed)
    while len(document.encode()) > LIMIT and (shorter := _with_fewer_rows(report)):
        report = shorter
        document = _document(report, pictures, source, enclosed)
    return document


def whole_page(report: Report, pictures: Pictures, source: Source) -> str:
    """The report as a document to open in a browser, whatever its length."""
    return _document(report, pictures, source, ALONE).replace(GAP, "")


def _with_fewer_rows(report: Report) -> Report | None:
    if all(table.most <= _FEWEST_ROWS for table in report.tables):
        return None
    sections = tuple(
        replace(each, most=max(_FEWEST_ROWS, each.most // 2)) if isinstance(each, Table) else each
        for each in report.sections
    )
    return replace(report, sections=sections)


def _document(report: Report, pictures: Pictures, source: Source, enclosed: Enclosed) -> str:
    language = {"en": "en", "zh": "zh-Hans"}[report.language]
    return str(
        h.html(lang=language)[
            h.head[
                h.meta(charset="utf-8"),
                h.meta(name="viewport", content="width=device-width, initial-scale=1"),
                h.meta(name="color-scheme", content="light dark"),
                h.title[report.title],
                h.style[Markup(_DARK)],  # noqa: S704 - a constant of this file
            ],
            h.body(".page", style="margin:0;padding:0;background-color:#eef1f4")[
                # What an inbox shows beside the subject.
                h.div(style="display:none;max-height:0;overflow:hidden")[report.summary],
                h.table(".page", **_LAYOUT, width="100%", style="background-color:#eef1f4")[
                    h.tr[
                        h.td(align="center", style="padding:16px 8px")[
                            _sheet(report, pictures, source, enclosed)
                        ]
                    ],
                    h.tr[
                        h.td(".quiet", align="center", style=f"{_SMALL};padding:0 16px 24px")[
                            Markup(GAP)  # noqa: S704 - a constant of this file
                        ]
                    ],
                ],
            ],
        ]
    )


def _sheet(report: Report, pictures: Pictures, source: Source, enclosed: Enclosed) -> h.Element:
    style = f"width:{WIDTH}px;max-width:100%;background-color:#ffffff"
    return h.table(".sheet", **_LAYOUT, width=str(WIDTH), style=style)[
        _banner(report),
        (_row(_section(section, report, pictures, source, enclosed)) for section in report.sections),
        _row(_links(report, enclosed)) if enclosed.links else None,
        _row(_footer(report)),
    ]


def _row(content: h.Node) -> h.Element:
    return h.tr[h.td(style=f"padding:10px {PADDING}px")[content]]


def _banner(report: Report) -> h.Element:
    on_navy = f"{_FONT};color:#ffffff;margin:0"
    return h.tr[
        h.td(bgcolor=_NAVY, style=f"background-color:{_NAVY};padding:20px {PADDING}px")[
            h.p(style=f"{on_navy};font-size:12px;color:#b9c7d5")[report.organisation],
            h.h1(style=f"{on_navy};font-size:24px;line-height:1.3;font-weight:600")[report.title],
            h.p(style=f"{on_navy};font-size:14px;line-height:1.5;padding-top:6px")[report.summary],
        ]
    ]


def _section(
    section: Section, report: Report, pictures: Pictures, source: Source, enclosed: Enclosed
) -> h.Node:
    match section:
        case Headlines():
            return _headlines(section)
        case Chart():
            return _chart(section, pictures[section.name], source)
        case Table():
            return _table(section, report, enclosed)
        case Paragraph():
            return _paragraph(section)


def _heading(text: str) -> h.Element:
    style = f"{_FONT};color:{palette.INK};font-size:16px;line-height:1.4;font-weight:600;margin:8px 0 2px"
    return h.h2(".ink", style=style)[text]


def _headlines(section: Headlines) -> h.Node:
    count = len(section.figures)
    width = (WIDTH - 2 * PADDING - _GAP * (count - 1)) // count
    cards = [_headline(figure, width) for figure in section.figures]
    gap = h.td(".gap", width=str(_GAP), style=f"width:{_GAP}px;font-size:0")[Markup("&nbsp;")]
    return [
        h.table(**_LAYOUT, width="100%")[h.tr[cards[0], ([gap, card] for card in cards[1:])]],
        h.p(".quiet", style=f"{_SMALL};margin:6px 0 0")[section.since] if section.since else None,
    ]


def _headline(figure: Headline, width: int) -> h.Element:
    value = f"{_FONT};color:{palette.INK};font-size:19px;line-height:1.4;font-weight:600;white-space:nowrap"
    style = f"background-color:#f3f6f9;padding:10px 12px;width:{width - 24}px"
    return h.td(".figure.card", width=str(width), valign="top", bgcolor="#f3f6f9", style=style)[
        h.div(".quiet", style=_SMALL)[figure.label],
        h.div(".ink", style=value)[figure.value],
        h.div(".quiet", style=_SMALL)[figure.change or Markup("&nbsp;")],
    ]


def _chart(chart: Chart, picture: Picture, source: Source) -> h.Node:
    width = WIDTH - 2 * PADDING
    height = round(picture.height * width / picture.width)
    return [
        _heading(chart.title),
        h.p(".quiet", style=f"{_TEXT};color:{palette.QUIET};margin:0 0 6px")[chart.sentence],
        h.img(
            src=source(chart.name),
            width=str(width),
            height=str(height),
            alt=chart.alt,
            style=f"display:block;width:100%;max-width:{width}px;height:auto;border:0;background-color:#ffffff",
        ),
    ]


def _table(table: Table, report: Report, enclosed: Enclosed) -> h.Node:
    most = min(table.most, table.frame.height)
    note = note_on_rows(table, most, enclosed, report.language)
    return [
        _heading(table.title),
        h.p(".quiet", style=f"{_SMALL};margin:0 0 6px")[note] if note else None,
        h.table(cellpadding="0", cellspacing="0", border="0", width="100%", style="border-collapse:collapse")[
            h.tr[(_head_cell(column) for column in table.columns)],
            (h.tr[cells] for cells in _body(table, report.language, most)),
        ],
    ]


def _body(table: Table, language: str, most: int) -> Iterator[list[h.Element]]:
    for row in table.frame.head(most).iter_rows(named=True):
        yield [_body_cell(column, row, language) for column in table.columns]


def _head_cell(column: Column) -> h.Element:
    style = f"{_SMALL};font-weight:600;padding:6px;background-color:#f3f6f9;white-space:nowrap"
    return h.th(".head.quiet", align=_side(column), style=style)[column.heading]


def _body_cell(column: Column, row: dict[str, object], language: str) -> h.Element:
    style = f"{_FONT};color:{palette.INK};font-size:12px;padding:6px;border-bottom:1px solid {palette.GRID}"
    if not column.wraps:
        style += ";white-space:nowrap"
    interval = column.interval(row, language)
    below = [h.br, h.span(".quiet", style=f"{_SMALL};font-size:11px")[interval]] if interval else None
    return h.td(".ink.rule", align=_side(column), valign="top", style=style)[
        column.cell(row, language), below
    ]


def _side(column: Column) -> str:
    return "right" if column.is_number else "left"


def _paragraph(section: Paragraph) -> h.Node:
    if section.kind == "plain":
        return [_heading(section.title), h.p(".ink", style=f"{_TEXT};margin:0")[section.text]]
    style = "background-color:#fff6e0;border-left:4px solid #e69f00;padding:10px 14px"
    return h.table(**_LAYOUT, width="100%")[
        h.tr[
            h.td(".note", bgcolor="#fff6e0", style=style)[
                h.p(".ink", style=f"{_TEXT};margin:0;font-weight:600")[section.title],
                h.p(".ink", style=f"{_TEXT};margin:0")[section.text],
            ]
        ]
    ]


def _links(report: Report, enclosed: Enclosed) -> h.Node:
    sizes = {file.name: size_in_words(file.size, report.language) for file in enclosed.files}
    return [
        h.p(".ink", style=f"{_TEXT};margin:0")[note_on_links(enclosed, report.language, report.timezone)],
        (
            h.p(style=f"{_TEXT};margin:0")[
                h.a(href=address, style="color:#0072B2")[name], f" ({sizes[name]})"
            ]
            for name, address in enclosed.links
        ),
    ]


def _footer(report: Report) -> h.Node:
    _ = say(report.language)
    rows = (
        h.tr[
            h.td(".quiet", valign="top", style=f"{_SMALL};padding:1px 12px 1px 0;white-space:nowrap")[
                fact.label
            ],
            h.td(".ink", style=f"{_SMALL};color:{palette.INK};padding:1px 0")[fact.value],
        ]
        for fact in report.facts
    )
    links: h.Node = [
        h.a(href=report.link, style="color:#0072B2")[_("Open the dashboard")],
        " · ",
        h.a(href=report.model_link, style="color:#0072B2")[_("About the model")],
    ]
    return [
        h.div(".rule", style=f"border-top:1px solid {palette.GRID};padding-top:10px")[
            h.table(**_LAYOUT)[rows], h.p(".quiet", style=f"{_SMALL};margin:8px 0 0")[links]
        ]
    ]
