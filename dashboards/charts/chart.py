"""A chart, described once: what it shows and the one sentence it says. Two painters draw it.

`screen.draw` makes a Plotly figure of it, `paper.draw` a PNG. A description names no library, no page and no
domain; its words are already in the reader's language when it is built.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from dashboards.numbers import Format

Kind = Literal[
    "bar",  # one column per category
    "ranked",  # horizontal bars, first row on top
    "stacked",  # columns made of groups
    "line",  # values over time, one line per group
    "histogram",  # counts per bin; `x` is where a bin begins, `x_end` where it ends
    "scatter",
    "reliability",  # observed against predicted share with its interval, beside the diagonal
    "contributions",  # signed horizontal bars: what speaks for and against
    "waterfall",  # lying steps from `lower` to `upper`, each beginning where the one before ended
    "interval",  # a point with lower and upper bound per category
    "curve",  # values over a number or a day, one smooth line per group
    "heat",  # a table of values, darker where higher: `x` the columns, `group` the rows, `y` the value
    "band",  # what was (no bounds) and what is expected (with its interval), by date, one line per group
    "survival",  # steps over time from the start, the numbers still followed under the axis
    "map",  # routes over places: x is the longitude, y the latitude, each group one line through its rows
    "gantt",  # spans of time in rows: `x` is the begin, `x_end` the end, `y` names the row
]
Mark = Literal["stop", "late", "depot", "unserved"]  # what a point of a map is
# What a colour means, not which it is: the palette decides (`charts.palette`).
Tone = Literal["plain", "calm", "watch", "alert", "muted"]

FAINT = 0.3  # the opacity of what is not picked while something is


@dataclass(frozen=True)
class Axis:
    """One column of the data on an axis: its title, unit and the way its values are written."""

    column: str
    title: str
    format: Format = "number"
    unit: str = ""

    @property
    def caption(self) -> str:
        """Title and unit as they stand beside the axis."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


@dataclass(frozen=True)
class Reference:
    """A value to compare with, drawn as a dashed line; on the axis of the values (y) or on the other one.

    Of charts whose bars lie (`interval`) the values run along the page all the same.
    """

    value: float
    label: str
    axis: Literal["x", "y"] = "y"


@dataclass(frozen=True, eq=False)
class Chart:
    """What a painter needs to know.

    `name` is unique in its report (file name, content id). `data` holds the columns that the axes name, plus
    `lower`/`upper` (bounds of y) and `x_end` where they are named. `group` names the column whose values are
    the lines, parts or bars of different tone; `tones` says what each of them means.

    Marks of a `scatter` may have a text beside them, in the column `label`.
    Maps and Gantt charts know more columns: `mark` holds a `Mark` per row, `label` the text in it, `told` the
    lines that stand under the pointer. Groups in `ground` are spans that others lie upon (a shift, a window).
    Of a chart that one can pick from, `pick` holds what each row stands for (a code, a range), and `chosen`
    whether it is picked: while any is, the others are drawn faint.
    In a waterfall a row whose step has no length is a level (a beginning, an end), marked as such; `label` is
    written beside the step, and `ticks` are places on its axis and what is written there, where the axis does
    not count evenly.
    In a Gantt chart `lower` and `upper` are the interval that the begin of a span lies in. Its moments are
    drawn as they are: bring them to the reader's clock first. In a curve of survival `at_risk` says how many
    were followed just before the time of the row.
    """

    name: str
    kind: Kind
    title: str
    sentence: str
    data: pl.DataFrame
    x: Axis
    y: Axis
    group: str = ""
    lower: str = ""
    upper: str = ""
    x_end: str = ""
    reference: Reference | tuple[Reference, ...] | None = None
    tones: Mapping[str, Tone] = field(default_factory=dict)
    mark: str = ""
    label: str = ""
    told: str = ""
    ground: tuple[str, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    at_risk: str = ""
    pick: str = ""
    chosen: str = ""

    def __post_init__(self) -> None:
        named = (
            *(self.x.column, self.y.column, self.group, self.lower, self.upper, self.x_end),
            *(self.at_risk, self.mark, self.label, self.told, self.pick, self.chosen),
        )
        missing = [column for column in named if column and column not in self.data.columns]
        if missing:
            raise ValueError(f"Chart «{self.name}» names columns that its data lacks: {missing}.")

    @property
    def alt(self) -> str:
        """What a reader who does not see the picture is told."""
        return f"{self.title}. {self.sentence}".strip()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw; painters then say so instead of drawing empty axes."""
        return self.data.is_empty()

    @property
    def groups(self) -> list[str]:
        """The groups in the order of the data; one nameless group where there are none."""
        if not self.group:
            return [""]
        return [str(value) for value in self.data[self.group].unique(maintain_order=True)]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The values to compare with, however many there are."""
        if isinstance(self.reference, Reference):
            return (self.reference,)
        return self.reference or ()

    def is_far_right(self, value: float) -> bool:
        """Whether a value of x lies where a label beside it belongs on its left."""
        ends = self.data[self.x_end or self.x.column]
        if not ends.dtype.is_numeric():
            return False
        low, high = float(self.data[self.x.column].min() or 0), float(ends.max() or 0)  # type: ignore[arg-type]
        return value > low + 0.6 * (high - low)

    @property
    def rows(self) -> list[str]:
        """The rows of a Gantt chart from the top, each once."""
        return [str(value) for value in self.data[self.y.column].unique(maintain_order=True)]

    def strengths(self, part: pl.DataFrame) -> list[float] | None:
        """How strongly the rows of a part are drawn; None where nothing is picked and all are equal."""
        if not self.chosen or not self.data[self.chosen].any():
            return None
        return [1.0 if picked else FAINT for picked in part[self.chosen]]

    def part(self, group: str) -> pl.DataFrame:
        """The rows of one group."""
        return self.data.filter(pl.col(self.group).cast(pl.String) == group) if self.group else self.data
