"""Reasons of a prediction in words: the task's own labels, the values with their units, the direction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.task import Task
from dashboards.numbers import ABSENT, number
from dashboards.wording import in_language, say


@dataclass(frozen=True)
class Reason:
    """One contribution: what it is about, the value it had, and how far it moved the score (log-odds)."""

    feature: str
    label: str
    value: str
    contribution: float

    @property
    def text(self) -> str:
        """Label and value as one reads them: `Glucose, last: 7.1 mmol/L`."""
        return f"{self.label}: {self.value}"


def reasons_of(stored: str | None, task: Task, language: str) -> list[Reason]:
    """The reasons stored with a prediction, strongest first; none where none were computed."""
    entries: Sequence[dict[str, Any]] = json.loads(stored) if stored else ()
    reasons = [
        Reason(
            entry["feature"],
            feature_label(entry["feature"], task, language),
            value_text(entry["feature"], entry.get("value"), task, language),
            float(entry["contribution"]),
        )
        for entry in entries
    ]
    return sorted(reasons, key=lambda reason: -abs(reason.contribution))


def in_words(stored: str | None, task: Task, language: str, limit: int = 3) -> str:
    """The strongest reasons that raise the score as one line; a dash where there are none."""
    raising = [reason.text for reason in reasons_of(stored, task, language) if reason.contribution > 0]
    separator = "；" if language == "zh" else "; "
    return separator.join(raising[:limit]) or ABSENT


def feature_label(feature: str, task: Task, language: str) -> str:
    """How the task speaks of a feature; its column name where it says nothing."""
    info = task.feature_info.get(feature)
    return in_language(info.label, language) if info else feature


def value_text(feature: str, value: Any, task: Task, language: str) -> str:
    """A feature's value with its unit, in the reader's way."""
    _ = say(language)
    if value is None or value == "":
        return _("not known")
    if isinstance(value, bool) or value in ("true", "false", "True", "False"):
        return _("yes") if str(value).lower() == "true" else _("no")
    info = task.feature_info.get(feature)
    unit = info.unit if info and info.unit != "1" else ""
    return _as_number(value, language) + (f" {_unit(unit, language)}" if unit else "")


def _as_number(value: Any, language: str) -> str:
    try:
        return number(float(value), language)
    except ValueError:
        return str(value)


def _unit(unit: str, language: str) -> str:
    _ = say(language)
    words = {"months": _("months"), "days": _("days"), "years": _("years"), "hours": _("hours")}
    return words.get(unit, unit)
