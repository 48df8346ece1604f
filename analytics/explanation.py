"""Why one case has its score: exact tree contributions in the task's own words."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import polars as pl

from analytics import registry
from analytics.dataset import candidate_cases, last_complete_day, named_cases
from analytics.reasons import strongest_reasons
from analytics.task import Task, Words
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


@dataclass(frozen=True)
class Reason:
    """One contribution to a score: a positive one raises it. In log-odds, or in the unit of the value."""

    feature: str
    label: Words
    value: str
    contribution: float

    def in_words(self, language: str = "en") -> str:
        """One sentence: what is known, and which way it moves the score."""
        label, raises = self.label[language], self.contribution > 0
        if language == "zh":
            return f"{label}：{self.value or '未知'}，{'提高' if raises else '降低'}评分"
        return f"{label}: {self.value or 'not known'}, {'raises' if raises else 'lowers'} the score"


def explain_one(
    settings: Settings, task: Task, entity_id: str, as_of: date | None = None, most: int = 5
) -> list[Reason]:
    """The strongest reasons of one case as of a day (default: the last complete one), strongest first.

    Raises AssistantError if there is no model in service or nothing is known of the entity.
    """
    model = registry.load(settings, registry.required(settings, task))
    given = as_of.date() if isinstance(as_of, datetime) else as_of
    with Warehouse(settings).reading():  # attached once for all the queries below
        day = given or last_complete_day(settings, task)
        cases = candidate_cases(settings, task, day, entity_id)
        if not len(cases) and task.flat is None:
            # Not to be scored that day, but perhaps known: a loan of long ago, a shipment delivered.
            moment = pl.lit(datetime.combine(day, time(23, 59, 59)), pl.Datetime("us"))
            cases = named_cases(settings, task, pl.select(entity_id=pl.lit(entity_id), as_of=moment))
    if not len(cases):
        raise AssistantError(
            f"{task.name}: nothing is known of «{entity_id}» by {day}.", "Check the identifier."
        )
    found = strongest_reasons(model, cases.part(len(cases) - 1, 1), most)[0]
    return [worded(task, entry) for entry in found]


def worded(task: Task, entry: dict[str, Any]) -> Reason:
    """A stored reason (`feature`, `value`, `contribution`) in the task's words, the value with its unit."""
    name = entry["feature"]
    info = task.feature_info.get(name)
    label = info.label if info else {"en": name, "zh": name}
    unit = f" {info.unit}" if info and info.unit not in ("", "1") and entry["value"] is not None else ""
    return Reason(name, label, _text(entry["value"]) + unit, float(entry["contribution"]))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"
    return str(value)
