"""How good the predictions proved to be, once outcomes arrive; and what is to be expected before they do.

Observed: each settled case once, with the prediction closest to it, made by the version in question and only
if that version cannot have learned the outcome (it was not settled in the snapshot it was trained on). Where
the source has not settled a case, what people say of it counts (`feedback`).

The rule, from 100 cases and (two classes) 10 of each kind on, against the figures of the version's own test:

- AUROC lower by 0.02 (watch) or 0.05 (act), and its 95 % interval wholly below the tested value;
- the observed rate off the predicted one by 0.02 or a quarter of it (watch), by 0.05 or all of it (act), and
  by more than three standard errors;
- several classes: log loss, values: mean absolute error; higher by 10 % (watch) or 25 % (act), and the
  interval wholly above the tested value.

Expected: the scores are calibrated, so they say themselves how often they will be right (confidence-based
performance estimation). That is an estimate: it holds as long as outcomes come as they did in training, and
cannot see that they do not.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics import drift, feedback
from analytics.cases import numbered_labels
from analytics.evaluation import auroc, evaluate, intervals, loss_per_case
from analytics.past import matched, settled_at
from analytics.reliability import reliability
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.store import ModelVersion
from pipelines.warehouse import Warehouse, quoted

Array = NDArray[np.float64]
JSON = dict[str, Any]

FEWEST, FEWEST_OF_A_KIND = 100, 10
MOST = 20_000  # cases judged; more would not narrow an interval that anyone reads
DRAWS = 200
_ERRORS = 3.0
_LOST = {"watch": 0.02, "act": 0.05}
_OFF = {"watch": 0.02, "act": 0.05}
_OFF_SHARE = {"watch": 0.25, "act": 1.0}
_WORSE = {"watch": 1.10, "act": 1.25}


def observed(settings: Settings, task: Task, row: ModelVersion, classes: tuple[str, ...]) -> JSON:
    """Figures of the version's past predictions whose outcome is known by now; with a verdict."""
    try:
        settled = past_predictions(settings, task, row, classes)
    except AssistantError as error:
        return {"cases": 0, "verdict": "fine", "note": str(error)}
    truths = settled["truth"].to_numpy()
    few = _too_few(task, truths)
    if few:
        return {"cases": settled.height, "verdict": "fine", "note": few}
    if settled.height > MOST:
        settled = settled.sample(MOST, seed=0)
        truths = settled["truth"].to_numpy()
    scores = _judged(task, settled, classes)
    metrics, bounds = evaluate(task.kind, truths, scores), intervals(task.kind, truths, scores)
    found: JSON = {
        "cases": settled.height,
        "from": str(settled["as_of"].min()),
        "to": str(settled["as_of"].max()),
        "metrics": metrics,
        "intervals": bounds,
        "tested": row.metrics.get("test", {}),
    }
    if task.kind == "binary":
        found["rate"] = {"predicted": float(scores.mean()), "observed": float(truths.mean())}
        found["reliability"] = reliability(truths, scores)
    verdict, note = _verdict(task, found, scores)
    return {**found, "verdict": verdict, "note": note}


def estimated(task: Task, scored: pl.DataFrame, classes: tuple[str, ...]) -> JSON:
    """What the figures of these predictions will be if their probabilities are right; values have no such."""
    if task.kind == "regression" or scored.is_empty():
        return {}
    some = scored if scored.height <= MOST else scored.sample(MOST, seed=0)
    scores = _judged(task, some, classes)
    draws = _drawn_binary(scores) if task.kind == "binary" else _drawn_classes(scores)
    return {
        "cases": scored.height,
        "metrics": {name: float(np.mean(values)) for name, values in draws.items()},
        "intervals": {
            name: [float(v) for v in np.quantile(values, [0.025, 0.975])] for name, values in draws.items()
        },
        "note": "An estimate from the scores themselves: their outcomes are not known yet.",
    }


def past_predictions(
    settings: Settings, task: Task, row: ModelVersion, classes: tuple[str, ...]
) -> pl.DataFrame:
    """Predictions of a version with what came of them: its columns and `truth`, one row a case."""
    warehouse = Warehouse(settings)
    if not warehouse.exists(task.predictions_table):
        return pl.DataFrame(schema={"as_of": pl.Datetime("us"), "truth": pl.Float64})
    known = settled_at(settings, task)
    told = feedback.outcomes(settings, task).filter(pl.col("model_version") == row.version)
    said = _said_of(warehouse, task, row.version, pl.concat([known["entity_id"], told["entity_id"]]))
    learned = settled_at(settings, task, row.snapshot_id).rename({"as_of": "case_as_of"})
    by_source = (
        matched(task, said, known)
        .join(learned, on=["entity_id", "case_as_of"], how="anti", nulls_equal=True)
        .with_columns(distance=(pl.col("as_of") - pl.col("case_as_of")).abs())
        .sort("distance", "as_of")
        .unique(["entity_id", "case_as_of"], keep="first", maintain_order=True)
    )
    alone = told.join(matched(task, told, known), on=["entity_id", "as_of"], how="anti")
    by_people = said.join(
        alone.select("entity_id", "as_of", label="outcome"), on=["entity_id", "as_of"], how="inner"
    )
    parts = [
        part.drop("label", "case_as_of", "distance", strict=False).with_columns(
            truth=pl.Series(numbered_labels(task.kind, part["label"], classes), dtype=pl.Float64)
        )
        for part in (by_source, by_people)
    ]
    return pl.concat(parts)


