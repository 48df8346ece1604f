"""Trains a task: cases, split, fit, judgement, and promotion only where the new model is better.

The rule of promotion. Both versions score the test cases of the new split, which neither has learned from
(the latest days, or entities that every version holds out; days on which the version in service was trained,
which records of long ago can bring into the test, do not count). The new one is promoted if its mean loss
there (negative log likelihood; squared error of values) is lower. A first version must say more than the
base rate of its own training rows: a lower loss, or, where the rate itself has changed since so that no
probability could be right, a ranking better than chance (the 95 % interval of its AUROC above 0.5; its note
says so). A version in service that cannot score the cases any more gives way to one that beats the base rate.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics import feedback, monitoring, registry
from analytics.cases import FEWEST_ROWS, Cases, check_trainable, fates, numbered_labels
from analytics.dataset import settled_cases
from analytics.device import effort_of
from analytics.duplicates import without_repeats
from analytics.evaluation import loss_per_case
from analytics.fitting import SEED, fit_model
from analytics.importance import importance
from analytics.judgement import judged
from analytics.leaderboard import RULE, leaderboard
from analytics.matrix import infinite_values
from analytics.model import Model, encoded
from analytics.models.learner import Effort
from analytics.proposal import inferred_classes
from analytics.recourse import plausible
from analytics.splits import REPEATS, Split, split
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.records import LOADS
from pipelines.settings import Settings
from pipelines.store import ModelVersion
from pipelines.warehouse import Warehouse, fingerprint, quoted

Array = NDArray[np.float64]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class TrainingResult:
    """What came of one training; `skipped` where the version in service already stands on the same data."""

    task: str
    model_version: str
    promoted: bool
    rows: dict[str, Any]
    metrics: dict[str, Any]
    note: str
    notes: tuple[str, ...] = ()
    skipped: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Challenger:
    """A new model and the cases it was made and is judged on; `figures` and `provenance` are what its making
    adds to the metrics and to the card.
    """

    model: Model
    cases: Cases
    parts: Split
    figures: dict[str, Any]
    provenance: dict[str, Any]


def train(
    settings: Settings,
    task: Task,
    seconds: float | None = None,
    progress: Progress | None = None,
    *,
    reuse: bool = False,
) -> TrainingResult:
    """Trains a new version of `task` within about `seconds` of fitting, and promotes it if it is better.

    By default the settings say how many; with 0 only what is always fitted is fitted (`ladder`). With `reuse`
    nothing is trained where data, task and code are those of the version in service. Raises AssistantError
    where the cases cannot teach a model (too few, one outcome, times in the future).
    """
    tell = progress or (lambda _: None)
    with registry.training_lock(settings, task):
        serving = registry.champion(settings, task)
        stamp = fingerprint_of(settings, task)
        if reuse and serving and registry.card(settings, serving).get("fingerprint") == stamp:
            tell(f"{task.name}: nothing has changed since version {serving.version}")
            return unchanged(serving)
        allowed = settings.train_seconds if seconds is None else seconds
        effort = effort_of(settings, allowed or None, tell)  # a GPU that is not there is told before the work
        tell(f"{task.name}: reading cases")
        cases, task = prepared(settings, task)
        return _train(settings, task, cases, serving, effort, stamp)


def _train(
    settings: Settings,
    task: Task,
    cases: Cases,
    serving: ModelVersion | None,
    effort: Effort,
    stamp: str,
) -> TrainingResult:
    labels = settled_labels(task, cases)
    repeats = 1 if effort.seconds is None else REPEATS
    keys = fates(task, cases.keys)
    parts = split(keys, labels, task.meaning.horizon_days, task.kind != "regression", repeats)
    tell = effort.progress or (lambda _: None)
    tell(f"{task.name}: learning from {len(parts.learning)} cases, {cases.features.width} columns")
    told = replace(effort, progress=lambda text: tell(f"{task.name}: {text}"))
    learning, test, truths = cases.rows(parts.learning), cases.rows(parts.test), labels[parts.test]
    made = fit_model(task, learning, parts.folds, told, parts.choice)
    # By the books of the problem: some candidates read events where the chosen one does not.
    inputs = encoded(test, made.problem.code_book, made.problem.event_book)
    figures = {
        "leaderboard": leaderboard(task.kind, made.ladder, inputs, truths),
        "choice": {"validation": parts.compared_on, "rows": len(made.ladder.groups), "rule": RULE},
    }
    challenger = Challenger(made.model, cases, parts, figures, {"fingerprint": stamp})
    return challenge(settings, task, challenger, serving, tell)


def challenge(
    settings: Settings, task: Task, challenger: Challenger, serving: ModelVersion | None, tell: Progress
) -> TrainingResult:
    """Judges a new model on the test rows, beside the one in service, and enters it as a version."""
    cases, parts, model = challenger.cases, challenger.parts, challenger.model
    labels = settled_labels(task, cases)
    learning, test, truths = cases.rows(parts.learning), cases.rows(parts.test), labels[parts.test]
    predictions = model.predict(test)
    figures = judged(task, test, truths, predictions, model) | challenger.figures
    figures["importance"] = importance(model, test)
    losses = loss_per_case(task.kind, truths, predictions.judged)
    better, note = _is_better(
        settings, serving, task, test, truths, losses, _base_losses(task, labels, parts)
    )
    if not better and serving is None:
        better, note = _ranks(figures, note)
        figures["only_ranks"] = better  # shown beside its numbers wherever they are
    card = _card(cases, parts, figures, model) | {
        **challenger.provenance,
        "reference": monitoring.reference_for(settings, task, model, cases, test),
        "plausible": plausible(learning, task),
    }
    row = registry.save(settings, task, model, card)
    row.state = "in_service" if better else "rejected"
    row.note = note
    registry.enter(settings, row)
    tell(f"{task.name}: version {row.version}: {note}")
    return replace(_result(row, promoted=better), notes=cases.notes)


def prepared(settings: Settings, task: Task) -> tuple[Cases, Task]:
    """Settled cases fit to learn from, and the task with its classes."""
    cases = without_repeats(feedback.with_feedback(settings, task, settled_cases(settings, task)))
    if cases.labels is None:
        raise AssistantError(f"{task.name}: its cases have no outcome.", "See `sda task show`.")
    if task.kind == "multiclass" and not task.classes and len(cases):
        task = replace(task, classes=inferred_classes(cases.labels, task.kind))
    check_trainable(task.name, task.kind, settled_labels(task, cases), task.classes)
    infinite = infinite_values(cases.features)
    notes = tuple(f"«{name}»: {count} infinite values taken as missing" for name, count in infinite.items())
    return replace(cases, notes=cases.notes + notes), task


def settled_labels(task: Task, cases: Cases) -> Array:
    """The outcomes of settled cases as models read them, shape (rows,)."""
    assert cases.labels is not None  # noqa: S101 - settled cases have outcomes
    return numbered_labels(task.kind, cases.labels, task.classes)


def _base_losses(task: Task, labels: Array, parts: Split) -> Array:
    """The loss of each test case if the model only knew the average of its learning rows."""
    learned, truths = labels[parts.learning], labels[parts.test]
    if task.kind == "multiclass":
        shares = np.bincount(learned.astype(int), minlength=len(task.classes)) / len(learned)
        return loss_per_case(task.kind, truths, np.tile(shares, (len(truths), 1)))
    return loss_per_case(task.kind, truths, np.full(len(truths), learned.mean()))


def _is_better(
    settings: Settings,
    serving: ModelVersion | None,
    task: Task,
    test: Cases,
    truths: Array,
    losses: Array,
    base_losses: Array,
) -> tuple[bool, str]:
    """Whether to promote, and why in words."""
    rivals, name, on = base_losses, "the base rate", np.ones(len(truths), dtype=bool)
    if serving is not None:
        try:
            model = registry.load(settings, serving)
            _check_comparable(task, model)
            rivals = loss_per_case(model.kind, truths, model.predict(test).judged)
            name, later = f"version {serving.version}", unseen(test, serving)
            on = later if later.sum() >= FEWEST_ROWS else on
        except AssistantError:
            name = f"the base rate (version {serving.version} cannot score these cases)"
    new, rival = float(losses[on].mean()), float(rivals[on].mean())
    better = new < rival
    verdict = "Promoted: better" if better else "Not promoted: no better"
    return better, f"{verdict} than {name} on {on.sum()} held-out cases (loss {new:.5f}, {rival:.5f})."


def unseen(test: Cases, version: ModelVersion) -> NDArray[np.bool_]:
    """Marks the test cases that are later than the days a version was trained on; all where it has none."""
    first = version.rows.get("test_from")
    if first is None:
        return np.ones(len(test), dtype=bool)
    later = test.keys["as_of"].dt.date() >= date.fromisoformat(first)
    marks: NDArray[np.bool_] = later.fill_null(value=False).to_numpy()
    return marks


def _ranks(figures: dict[str, Any], note: str) -> tuple[bool, str]:
    """Whether a first version of no lower loss ranks better than chance, and both in words."""
    low, high = figures["intervals"].get("auroc", (0.0, 1.0))
    if low <= 0.5:
        return False, note
    ranks = (
        f"Promoted: ranks better than chance (AUROC {low:.3f} to {high:.3f}), but its probabilities are off: "
    )
    return True, ranks + note.removeprefix("Not promoted: ")


def _check_comparable(task: Task, model: Model) -> None:
    if (model.kind, model.classes) != (task.kind, task.classes):
        raise AssistantError(f"{task.name} has changed its kind or classes since that version.")


def _card(cases: Cases, parts: Split, metrics: dict[str, Any], model: Model) -> dict[str, Any]:
    rows = {
        "train": len(parts.train),
        "calibration": len(parts.calibration),
        "test": len(parts.test),
        "cross_fitted": parts.cross_fitted,
        "split": "time" if parts.by_time else "entity",
    }
    if parts.by_time:
        rows["test_from"] = str(cases.keys["as_of"].gather(parts.test).dt.date().min())
    return {
        "snapshot_id": cases.snapshot_id,
        "seed": SEED,
        "rows": rows,
        "metrics": metrics,
        "notes": list(cases.notes),
        "features": model.code_book.names,
        "libraries": {
            name: installed(name) for name in ("lightgbm", "numpy", "polars", "scikit-learn", "torch")
        },
    }


def unchanged(serving: ModelVersion) -> TrainingResult:
    """The result where nothing was trained because the version in service stands on the same data."""
    return _result(serving, promoted=False, skipped=True)


def _result(row: ModelVersion, *, promoted: bool, skipped: bool = False) -> TrainingResult:
    return TrainingResult(
        row.task, row.version, promoted, dict(row.rows), dict(row.metrics), row.note, skipped=skipped
    )


def fingerprint_of(settings: Settings, task: Task) -> str:
    """The same while data, what people said, task, this code and LightGBM are the same."""
    warehouse = Warehouse(settings)
    loads = f"SELECT count(*) || ' ' || max(load_id) AS last FROM {quoted(LOADS)} WHERE rows_changed > 0"
    data = warehouse.query(loads).item() if warehouse.exists(LOADS) else warehouse.snapshot()
    told = [row.id for row in feedback.listing(settings, task, most=1)]
    code = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.rglob("*.py"))]
    return fingerprint("\0".join([str(data), str(told), repr(task), installed("lightgbm"), *code]))
