"""Intervals of values: they hold the truth as often as they say and are wide only where it is uncertain."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.conformal import Conformal, conformal
from analytics.matrix import learn_code_book
from analytics.models import boosting
from analytics.models.learner import Effort, Fitted, Inputs, Problem
from analytics.quantiles import Quantiles, bounds_of


def uneven(rows: int, seed: int = 0) -> tuple[Problem, np.ndarray]:
    """Values whose spread (given as well) depends on a feature that their mean does not depend on."""
    random = np.random.default_rng(seed)
    features = pl.DataFrame({"level": random.normal(size=rows), "unrest": random.random(rows)})
    spread = 0.2 + 3 * features["unrest"].to_numpy()
    values = 2 * features["level"].to_numpy() + spread * random.normal(size=rows)
    book = learn_code_book(features)
    return Problem("regression", 0, Inputs(book.encode(features)), values, book), spread


def fitted_bounds(problem: Problem) -> tuple[Fitted, Quantiles | Conformal]:
    folds = np.arange(len(problem.labels)) % 3
    fitted = boosting.fit(problem, folds, Effort())
    return fitted, bounds_of(problem, folds, Effort(), fitted)


def test_intervals_hold_nine_in_ten_values_wherever_they_are(tmp_path: Path) -> None:
    problem, _ = uneven(5_000)
    fitted, bounds = fitted_bounds(problem)
    assert isinstance(bounds, Quantiles)
    content = bounds.save(tmp_path)
    loaded = Quantiles.load(tmp_path, content, threads=1)
    fresh, spread = uneven(10_000, seed=1)
    lower, upper = loaded.bounds(fresh.inputs)
    assert (lower <= upper).all()
    covered = (lower <= fresh.labels) & (fresh.labels <= upper)
    assert covered.mean() == pytest.approx(0.9, abs=0.02)
    calm, wild = spread < 0.8, spread > 2.6
    assert (upper - lower)[wild].mean() > 2.5 * (upper - lower)[calm].mean()
    # The errors of the mean, binned by predicted value, cannot tell calm from wild.
    even = conformal(fitted.margins, problem.labels)
    low, high = even.bounds(fitted.scorer.margins(fresh.inputs))
    evenly = (low <= fresh.labels) & (fresh.labels <= high)
    for part in (calm, wild):
        assert abs(covered[part].mean() - 0.9) < 0.07 < abs(evenly[part].mean() - 0.9)
    assert (bounds.bounds(fresh.inputs)[0] == lower).all()


def test_few_values_take_the_errors_of_the_model_itself() -> None:
    problem, _ = uneven(300)
    fitted, bounds = fitted_bounds(problem)
    assert isinstance(bounds, Conformal)
    lower, upper = bounds.bounds(fitted.margins)
    assert ((lower <= problem.labels) & (problem.labels <= upper)).mean() >= 0.88
