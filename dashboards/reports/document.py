"""A printed document before it has a form: parts that begin on new pages, made of a few kinds of blocks.

Everything in it is finished: translated, masked for its reader, written as text. `pdf` only sets it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dashboards.charts.chart import Chart

Side = Literal["left", "right", "center"]


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Words:
    """A paragraph; a `notice` is set off so that nobody overlooks it."""

    text: str
    kind: Literal["plain", "quiet", "notice"] = "plain"
    title: str = ""


@dataclass(frozen=True)
class Facts:
    """Labels and values, in `columns` columns of pairs beside each other."""

    rows: tuple[tuple[str, str], ...]
    columns: int = 1


@dataclass(frozen=True)
class Figures:
    """Figures that matter, each with what is said below it ("" for nothing)."""

    figures: tuple[tuple[str, str, str], ...]  # label, value, below


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chart, in `ratio` of height to width; titled by its own words unless it stands `bare`."""

    chart: Chart
    ratio: float | None = None
    bare: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell of a grid; `below` is a second, smaller line."""

    text: str
    below: str = ""
    strong: bool = False


@dataclass(frozen=True)
class GridColumn:
    """A column of a grid; `share` is its part of the width left over by those as wide as their texts (0)."""

    title: str
    side: Side = "left"
    share: float = 0.0


@dataclass(frozen=True)
class Grid:
    """A table that breaks over pages, its head repeated on each."""

    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    tight: bool = False


@dataclass(frozen=True, eq=False)
class Beside:
    """Blocks in two columns; `ratio` is the width of the left one, as a share."""

    left: tuple["Block", ...]
    right: tuple["Block", ...]
    ratio: float = 0.5


Block = Heading | Words | Facts | Figures | Drawing | Grid | Beside


@dataclass(frozen=True, eq=False)
class Part:
    """Pages of their own, numbered from one; `head` and `foot` stand on each of them.

    With a `cover` its title stands on a coloured ground, and these facts below it.
    """

    title: str
    subtitle: str
    head: str
    foot: str
    blocks: tuple[Block, ...]
    cover: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Document:
    """A document of one or more parts. `name` ends its file name; `made_at` (UTC) is its only date.

    With `few_pages` a page number is printed only in parts that need more than one page. Where `contents` is
    given, it heads a list of the headings, in a document of more than two pages.
    """

    name: str
    title: str
    organisation: str
    language: str
    made_at: datetime
    parts: tuple[Part, ...]
    few_pages: bool = False
    contents: str = ""
