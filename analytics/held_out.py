"""The cases that the version in service never learned from, as it scores them, beside what became of them."""

from datetime import date

import numpy as np
import polars as pl

from analytics import registry
from analytics.cases import fates, numbered_labels
from analytics.dataset import named_cases
from analytics.model import Model
from analytics.past import settled_at
from analytics.splits import split
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.store import ModelVersion


def held_out(settings: Settings, task: Task) -> tuple[ModelVersion, pl.DataFrame]:
    """The version in service and `entity_id, as_of, score, label` of the cases held out from it.

    For tasks of two classes that are no flat ones. Where training was divided by time these are all later
    cases, those settled since included; else the entities that training left out. Raises AssistantError where
    there is no version in service, or its data were tidied away.
    """
    version, model = registry.serving(settings, task)
    settled = _settled(settings, task, version, model)
    cases = named_cases(
        settings,
        task,
        settled.select("entity_id", "as_of"),
        events=model.event_book is not None,
        snapshot=None if _by_time(version) else version.snapshot_id,
    )
    scored = cases.keys.with_columns(score=model.predict(cases).score)
    labels = pl.Series("label", numbered_labels(task.kind, settled["label"], model.classes))
    return version, scored.join(settled.with_columns(labels), on=["entity_id", "as_of"])


def _by_time(version: ModelVersion) -> bool:
    return "test_from" in version.rows


def _settled(settings: Settings, task: Task, version: ModelVersion, model: Model) -> pl.DataFrame:
    if _by_time(version):
        first = date.fromisoformat(version.rows["test_from"])
        return settled_at(settings, task).filter(pl.col("as_of").dt.date() >= first)
    settled = settled_at(settings, task, version.snapshot_id).sort("entity_id", "as_of")
    labels = numbered_labels(task.kind, settled["label"], model.classes)
    keys = fates(task, settled.select("entity_id", "as_of"))
    test = split(keys, labels, task.meaning.horizon_days).test
    if len(test) != version.rows.get("test"):
        raise AssistantError(
            f"{task.name}: nobody can tell any more which cases version {version.version} was tested on.",
            f"Run `sda train {task.name}`: the next version knows its own.",
        )
    return settled[np.sort(test)]
