"""Continues the model in service with what has become known since, in a fraction of the time of a training.

What is fresh: the cases a new training would learn from and the version has not, because their outcome was
not known when it was trained, or because they were among the latest then, which judge and do not teach. The
model keeps its books of codes and goes on learning (`update` of its family) from the fresh cases and from a
sample of the old ones, so that it does not forget them. Each fresh case is held out of a part of the model,
and its honest score there calibrates the result anew.

The updated model is judged like any other challenger on the same test rows and promoted by the same rule.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics import feedback, registry, training
from analytics.cases import Cases, fates
from analytics.device import effort_of
from analytics.fitting import SEED, model_of, problem_of
from analytics.model import Model
from analytics.models import families
from analytics.models.learner import Effort
from analytics.past import settled_at
from analytics.splits import entity_folds, split
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.store import ModelVersion

Rows = NDArray[np.int64]
Progress = training.Progress

FEWEST = 50  # fresh cases; fewer cannot calibrate
REPLAYED = 1  # old cases for each fresh one
FEWEST_REPLAYED, MOST_REPLAYED = 1_000, 20_000
CHECKED = 0.3  # of the fresh cases, where the model is one and not cross-fitted


def update(
    settings: Settings, task: Task, seconds: float | None = None, progress: Progress | None = None
) -> training.TrainingResult:
    """A new version from the one in service; nothing is done where nothing is fresh.

    Raises AssistantError where there is no sound model in service, where too few cases are fresh, or where
    the model cannot read the cases any more.
    """
    tell = progress or (lambda _: None)
    with registry.training_lock(settings, task):
        serving = registry.champion(settings, task)
        if serving is None:
            raise AssistantError(
                f"{task.name} has no model in service to continue.", f"Run `sda train {task.name}`."
            )
        model = registry.load(settings, serving)
        tell(f"{task.name}: reading cases")
        cases, task = training.prepared(settings, task)
        if (model.kind, model.classes) != (task.kind, task.classes):
            raise AssistantError(
                f"{task.name} has changed its kind or classes since version {serving.version}.",
                f"Run `sda train {task.name}` without --update.",
            )
        labels = training.settled_labels(task, cases)
        parts = split(fates(task, cases.keys), labels, task.meaning.horizon_days, task.kind != "regression")
        fresh = _fresh(settings, task, cases, parts.learning, serving)
        if not fresh.any():
            tell(f"{task.name}: nothing to learn from has become known since version {serving.version}")
            return training.unchanged(serving)
        if fresh.sum() < FEWEST:
            raise AssistantError(
                f"{task.name}: only {fresh.sum()} cases to learn from have become known since version "
                f"{serving.version}; {FEWEST} are needed to continue it.",
                f"Wait for more, or run `sda train {task.name}` without --update.",
            )
        later = training.unseen(cases.rows(parts.test), serving)
        if later.sum() < min(FEWEST, len(later)):
            raise AssistantError(
                f"{task.name}: next to nothing is left to judge an update on: since records of long ago were "
                f"added, version {serving.version} has learned from most of the test cases.",
                f"Run `sda train {task.name}` without --update.",
            )
        parts = replace(parts, test=parts.test[later])
        tell(f"{task.name}: version {serving.version} goes on with {fresh.sum()} fresh cases")
        effort = replace(
            effort_of(settings, seconds, tell), progress=lambda text: tell(f"{task.name}: {text}")
        )
        chosen, folds = _lesson(fates(task, cases.keys)["entity_id"], labels, parts.learning, fresh, serving)
        updated = _continued(task, model, cases.rows(chosen), folds, effort)
        provenance = {"updated_from": serving.version, "fingerprint": training.fingerprint_of(settings, task)}
        figures = {
            "updated_from": {
                "version": serving.version,
                "fresh": int(fresh.sum()),
                "replayed": int(len(chosen) - fresh.sum()),
            }
        }
        challenger = training.Challenger(updated, cases, parts, figures, provenance)
        return training.challenge(settings, task, challenger, serving, tell)


def _continued(task: Task, model: Model, cases: Cases, folds: Rows, effort: Effort) -> Model:
    """The model after it has learned from the cases; its bands stay where they were."""
    problem = problem_of(task, cases, task.classes, model)
    fitted = families.module(model.scorer.family).update(model.scorer, problem, folds, effort)
    return replace(model_of(task, problem, task.classes, fitted, folds, effort), bands=model.bands)


def _fresh(
    settings: Settings, task: Task, cases: Cases, learning: Rows, version: ModelVersion
) -> NDArray[np.bool_]:
    """Which of the `learning` rows the version has not learned from."""
    keys = cases.keys[learning].with_row_index("row")
    learned = _learned(settings, task, version)
    known = keys.join(learned, on=learned.columns, how="semi", nulls_equal=True)["row"].to_numpy()
    fresh = np.ones(len(learning), dtype=bool)
    fresh[known] = False
    return fresh


def _learned(settings: Settings, task: Task, version: ModelVersion) -> pl.DataFrame:
    """The keys of the cases that the version has learned from, or may have.

    Where its test began on a certain day: all before. Else the split of its snapshot, made again.
    """
    then = settled_at(settings, task, version.snapshot_id)
    cases = Cases(then.select("entity_id", "as_of"), pl.DataFrame(), then["label"])
    if first := version.rows.get("test_from"):
        learning = (cases.keys["as_of"].dt.date() < date.fromisoformat(first)).arg_true().to_numpy()
    else:
        labels = training.settled_labels(task, cases)
        owners, horizon = fates(task, cases.keys), task.meaning.horizon_days
        learning = split(owners, labels, horizon, task.kind != "regression").learning
    told = feedback.outcomes(settings, task, before=version.created_at)
    if task.flat:
        keys = pl.concat([cases.keys["entity_id"][learning], told["entity_id"]])
        return keys.unique().to_frame()
    moments = told.select("entity_id", pl.col("as_of").dt.combine(feedback.END_OF_DAY))
    return pl.concat([cases.keys[learning], moments]).unique()


def replayed_rows(fresh: int, old: int) -> int:
    """How many old cases are learned again beside the fresh ones."""
    return min(old, MOST_REPLAYED, max(FEWEST_REPLAYED, REPLAYED * fresh))


def _lesson(
    owners: pl.Series,
    labels: NDArray[np.float64],
    learning: Rows,
    fresh: NDArray[np.bool_],
    version: ModelVersion,
) -> tuple[Rows, Rows]:
    """The rows to learn from, and their folds: fresh ones dealt out, replayed ones taught to all parts.

    Rows of the same of `owners` (one entry a case) fall into the same fold.
    """
    random = np.random.default_rng(SEED)
    new, old = learning[fresh], learning[~fresh]
    most = replayed_rows(len(new), len(old))
    replayed = random.choice(old, most, replace=False)
    folds = entity_folds(owners[new], labels[new])
    if not version.rows.get("cross_fitted", True):
        share = round(1 / CHECKED)
        folds = np.where(entity_folds(owners[new], labels[new], share) == 0, 0, -1)
    return np.concatenate([new, replayed]), np.concatenate([folds, np.full(most, -1)])
