"""What the model benchmarks share: where the real data lie, tables as tasks, and how ours is trained."""

import os
import sys
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.cases import Cases
from analytics.fitting import fit_model
from analytics.flat import flat_cases, learnable
from analytics.model import Model
from analytics.models.learner import Effort
from analytics.splits import REPEATS, without_test
from analytics.task import Flat, Meaning, Task

ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("SDA_SHARED_DATA", ROOT.parent / "shared" / "data"))
Array = NDArray[np.float64]


def data_file(*parts: str) -> Path:
    """A file of the real public data; ends the program with a plain word where it is absent."""
    path = SHARED_DATA.joinpath(*parts)
    if not path.exists():
        sys.exit(f"Skipped: the real public data are absent ({path}). Set SDA_SHARED_DATA to their folder.")
    return path


def table_task(
    name: str, target: str, classes: tuple[str, ...] = ("0", "1"), flat: Flat | None = None
) -> Task:
    """A binary task over one table, as `sda task new` makes it."""
    words = {"en": name, "zh": name}
    meaning = Meaning(words, words, words)
    flat = flat or Flat(target)
    return Task(name, "binary", meaning, "", "", "", "", table=name, classes=classes, flat=flat)


def table_cases(task: Task, rows: pl.DataFrame) -> tuple[Cases, Array]:
    """The rows as our product reads them, and their 0/1 outcomes."""
    cases = learnable(task, flat_cases(task, rows))
    labels = cases.labels
    if labels is None:
        sys.exit(f"{task.name}: the target is missing.")
    return cases, labels.cast(pl.Float64).to_numpy()


def our_model(task: Task, cases: Cases, labels: Array, threads: int, seconds: float | None = None) -> Model:
    """A model trained as `sda train` trains it once the test rows are set aside."""
    repeats = 1 if seconds is None else REPEATS
    parts = without_test(cases.keys, labels, task.meaning.horizon_days, repeats=repeats)
    learning = cases.rows(parts.learning)
    return fit_model(task, learning, parts.folds, Effort(threads, seconds), parts.choice).model


def mean_and_spread(values: list[float]) -> dict[str, float]:
    """Mean and standard deviation over folds."""
    return {"mean": round(float(np.mean(values)), 4), "sd": round(float(np.std(values)), 4)}
