"""Issues that are sent only if something is to be told: `has rows`, `changed`, `urgent > 10`.

A condition compares one of the report's figures (`Report.values`) with a number; a subscription may have
several, all of which must hold. It is a small grammar of its own: nothing is ever evaluated as code.

    condition = "has rows" | "changed" | figure operator number
    operator  = > | >= | < | <= | = | !=            (also ≥, ≤, ==, ≠)
    number    = 12, -3, 0.25, 1e6, 1_000_000, 25%   (a share of 25 % is 0.25)
"""

import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from connectors.errors import UsageError, did_you_mean

_HAS_ROWS, _CHANGED = "has rows", "changed"
_SHORT = {
    **dict.fromkeys(("has rows", "rows", "not empty", "有数据", "有行"), _HAS_ROWS),
    **dict.fromkeys(("changed", "has changed", "changes", "有变化"), _CHANGED),
}
_FIGURES = {_HAS_ROWS: "rows", _CHANGED: "changed"}
_SPELLINGS = {"≥": ">=", "≤": "<=", "==": "=", "≠": "!=", "=>": ">=", "=<": "<=", "<>": "!="}
_RELATIONS: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    ">": ("above", operator.gt),
    ">=": ("at least", operator.ge),
    "<": ("below", operator.lt),
    "<=": ("at most", operator.le),
    "=": ("exactly", operator.eq),
    "!=": ("other than", operator.ne),
}
_EXACT = 1e15  # whole numbers below it are written in full
_COMPARISON = re.compile(r"([^\W\d]\w*)\s*(>=|<=|=>|=<|==|!=|<>|[><=≥≤≠])\s*(\S+)")
_NUMBER = re.compile(r"([+-]?(?:\d+(?:_\d{3})*(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?)(%?)")
_EXAMPLES = "Write «has rows», «changed», or a figure and a number, such as «urgent > 10»."


class Issue(Protocol):
    """What of a report a condition looks at."""

    @property
    def values(self) -> Mapping[str, float]: ...


@dataclass(frozen=True)
class Condition:
    """One condition: a figure compared with a number."""

    text: str  # as it is written in the book
    figure: str
    relation: str
    number: float

    def unmet(self, values: Mapping[str, float]) -> str:
        """Why it does not hold, in words; "" where it does. A figure that is not known is not enough."""
        value = values.get(self.figure)
        if value is None and self.figure == "changed":
            return ""  # a first issue: all of it is new
        if value is None or math.isnan(value):
            return f"its figure {self.figure} is not known"
        words, holds = _RELATIONS[self.relation]
        if holds(value, self.number):
            return ""
        if self.text == _HAS_ROWS:
            return "it has no rows"
        if self.text == _CHANGED:
            return "nothing has changed since the issue before"
        return f"its figure {self.figure} is {_shown(value)}, not {words} {_shown(self.number)}"


def check(text: str, known: Iterable[str] | None = None) -> str:
    """A condition as it is written in the book. `known` are the figures of the report, where they are known.

    Raises UsageError for anything that is no condition, or about a figure that the report does not have.
    """
    condition = _parsed(text)
    figures = None if known is None else sorted({*known, "changed"})
    if figures is not None and condition.figure not in figures:
        raise UsageError(
            f"The report has no figure «{condition.figure}».", did_you_mean(condition.figure, figures)
        )
    return condition.text


def unmet(report: Issue, only_if: Iterable[str]) -> str:
    """Why an issue is not sent: the conditions that do not hold, in words; "" where all of them do."""
    found = [_parsed(text).unmet(report.values) for text in only_if]
    reasons = [each for each in found if each]
    return f"Not sent, because {' and '.join(reasons)}." if reasons else ""


def _parsed(text: str) -> Condition:
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split()).removeprefix("only if ")
    if short := _SHORT.get(plain):
        return Condition(short, _FIGURES[short], ">", 0)
    found = _COMPARISON.fullmatch(plain)
    if found is None:
        raise UsageError(f"«{text}» is no condition.", _EXAMPLES)
    number = _NUMBER.fullmatch(found[3].replace(",", "_"))
    value = float(number[1].replace("_", "")) / (100 if number[2] else 1) if number else math.nan
    if not math.isfinite(value):
        raise UsageError(f"«{text}» compares with «{found[3]}», which is no number.", _EXAMPLES)
    relation = _SPELLINGS.get(found[2], found[2])
    return Condition(f"{found[1]} {relation} {_shown(value)}", found[1], relation, value)


def _shown(value: float) -> str:
    """A number that reads back as itself, without the .0 of whole ones."""
    return str(int(value)) if float(value).is_integer() and abs(value) < _EXACT else repr(value)
