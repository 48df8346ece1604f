"""The figures at the top of a page: each an aggregate over the cases of a view, and the words for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from analytics.task import Task
from dashboards import numbers
from dashboards.queries.predictions import urgent_bands
from dashboards.wording import Say
from pipelines.queries import exact_mean, exact_sum, literal

SAME = "±0"


@dataclass(frozen=True)
class Figure:
    """One figure: its SQL over the columns of a board, what it is called, and how it is written.

    `unit` is the currency of money; `digits` are those of a number.
    """

    name: str
    sql: str
    label: Callable[[Say], str]
    kind: Literal["integer", "number", "percent", "money"] = "integer"
    unit: str = ""
    digits: int = 0
    help: Callable[[Say], str] | None = None

    def written(self, value: float | None, language: str) -> str:
        """The value as a reader of the language writes it."""
        if self.kind == "percent":
            return numbers.percent(value, language)
        if self.kind == "money":
            return numbers.money(value, self.unit, language)
        return numbers.number(value, language, self.digits)

    def change(self, now: float | None, before: float | None, language: str) -> str:
        """How far it moved, with its sign: `+14`, of shares in percentage points; "" where one is missing."""
        if now is None or before is None:
            return ""
        if self.kind == "percent":
            told = numbers.points(now - before, language)
        else:
            told = numbers.signed(now - before, language, self.digits)
        return told if told.strip("+-0.") else SAME


def cases(label: Callable[[Say], str]) -> Figure:
    """How many cases there are."""
    return Figure("cases", "count(*)", label)


def urgent(task: Task) -> Figure:
    """How many stand in the upper half of the bands."""
    bands = ", ".join(literal(band) for band in urgent_bands(task)) or "NULL"
    return Figure("urgent", f"count(*) FILTER (band IN ({bands}))", lambda _: _("In the upper bands"))


def expected(label: Callable[[Say], str], help: Callable[[Say], str]) -> Figure:  # noqa: A002
    """The sum of the probabilities: how many events to expect."""
    return Figure("expected", exact_sum("score"), label, "number", help=help)


def mean_score(task: Task) -> Figure:
    """The mean of the scores."""
    if task.kind == "regression":
        unit = task.meaning.unit

        def label(_: Say) -> str:
            words, told = _("Mean score"), _(unit)  # marked in `dashboards.units`
            return f"{words} ({told})" if unit else words

        return Figure("mean_score", exact_mean("score"), label, "number", digits=1)
    return Figure("mean_score", exact_mean("score"), lambda _: _("Mean score"), "percent")


def usual(task: Task) -> tuple[Figure, ...]:
    """The figures of a task whose page names none."""
    bands = () if task.kind == "multiclass" or len(task.bands) < 2 else (urgent(task),)
    return (cases(lambda _: _("Cases")), *bands, mean_score(task))
