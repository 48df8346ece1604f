"""Intervals of values: they hold the truth as often as they say and are wide only where it is uncertain."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.conformal import Conformal, conformal
from analytics.matrix import learn_code_book
from analytics.models import boosting
from analytics.models.learner import Effort, Fitted, Inputs, Problem
from analytics.quantiles import Quantiles, _widening, bounds_of


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


def test_short_and_long_intervals_hold_alike() -> None:
    """Quantile models that are too narrow by a quarter: what is added is in proportion to the width."""
    random = np.random.default_rng(3)
    spread = np.repeat([0.5, 5.0], 2_000)
    truths, too_narrow = spread * random.normal(size=4_000), spread * 1.645 * 0.75
    widening, least = _widening(truths, -too_narrow, too_narrow, 0.9)
    half = too_narrow + widening * (2 * too_narrow + least)
    held = np.abs(truths) <= half
    assert held.mean() == pytest.approx(0.9, abs=0.001)
    assert held[spread < 1].mean() == pytest.approx(0.9, abs=0.03)
    assert held[spread > 1].mean() == pytest.approx(0.9, abs=0.03)


def test_values_that_are_all_but_constant_have_finite_bounds() -> None:
    truths = np.zeros(600)
    truths[:100] = 7
    widening, least = _widening(truths, np.zeros(600), np.zeros(600), 0.9)
    assert (widening, least) == (7, 1)


def test_a_model_of_an_earlier_version_keeps_its_bounds(tmp_path: Path) -> None:
    problem, _ = uneven(900)
    _, bounds = fitted_bounds(problem)
    assert isinstance(bounds, Quantiles)
    content = {**bounds.save(tmp_path), "widening": 0.5}
    del content["least"]
    lower, upper = Quantiles.load(tmp_path, content, threads=1).bounds(problem.inputs)
    alone = Quantiles(bounds.lower, bounds.upper, 0.0, None).bounds(problem.inputs)
    assert lower == pytest.approx(alone[0] - 0.5)
    assert upper == pytest.approx(alone[1] + 0.5)


def test_few_values_take_the_errors_of_the_model_itself() -> None:
    problem, _ = uneven(300)
    fitted, bounds = fitted_bounds(problem)
    assert isinstance(bounds, Conformal)
    lower, upper = bounds.bounds(fitted.margins)
    assert ((lower <= problem.labels) & (problem.labels <= upper)).mean() >= 0.88
