"""How the scores of a task are written, and what of a case's features a role may see."""

from collections.abc import Set as AbstractSet

from analytics.label_sets import OF_TWO
from analytics.task import Task
from dashboards import numbers
from dashboards.figures import band_label
from dashboards.numbers import Format
from dashboards.reasons import feature_label, value_text
from dashboards.units import unit_in_words
from dashboards.wording import say
from pipelines.access import visible_to
from pipelines.catalog import contracts
from pipelines.settings import Settings

HIDDEN = "•••"


def score_text(task: Task, score: float | None, language: str) -> str:
    """A score as people read it: a share, or a value in its unit."""
    if task.kind != "regression":
        return numbers.percent(score, language)
    return numbers.shown(score, "number", language, task.meaning.unit)


def score_format(task: Task) -> Format:
    return "number" if task.kind == "regression" else "percent"


def step_text(task: Task, difference: float, language: str) -> str:
    """How far a score moved, as it stands beside a step: points of a hundred, or the value."""
    if task.kind == "regression":
        return numbers.signed(difference, language, 1 if abs(difference) >= 1 else 2)
    return numbers.points(difference, language)


def difference_text(task: Task, difference: float, language: str) -> str:
    """How far a score moved: in points of a hundred, or in the unit of the value."""
    _ = say(language)
    if task.kind == "regression":
        return f"{numbers.signed(difference, language)} {unit_in_words(task.meaning.unit, language)}".strip()
    return _("{points} points").format(points=numbers.points(difference, language))


def outcome_words(task: Task | None, outcome: object, language: str) -> str:
    """An outcome as labels or people write it (`1`, a class), in words; as it is where the task is gone."""
    _ = say(language)
    if outcome is None:
        return numbers.ABSENT
    written = str(int(outcome)) if isinstance(outcome, bool) else str(outcome)
    if task is None:
        return written
    if task.kind == "multiclass":
        return band_label(task, written, language)
    if task.kind == "regression":
        try:
            return score_text(task, float(written), language)
        except ValueError:
            return written
    came, stayed = _("the event came"), _("the event did not come")
    words = {"0": stayed, OF_TWO[0]: stayed, "1": came, OF_TWO[1]: came}
    return (words | dict(zip(task.classes, (stayed, came), strict=False))).get(written, written)


def hidden_features(settings: Settings, task: Task, role: str) -> frozenset[str]:
    """Features that are a personal column of the task's own table which this role may not see."""
    contract = contracts(settings).get(task.table)
    if contract is None:
        return frozenset()
    seen = visible_to(role)
    return frozenset(
        column.name for column in contract.columns if column.personal and column.personal not in seen
    )


def told(task: Task, feature: str, value: object, hidden: AbstractSet[str], language: str) -> str:
    """The value of a feature in words and units, or that it is hidden."""
    return HIDDEN if feature in hidden else value_text(feature, value, task, language)


def named(task: Task, feature: str, language: str) -> str:
    return feature_label(feature, task, language)