def _said_of(warehouse: Warehouse, task: Task, version: str, entities: pl.Series) -> pl.DataFrame:
    """The version's predictions for these entities; of the others, which may be millions, none is read."""
    with warehouse.reading() as connection:
        connection.register("asked", entities.unique().to_frame("entity_id").to_arrow())
        sql = (
            f"SELECT * EXCLUDE (reasons) FROM {quoted(task.predictions_table)} "
            "SEMI JOIN asked USING (entity_id) WHERE model_version = ?"
        )
        found = connection.execute(sql, [version]).pl()
        connection.unregister("asked")
    return found


def _judged(task: Task, frame: pl.DataFrame, classes: tuple[str, ...]) -> Array:
    """What `evaluation` takes: probabilities per class where there are several, else the score."""
    if task.kind == "multiclass":
        return frame.select(f"p_{name}" for name in classes).to_numpy()
    return frame["score"].to_numpy()


def _too_few(task: Task, truths: Array) -> str:
    """Why nothing can be said yet, "" where something can."""
    if len(truths) < FEWEST:
        return f"too few: {len(truths)} outcomes of this version's predictions are known, {FEWEST} are needed"
    if task.kind == "binary" and min(truths.sum(), len(truths) - truths.sum()) < FEWEST_OF_A_KIND:
        return f"too few: fewer than {FEWEST_OF_A_KIND} of {len(truths)} outcomes are of one kind"
    return ""


def _verdict(task: Task, found: JSON, scores: Array) -> tuple[drift.Verdict, str]:
    if task.kind == "binary":
        graver = [_of_ranking(found), _of_rate(found, scores)]
    else:
        graver = [_of_loss(found, "log_loss" if task.kind == "multiclass" else "mae")]
    verdict = drift.worst([each for each, _ in graver])
    return verdict, "; ".join(words for each, words in graver if each == verdict)


def _of_ranking(found: JSON) -> tuple[drift.Verdict, str]:
    now, tested = found["metrics"]["auroc"], found["tested"].get("auroc")
    if tested is None:
        return "fine", "AUROC was not tested"
    below = found["intervals"]["auroc"][1] < tested
    words = f"AUROC is {now:.3f}, tested at {tested:.3f}"
    return drift.worst([level for level, lost in _LOST.items() if below and tested - now >= lost]), words


def _of_rate(found: JSON, scores: Array) -> tuple[drift.Verdict, str]:
    predicted, seen = found["rate"]["predicted"], found["rate"]["observed"]
    off = abs(seen - predicted)
    beyond_chance = off > _ERRORS * np.sqrt(np.mean(scores * (1 - scores)) / len(scores))
    reached = [
        level
        for level in _OFF
        if beyond_chance and (off >= _OFF[level] or off >= _OFF_SHARE[level] * predicted)
    ]
    return drift.worst(reached), f"{seen:.1%} came true where {predicted:.1%} were predicted"


def _of_loss(found: JSON, name: str) -> tuple[drift.Verdict, str]:
    now, tested = found["metrics"][name], found["tested"].get(name)
    words = f"{name.replace('_', ' ')} is {now:.4g}, tested at {tested or 0:.4g}"
    if not tested or found["intervals"][name][0] <= tested:
        return "fine", words
    return drift.worst([level for level, worse in _WORSE.items() if now >= worse * tested]), words


def _drawn_binary(scores: Array) -> dict[str, Array]:
    """Figures of outcomes drawn as the scores say, DRAWS times."""
    random = np.random.default_rng(0)
    drawn: dict[str, list[float]] = {"auroc": [], "brier": [], "rate": []}
    for _ in range(DRAWS):
        truths = (random.random(len(scores)) < scores).astype(float)
        if 0 < truths.sum() < len(truths):
            drawn["auroc"].append(auroc(truths, scores))
        drawn["brier"].append(float(np.mean((truths - scores) ** 2)))
        drawn["rate"].append(float(truths.mean()))
    return {name: np.array(values) for name, values in drawn.items() if values}


def _drawn_classes(probabilities: Array) -> dict[str, Array]:
    random = np.random.default_rng(0)
    limits, chosen = probabilities.cumsum(axis=1), probabilities.argmax(axis=1)
    drawn: dict[str, list[float]] = {"accuracy": [], "log_loss": []}
    for _ in range(DRAWS):
        truths = (random.random((len(limits), 1)) > limits).sum(axis=1).clip(max=limits.shape[1] - 1)
        drawn["accuracy"].append(float(np.mean(truths == chosen)))
        drawn["log_loss"].append(
            float(np.mean(loss_per_case("multiclass", truths.astype(float), probabilities)))
        )
    return {name: np.array(values) for name, values in drawn.items()}
