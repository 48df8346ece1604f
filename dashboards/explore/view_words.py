"""The filters of a view in words: on chips, in files, in mails and in lists of subscriptions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from analytics.task import Task
from dashboards import numbers
from dashboards.domain_words import code_in_words, codes_of
from dashboards.explore.cases import labels_of
from dashboards.explore.view import Range, View
from dashboards.figures import band_label
from dashboards.wording import say, with_commas, with_semicolons, with_value
from pipelines.settings import Settings

_SHARES = ("score", "score_before", "lower", "upper")  # of one, unless a value is predicted


def in_words(settings: Settings, task: Task, view: View, language: str) -> str:
    """`Band: high, very high; Amount: from 1,000`; "" for a view that filters nothing. Knows no board."""
    known = labels_of(settings, task, language)
    codes = codes_of(task.domain, say(language))
    words = Words(task, lambda column: known.get(column) or column.replace("_", " "), codes, language)
    told = [words.search(view.search)] if view.search else []
    told += [words.choice(column, values) for column, values in view.choices]
    told += [words.range(column, wanted) for column, wanted in view.ranges]
    return with_semicolons(told, language)


@dataclass(frozen=True)
class Words:
    """How filters of the cases of a task are said. `label` names a column, `codes` say codes in words.

    `sort` is what is known of the values of a column (`explore_filters.Sort`); where that is "" they are told
    from how they are written.
    """

    task: Task
    label: Callable[[str], str]
    codes: Mapping[str, str]
    language: str
    zone: str = "UTC"
    sort: Callable[[str], str] = lambda _column: ""

    def search(self, text: str) -> str:
        """What a search by number asks for."""
        _ = say(self.language)
        words = _("number with «{part}» in it") if text[0] == "*" else _("number begins with «{part}»")
        return words.format(part=text.strip("*"))

    def choice(self, column: str, values: tuple[str, ...], named: int | None = None) -> str:
        """One of these values; only the first of them are `named`, further ones counted."""
        _ = say(self.language)
        told = [self.value(column, value) for value in values[:named]]
        listed = with_commas(told, self.language)
        if more := len(values) - len(told):
            listed = _("{listed} and {more} more").format(listed=listed, more=more)
        return with_value(self.label(column), listed, self.language)

    def value(self, column: str, value: str) -> str:
        """One value of a column: bands and codes by their words."""
        _, sort = say(self.language), self.sort(column)
        if value == "":
            return _("(none)")
        if column in ("band", "band_before"):
            return band_label(self.task, value, self.language)
        if column == "moved":
            moves = {"new": _("new"), "up": _("moved up"), "down": _("moved down"), "same": _("same band")}
            return moves.get(value, value)
        if sort == "truth" or (not sort and value.lower() in ("true", "false")):
            return _("yes") if value.lower() == "true" else _("no")
        if sort in ("whole", "number"):
            return _tried(self._number, value)
        return code_in_words(value, self.codes)

    def range(self, column: str, wanted: Range) -> str:
        """From one end to the other; either may be open."""
        _, label = say(self.language), self.label(column)
        low, high = (self.end(column, end) if end else "" for end in (wanted.low, wanted.high))
        if not high:
            return _("{label}: from {low}").format(label=label, low=low)
        if not low:
            return _("{label}: up to {high}").format(label=label, high=high)
        return with_value(label, f"{low} – {high}", self.language)

    def end(self, column: str, text: str) -> str:
        """One end of a range: a share, a number, a day, a moment."""
        if self.sort(column) in ("day", "moment"):
            return _tried(partial(self._moment, column), text)
        try:
            value = float(text)
        except ValueError:
            return _tried(partial(self._moment, column), text)
        return numbers.percent(value, self.language) if self.is_share(column) else self._number(text)

    def is_share(self, column: str) -> bool:
        """Whether a column is a chance, told in percent."""
        return column in _SHARES and self.task.kind != "regression"

    def _number(self, text: str) -> str:
        return numbers.number(float(text), self.language)

    def _moment(self, column: str, text: str) -> str:
        if self.sort(column) == "day" or len(text) <= len("2026-10-30"):
            return numbers.day(date.fromisoformat(text[: len("2026-10-30")]), self.language)
        return numbers.moment(datetime.fromisoformat(text), self.language, self.zone)


def _tried(written: Callable[[str], str], text: str) -> str:
    """The text as it is where it is nothing of that sort."""
    try:
        return written(text)
    except ValueError:
        return text
