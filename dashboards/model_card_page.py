"""A model card as one HTML file that needs nothing beside it: pictures inside, no script, light and dark."""

from base64 import b64encode

import htpy as h
from markupsafe import Markup

from dashboards.charts import paper
from dashboards.charts.chart import Chart
from dashboards.model_card import Chapter, ModelCard
from dashboards.reports.report import Headlines, Paragraph, Section, Table
from dashboards.wording import TAGS

_LONGEST_LINE = 34  # characters of a cell that is not broken
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2933; --quiet: #616e7c; --rule: #e4e7eb; --card: #f3f6f9;
  --ground: #eef1f4; --sheet: #fff; --note: #fff6e0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --quiet: #9aa5b1; --rule: #3e4c59;
  --card: #26303b; --ground: #141a21; --sheet: #1b222b; --note: #3a3222; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 'Segoe UI', Helvetica, Arial,
  'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', sans-serif; }
main { max-width: 860px; margin: 0 auto; background: var(--sheet);
  padding: 24px clamp(14px, 4vw, 40px) 48px; }
h1 { font-size: 26px; line-height: 1.3; margin: 8px 0; }
h2 { font-size: 20px; margin: 36px 0 8px; border-bottom: 2px solid var(--rule); padding-bottom: 4px; }
h3 { font-size: 16px; margin: 20px 0 4px; }
p { margin: 4px 0 8px; } .quiet { color: var(--quiet); }
.note { background: var(--note); border-left: 4px solid #e69f00; padding: 8px 14px; margin: 12px 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 10px; }
.figures div { background: var(--card); padding: 10px 12px; } .figures b { display: block; font-size: 19px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; min-width: 50%; }
th, td { text-align: left; vertical-align: top; padding: 6px 10px; border-bottom: 1px solid var(--rule); }
th { background: var(--card); min-width: 5em; } td { white-space: nowrap; }
td.long { white-space: normal; overflow-wrap: anywhere; min-width: 15em; }
img { display: block; width: 100%; max-width: 640px; height: auto; background: #fff; }
@media print { body, main { background: #fff; } main { padding: 0; } h2, h3 { break-after: avoid; } }
"""


def page(card: ModelCard) -> str:
    """The card as one document."""
    return str(
        h.html(lang=TAGS[card.language])[
            h.head[
                h.meta(charset="utf-8"),
                h.meta(name="viewport", content="width=device-width, initial-scale=1"),
                h.title[card.title],
                h.style[Markup(_STYLE)],  # noqa: S704 - a constant of this file
            ],
            h.body[
                h.main[
                    h.h1[card.title],
                    h.p[card.summary],
                    h.p(".quiet")[" · ".join(f"{fact.label}: {fact.value}" for fact in card.facts)],
                    (_chapter(chapter, card.language) for chapter in card.chapters),
                ]
            ],
        ]
    )


def _chapter(chapter: Chapter, language: str) -> h.Element:
    return h.section[h.h2[chapter.title], (_section(section, language) for section in chapter.sections)]


def _section(section: Section, language: str) -> h.Node:
    match section:
        case Headlines():
            figures = (
                h.div[
                    h.span(".quiet")[figure.label], h.b[figure.value], h.span(".quiet")[figure.change or None]
                ]
                for figure in section.figures
            )
            return h.div(".figures")[figures]
        case Chart():
            return _chart(section, language)
        case Table():
            return _table(section)
        case Paragraph():
            text = [h.h3[section.title], h.p[section.text]]
            return h.div(".note")[text] if section.kind == "notice" else text


def _chart(chart: Chart, language: str) -> h.Node:
    picture = paper.draw(chart, language)
    return [
        h.h3[chart.title],
        h.p(".quiet")[chart.sentence],
        h.img(
            src="data:image/png;base64," + b64encode(picture.png).decode(),
            width=str(picture.width),
            height=str(picture.height),
            alt=chart.alt,
        ),
    ]


def _cell(text: str) -> h.Element:
    """Figures stay on one line, texts may break."""
    return h.td(".long" if len(text) > _LONGEST_LINE else "")[text]


def _table(table: Table) -> h.Node:
    rows = (h.tr[(_cell(str(cell)) for cell in row)] for row in table.frame.iter_rows())
    return [
        h.h3[table.title],
        h.div(".wide")[
            h.table[
                h.thead[h.tr[(h.th(scope="col")[column.heading] for column in table.columns)]], h.tbody[rows]
            ]
        ],
    ]
