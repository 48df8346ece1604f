"""The version that is told of, the language it is told in, and figures that may be missing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from analytics.task import Task
from dashboards.domain_words import code_in_words, codes_of
from dashboards.numbers import ABSENT, number, percent, shown
from dashboards.reasons import feature_label
from dashboards.reports.report import Column, Table
from dashboards.wording import Say, in_language, say
from pipelines.store import Check, ModelVersion


@dataclass(frozen=True, eq=False)
class Subject:
    """One version of a task's model. `card` is what its folder says of it, {} where that cannot be read."""

    task: Task
    version: ModelVersion
    language: str
    timezone: str = "UTC"
    check: Check | None = None
    card: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def say(self) -> Say:
        return say(self.language)

    def part(self, name: str) -> Mapping[str, Any]:
        """A part of the figures by its name; empty where this version has none."""
        found = (self.version.metrics or {}).get(name)
        return found if isinstance(found, Mapping) else {}

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        """A part that is a list of entries; empty where this version has none."""
        found = (self.version.metrics or {}).get(name)
        return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []

    @property
    def event(self) -> str:
        """What is predicted, in words."""
        return in_language(self.task.meaning.positive, self.language)

    def label(self, feature: str) -> str:
        """How the task speaks of a feature or of an event."""
        return feature_label(feature, self.task, self.language)

    def code(self, text: str) -> str:
        """A value of a category in words."""
        return code_in_words(text, codes_of(self.task.domain, self.say))

    def measured(self, name: str, *, share: bool = False) -> str:
        """A figure of the test cases with its interval, `0.812 (0.795 to 0.829)`; a dash where unknown."""
        bounds = self.part("intervals").get(name)
        return self.with_interval([self.part("test").get(name), *(bounds or ())], share=share)

    def with_interval(self, values: Any, *, share: bool = False) -> str:
        """`[value, low, high]` or `[value]` as one writes it; a dash where it is unknown."""
        _ = self.say
        value, low, high = three(values)
        if value is None:
            return ABSENT
        write = percent if share else number
        if low is None or high is None:
            return write(value, self.language)
        # An interval is written as finely as its value, so that both can be compared.
        return _("{value} ({low} to {high})").format(
            value=write(value, self.language), low=write(low, self.language), high=write(high, self.language)
        )


def known(values: Any) -> list[float | None]:
    """A list of figures; None for what is missing or not a number. A bare number is a list of one."""
    given = values if isinstance(values, Sequence) and not isinstance(values, str) else [values]
    return [figure(value) for value in given]


def three(values: Any) -> tuple[float | None, float | None, float | None]:
    """The first three of a list of figures: a value and its bounds."""
    value, low, high = (*known(values), None, None, None)[:3]
    return value, low, high


def figure(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def table(name: str, title: str, columns: Mapping[str, Sequence[Any]]) -> Table:
    """A table of cells that are already written: heading -> the cells of its column."""
    cells = {heading: [shown(cell, "text", "en") for cell in column] for heading, column in columns.items()}
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    return Table(name, title, tuple(Column(heading, heading) for heading in cells), frame, most=frame.height)
