"""What a report is before it has a form: facts about its making, headline figures, charts, tables and words.

Everything in it is finished: translated, masked for its reader's role, taken from one snapshot. The forms
(`html`, `text`, `sheets`, `pdf`, `mail`) only set it; the same report gives the same bytes in each of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import polars as pl

from dashboards.charts.chart import Chart
from dashboards.numbers import Format, shown
from dashboards.reports.document import Document
from dashboards.reports.reader import Attributes


@dataclass(frozen=True)
class Headline:
    """One figure that matters, and how it moved since the issue before ("" where there is none)."""

    label: str
    value: str
    change: str = ""


@dataclass(frozen=True)
class Headlines:
    """The figures on top of a report."""

    figures: tuple[Headline, ...]
    since: str = ""  # what the changes are measured from, in words


@dataclass(frozen=True)
class Column:
    """One column of a table: its name in the frame, its heading and the way its values are written.

    `lower` and `upper` name columns that are written beside the value as its interval.
    A column of longer texts `wraps`; the others stay on one line.
    """

    name: str
    title: str
    format: Format = "text"
    unit: str = ""
    lower: str = ""
    upper: str = ""
    wraps: bool = False

    @property
    def heading(self) -> str:
        """Title and unit as they stand above the column."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def is_number(self) -> bool:
        return self.format in ("integer", "number", "percent", "signed")

    def cell(self, row: dict[str, object], language: str) -> str:
        """The value of this column in `row` as a reader sees it."""
        return shown(row[self.name], self.format, language)

    def interval(self, row: dict[str, object], language: str) -> str:
        """The bounds of the value in `row`, "" for a column without."""
        if not self.lower:
            return ""
        low, high = (shown(row[bound], self.format, language) for bound in (self.lower, self.upper))
        return f"({low}–{high})"


@dataclass(frozen=True, eq=False)
class Table:
    """A table; a mail shows its first `most` rows, the files all of the frame.

    `total` is how many rows there are where the frame holds only the first of them. The files have the
    columns `in_sheet` where they tell more than there is room for on a page.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame
    most: int = 20
    in_sheet: tuple[Column, ...] = ()
    total: int | None = None

    @property
    def rows(self) -> int:
        """How many rows there are in truth."""
        return self.frame.height if self.total is None else self.total


@dataclass(frozen=True)
class Paragraph:
    """A few sentences under a heading; a `notice` is set off so that nobody overlooks it."""

    title: str
    text: str
    kind: Literal["plain", "notice"] = "plain"


Section = Headlines | Chart | Table | Paragraph


@dataclass(frozen=True)
class Fact:
    """One line on how the report came about: period, data as of, snapshot, model."""

    label: str
    value: str


@dataclass(frozen=True, eq=False)
class Report:
    """One issue of a report for one kind of reader.

    `period` is the moment the issue is for (UTC); `summary` the sentence shown first in an inbox.
    """

    name: str
    title: str
    summary: str
    organisation: str
    language: str
    timezone: str
    period: datetime
    as_of: datetime
    snapshot: int
    model_version: str
    link: str
    model_link: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...] = field(default=())
    documents: tuple[Document, ...] = ()  # printed, and attached to the mail
    attributes: Attributes = ()  # that cut the rows
    values: Mapping[str, float] = field(default_factory=dict)  # figures by name, for conditions on an issue

    @property
    def charts(self) -> list[Chart]:
        return [section for section in self.sections if isinstance(section, Chart)]

    @property
    def tables(self) -> list[Table]:
        return [section for section in self.sections if isinstance(section, Table)]

    @property
    def file_stem(self) -> str:
        """The name its files begin with: `credit-portfolio-2026-11-22`."""
        return f"{self.name}-{self.as_of:%Y-%m-%d}"
