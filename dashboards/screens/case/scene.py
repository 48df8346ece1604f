"""What the parts of a case's page share: the model that made its score, and what that model reads of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import streamlit as st

from analytics import registry
from analytics.cases import Cases
from analytics.model import Model
from analytics.neighbours import pool_of
from analytics.rescoring import cases_of, kept_snapshot, model_of
from analytics.steps import Way, way_of
from analytics.task import Task
from connectors.errors import AssistantError
from dashboards.cases.spoken import hidden_features
from dashboards.screens.here import Here

LOOK = "look"  # the name in the address of the side of a case that is looked at
KEPT = 900  # seconds
_SCORED = ("entity_id", "as_of", "model_version", "snapshot_id")  # one scoring of a case
_NEAR = 1e-6  # of the scale of a score: what reading again and other batches may differ by


@dataclass(frozen=True, eq=False)
class Scene:
    """One case before the model of its score, with its features as they were when it was scored.

    `case` is None where the data know nothing of it any more.
    """

    model: Model
    version: str
    card: dict[str, Any]
    case: Cases | None
    score: float | None

    def tells(self, row: dict[str, Any]) -> bool:
        """Whether the model still comes to the stored score: else the data were corrected since."""
        return self.score is not None and abs(self.score - row["score"]) <= _NEAR * max(1, abs(row["score"]))

    @property
    def importance(self) -> list[dict[str, Any]]:
        """What the model goes by on the whole; empty of a version that does not say."""
        found: list[dict[str, Any]] = self.card.get("metrics", {}).get("importance") or []
        return found

    @cached_property
    def way(self) -> Way | None:
        return way_of(self.model, self.case) if self.case else None


def scene_of(here: Here, task: Task, row: dict[str, Any]) -> Scene | None:
    """The scene of a prediction; None where the model that made it is not kept any more."""
    return _scene(key_of_case(here, task, row), here, task, row)


def pool(here: Here, task: Task, scene: Scene) -> Cases:
    """The settled cases that this one is compared with, read once for everybody."""
    return _pool(_key(here, task, scene.version, here.snapshot), here, task, scene)


def hidden(here: Here, task: Task) -> frozenset[str]:
    """Features whose values this role may not see."""
    return hidden_features(here.settings, task, here.role)


def say_nothing_can_be_tried(here: Here) -> None:
    """Where there is no model, or no case, to try other values on."""
    _ = here.say
    st.info(
        _(
            "Nothing can be tried: the model of this score is not kept, or nothing is known of the case "
            "any more."
        ),
        icon=":material/block:",
    )


def key_of_case(here: Here, task: Task, row: dict[str, Any]) -> tuple[str, ...]:
    """What answers about a prediction are remembered by: a case that is scored again is asked about anew."""
    return _key(here, task, *(row[name] for name in _SCORED))


def _key(here: Here, task: Task, *more: object) -> tuple[str, ...]:
    """What answers about this home and this task are remembered by, with `more` that they depend on."""
    home = here.settings
    return (str(home.home), home.catalog, home.storage, repr(task), *map(str, more))


@st.cache_resource(ttl=KEPT, max_entries=64, show_spinner=False)
def _scene(key: tuple[str, ...], _here: Here, _task: Task, _row: dict[str, Any]) -> Scene | None:  # noqa: ARG001
    settings, task, row = _here.settings, _task, _row
    try:
        version, model = model_of(settings, task, row["model_version"])
        card = registry.card(settings, version)
        found = cases_of(
            settings,
            task,
            [row["entity_id"]],
            row["as_of"],
            events=model.event_book is not None,
            snapshot=kept_snapshot(settings, row["snapshot_id"]),
        )
        case = found if len(found) else None
        return Scene(model, version.version, card, case, model.predict(case).score[0] if case else None)
    except AssistantError:
        return None


@st.cache_resource(ttl=KEPT, max_entries=8, show_spinner=False)
def _pool(key: tuple[str, ...], _here: Here, _task: Task, _scene: Scene) -> Cases:  # noqa: ARG001
    return pool_of(_here.settings, _task, _scene.model)
