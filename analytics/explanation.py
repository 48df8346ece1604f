"""Why one case has its score: its features' and events' contributions in the task's own words."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics import registry
from analytics.cases import Cases
from analytics.reasons import strongest_reasons
from analytics.rescoring import cases_of, day_of
from analytics.task import Feature, Task, Words
from connectors.errors import AssistantError
from pipelines.settings import Settings


@dataclass(frozen=True)
class Reason:
    """One contribution to a score: a positive one raises it. In log-odds, or in the unit of the value.

    Of an event `days_before` says how long before the case's `as_of` it happened; its value may be empty.
    """

    feature: str
    label: Words
    value: str
    contribution: float
    days_before: float | None = None

    def in_words(self, language: str = "en") -> str:
        """One sentence: what is known, or what happened when, and which way it moves the score."""
        label, raises = self.label[language], self.contribution > 0
        if language == "zh":
            way = "提高评分" if raises else "降低评分"
            if self.days_before is None:
                return f"{label}：{self.value or '未知'}，{way}"
            return "，".join(filter(None, [f"{label}（{self.days_before:.0f} 天前）", self.value, way]))
        way = "raises the score" if raises else "lowers the score"
        if self.days_before is None:
            return f"{label}: {self.value or 'not known'}, {way}"
        days = f"{self.days_before:.0f} day{'' if round(self.days_before) == 1 else 's'} before"
        return f"{label}, {days}: " + ", ".join(filter(None, [self.value, way]))


def explain_one(
    settings: Settings, task: Task, entity_id: str, as_of: date | None = None, most: int = 5
) -> list[Reason]:
    """The strongest reasons of one case as of a day (default: the last complete one), strongest first.

    Raises AssistantError if there is no model in service or nothing is known of the entity.
    """
    _, model = registry.serving(settings, task)
    case = case_of(settings, task, entity_id, as_of, events=model.event_book is not None)
    found = strongest_reasons(model, case, most)[0]
    return [worded(task, entry) for entry in found]


def case_of(
    settings: Settings, task: Task, entity_id: str, as_of: date | None = None, *, events: bool = True
) -> Cases:
    """The one case of an entity as of a day (default: the last complete one); of several the last.

    Its events are read only where the model needs them.

    Raises AssistantError if nothing is known of the entity by then.
    """
    case = cases_of(settings, task, [entity_id], as_of, events=events)
    if not len(case):
        by = f" by {day_of(as_of)}" if as_of else ""
        raise AssistantError(f"{task.name}: nothing is known of «{entity_id}»{by}.", "Check the identifier.")
    return case


def worded(task: Task, entry: dict[str, Any]) -> Reason:
    """A stored reason (as `strongest_reasons` gives it) in the task's words, the value with its unit."""
    name, days_before = entry["feature"], entry.get("days_before")
    info = (task.feature_info if days_before is None else task.event_info).get(name)
    label = info.label if info else {"en": name, "zh": name}
    return Reason(name, label, value_text(entry["value"], info), float(entry["contribution"]), days_before)


def value_text(value: Any, info: Feature | None) -> str:
    """A value as people read it, with its unit; empty where it is not known."""
    unit = f" {info.unit}" if info and info.unit not in ("", "1") and value is not None else ""
    return _text(value) + unit


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"
    return str(value)
