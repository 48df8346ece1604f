"""The filters of a view in words, where no page is drawn: in mails, in lists of subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from analytics.task import Task
from dashboards import numbers
from dashboards.domain_words import code_in_words, codes_of
from dashboards.explore.cases import labels_of
from dashboards.explore.view import Range, View
from dashboards.figures import band_label
from dashboards.wording import say
from pipelines.settings import Settings

_SHARES = ("score", "score_before", "lower", "upper")  # of one, unless a value is predicted
_BANDS = ("band", "band_before")


def in_words(settings: Settings, task: Task, view: View, language: str) -> str:
    """`Band: high, very high; Amount: from 1,000`; "" for a view that filters nothing."""
    words = _Words(task, labels_of(settings, task, language), language)
    return ("；" if language == "zh" else "; ").join(words.of(view))


@dataclass(frozen=True)
class _Words:
    task: Task
    labels: Mapping[str, str]
    language: str

    def of(self, view: View) -> list[str]:
        _ = say(self.language)
        told = []
        if part := view.search.strip("*"):
            words = (
                _("number with «{part}» in it") if view.search[0] == "*" else _("number begins with «{part}»")
            )
            told.append(words.format(part=part))
        told += [f"{self._label(column)}: {self._listed(column, wanted)}" for column, wanted in view.choices]
        return told + [self._range(column, wanted) for column, wanted in view.ranges]

    def _label(self, column: str) -> str:
        return self.labels.get(column) or column.replace("_", " ")

    def _listed(self, column: str, values: tuple[str, ...]) -> str:
        return ("、" if self.language == "zh" else ", ").join(self._value(column, value) for value in values)

    def _value(self, column: str, value: str) -> str:
        _ = say(self.language)
        if value == "":
            return _("(none)")
        if column in _BANDS:
            return band_label(self.task, value, self.language)
        moves = {"new": _("new"), "up": _("moved up"), "down": _("moved down"), "same": _("same band")}
        if column == "moved":
            return moves.get(value, value)
        if value.lower() in ("true", "false"):
            return _("yes") if value.lower() == "true" else _("no")
        return code_in_words(value, codes_of(self.task.domain, _))

    def _range(self, column: str, wanted: Range) -> str:
        _, label = say(self.language), self._label(column)
        low, high = self._end(column, wanted.low), self._end(column, wanted.high)
        if not high:
            return _("{label}: from {low}").format(label=label, low=low)
        if not low:
            return _("{label}: up to {high}").format(label=label, high=high)
        return f"{label}: {low} – {high}"

    def _end(self, column: str, text: str) -> str:
        """One end of a range as it is written: a share, a number, a day, a moment."""
        try:
            if column in _SHARES and self.task.kind != "regression":
                return numbers.percent(float(text), self.language)
            return numbers.number(float(text), self.language)
        except ValueError:
            return self._moment(text)

    def _moment(self, text: str) -> str:
        try:
            if len(text) == len("2026-10-30"):
                return numbers.day(date.fromisoformat(text), self.language)
            return numbers.moment(datetime.fromisoformat(text), self.language, "UTC")
        except ValueError:
            return text
