"""A case on one page of paper: the score, why, what is known, what happened, what became of those like it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashboards.charts.chart import Chart
from dashboards.reports.document import (
    Beside,
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
from dashboards.reports.foreign import shortened
from dashboards.wording import say

MOST_EVENTS = 8
_LONGEST, _LONGEST_CELL = 60, 34  # letters of the title, of a cell
# Letters that a line of a cell holds, and lines there is room for: what is beyond stands on the screen.
_FACT, _FACTS = 15, 30
_EVENT, _EVENTS = 24, 12
_NAMES = 0.62  # of the page's width for the picture


@dataclass(frozen=True, eq=False)
class Told:
    """What the sheet says, everything in words and as the reader's role may see it."""

    title: str
    subtitle: str
    figures: tuple[tuple[str, str, str], ...]  # label, value, below
    notices: tuple[str, ...]
    why: Chart | None
    how_to_read: str
    facts: Sequence[tuple[str, str]]
    similar: str
    events: Sequence[tuple[str, ...]]  # when, where from, what, value
    foot: str


def sheet(told: Told, organisation: str, language: str, made_at: datetime) -> Document:
    """The document of one page."""
    part = Part(
        title=shortened(told.title, _LONGEST),
        subtitle=told.subtitle,
        head=shortened(told.title, _LONGEST),
        foot=told.foot,
        blocks=tuple(_blocks(told, language)),
    )
    return Document(
        name="case",
        title=told.title,
        organisation=organisation,
        language=language,
        made_at=made_at,
        parts=(part,),
        few_pages=True,
    )


def _blocks(told: Told, language: str) -> list[Block]:
    _ = say(language)
    blocks: list[Block] = [Figures(told.figures), *(Words(text, "notice") for text in told.notices if text)]
    right: tuple[Block, ...] = (Heading(_("What is known")), _facts(told.facts, language))
    known = bool(told.facts)
    if told.why is None:
        blocks += right if known else []
    else:
        chart = replace(told.why, sentence="")
        left = (Heading(told.why.title), Drawing(chart, bare=True), Words(told.how_to_read, "quiet"))
        blocks.append(Beside(left, right, _NAMES) if known else Beside(left, (), 1.0))
    if told.similar:
        blocks += [Heading(_("Similar past cases")), Words(told.similar)]
    if told.events:
        blocks += [Heading(_("Recent events")), _events(told.events, language)]
    return blocks


def _facts(facts: Sequence[tuple[str, str]], language: str) -> Grid:
    _ = say(language)
    columns = (GridColumn(_("Fact"), share=1.2), GridColumn(_("Value"), share=1))
    return Grid(columns, _rows(facts, _FACT, _FACTS), tight=True)


def _events(events: Sequence[tuple[str, ...]], language: str) -> Grid:
    _ = say(language)
    titles = (_("Where from"), _("What"), _("Value"))
    columns = (GridColumn(_("When")), *(GridColumn(title, share=1) for title in titles))
    return Grid(columns, _rows(events[:MOST_EVENTS], _EVENT, _EVENTS), tight=True)


def _rows(rows: Sequence[tuple[str, ...]], letters: int, lines: int) -> tuple[tuple[Cell, ...], ...]:
    """As many rows as there is room for, each cell cut to what one reads."""
    found: list[tuple[Cell, ...]] = []
    for row in rows:
        texts = [shortened(text, _LONGEST_CELL) for text in row]
        lines -= max(-(-_width(text) // letters) for text in texts)
        if lines < 0:
            break
        found.append(tuple(map(Cell, texts)))
    return tuple(found)


def _width(text: str) -> int:
    """In letters; Chinese ones are twice as wide."""
    return max(1, sum(1 if each.isascii() else 2 for each in text))
