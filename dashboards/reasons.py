"""Reasons of a prediction in words: the task's own labels, the values with their units, the direction."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.task import Task
from dashboards.domain_words import code_in_words, codes_of
from dashboards.numbers import ABSENT, number, percent
from dashboards.units import unit_in_words
from dashboards.wording import SOURCE_LANGUAGE, in_language, say, with_semicolons, with_value


@dataclass(frozen=True)
class Reason:
    """One contribution: what it is about, the value it had, and how far it moved the score (log-odds).

    Of an event `when` says in words how long before the score it happened, and the value may be "".
    `language` is that of its words.
    """

    feature: str
    label: str
    value: str
    contribution: float
    when: str = ""
    language: str = SOURCE_LANGUAGE

    @property
    def text(self) -> str:
        """As one reads it: `Glucose, last: 7.1 mmol/L`, or `Brake fault, 2.5 days before`."""
        told = f"{self.label}, {self.when}" if self.when else self.label
        return with_value(told, self.value, self.language)


def reasons_of(stored: str | None, task: Task, language: str) -> list[Reason]:
    """The reasons stored with a prediction, strongest first; none where none were computed."""
    entries: Sequence[dict[str, Any]] = json.loads(stored) if stored else ()
    reasons = [_reason(entry, task, language) for entry in entries]
    return sorted(reasons, key=lambda reason: -abs(reason.contribution))


def _reason(entry: Mapping[str, Any], task: Task, language: str) -> Reason:
    """A stored reason in words; the key `days_before` marks an event."""
    name, value, days = entry["feature"], entry.get("value"), entry.get("days_before")
    when = "" if days is None else days_before(float(days), language)
    nothing = when and value in (None, "")
    return Reason(
        name,
        feature_label(name, task, language),
        "" if nothing else value_text(name, value, task, language),
        float(entry["contribution"]),
        when,
        language,
    )


def days_before(days: float, language: str) -> str:
    """How long before the score something happened: `2.5 days before`, `3 hours before`."""
    _ = say(language)
    if days < 1:
        return _("{hours} hours before").format(hours=number(24 * days, language, 0))
    digits = 1 if days < 10 and not float(days).is_integer() else 0
    return _("{days} days before").format(days=number(days, language, digits))


def in_words(stored: Iterable[str | None], task: Task, language: str, most: int = 3) -> list[str]:
    """The `most` strongest reasons that raise each score as one line; a dash where there are none.

    Cases are many and reasons few: what is said twice is put in words once.
    """
    said: dict[tuple[str, str, str], str] = {}

    def text(entry: Mapping[str, Any]) -> str:
        key = (str(entry["feature"]), str(entry.get("value")), str(entry.get("days_before")))
        if key not in said:
            said[key] = _reason(entry, task, language).text
        return said[key]

    def line(case: str | None) -> str:
        raising = [entry for entry in (json.loads(case) if case else ()) if entry["contribution"] > 0]
        strongest = sorted(raising, key=lambda entry: -float(entry["contribution"]))[:most]
        return with_semicolons(map(text, strongest), language) or ABSENT

    return [line(case) for case in stored]


def feature_label(feature: str, task: Task, language: str) -> str:
    """How the task speaks of a feature or of an event; its own name where it says nothing."""
    info = task.feature_info.get(feature) or task.event_info.get(feature)
    return in_language(info.label, language) if info else feature


def value_text(feature: str, value: Any, task: Task, language: str) -> str:
    """The value of a feature or of an event with its unit, in the reader's way; a ratio in percent."""
    _ = say(language)
    if value is None or value == "":
        return _("not known")
    if isinstance(value, bool) or value in ("true", "false", "True", "False"):
        return _("yes") if str(value).lower() == "true" else _("no")
    unit = unit_of(feature, task, language)
    try:
        amount = float(value)
    except ValueError:
        told = code_in_words(str(value), codes_of(task.domain, _))
    else:
        if is_ratio(feature, task):
            return percent(amount, language, 1 if abs(amount) < 1 else 0)
        told = number(amount, language)
    return told + (f" {unit}" if unit else "")


def is_ratio(feature: str, task: Task) -> bool:
    """Whether the feature or event is a share or a ratio, whose unit is 1."""
    info = task.feature_info.get(feature) or task.event_info.get(feature)
    return info is not None and info.unit == "1"


def unit_of(feature: str, task: Task, language: str) -> str:
    """The unit of a feature or of an event in words, "" where it has none."""
    info = task.feature_info.get(feature) or task.event_info.get(feature)
    return unit_in_words(info.unit, language) if info else ""
