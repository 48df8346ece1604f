"""Columns of one quantity measured several times: found by name and correlation, used, handed back."""

import json
from pathlib import Path

import numpy as np
import pytest

from analytics.evaluation import auroc
from analytics.matrix import CodeBook, CodedColumn
from analytics.models import series
from analytics.models.boosting import Boosters, fit, load
from analytics.models.learner import Effort, Inputs, Problem
from analytics.models.series import Series, extended, find_series, returned

NAMES = ("LIMIT", "BILL_1", "BILL_3", "BILL_2", "noise 1", "noise 2", "noise 3", "AGE", "x")
ROWS = 1_500
BOOK = CodeBook(tuple(CodedColumn(name, "number") for name in NAMES))


@pytest.fixture(scope="module")
def bills() -> np.ndarray:
    """A credit limit, three bills of a person who spends about the same, numbers of no series, an age."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(ROWS, len(NAMES)))
    spent = np.exp(random.normal(size=(ROWS, 1)))
    matrix[:, [1, 3, 2]] = 1_000 * spent * np.exp(0.4 * random.normal(size=(ROWS, 3)))
    matrix[:, 0] = 10_000 * np.exp(random.normal(size=ROWS))
    matrix[:, 7] = random.integers(0, 2, ROWS)
    matrix[::9, 3] = np.nan
    return matrix.astype(np.float32)


def test_a_series_is_one_name_with_numbers_whose_neighbours_go_together(bills: np.ndarray) -> None:
    assert find_series(BOOK, bills) == (Series((1, 3, 2), (0,)),)
    directed = [0] * len(NAMES)
    directed[3] = 1  # a mean of two would say nothing new, and all three have to keep the direction
    assert find_series(BOOK, bills, directed) == ()


def test_mean_spread_extremes_trend_and_ratios_skip_what_is_missing() -> None:
    rows = np.array([[10, 1, 2, 6], [0, 5, np.nan, 5], [10, np.nan, np.nan, np.nan]], dtype=np.float32)
    found = Series((1, 2, 3), (0,)).values(rows)
    assert found[0] == pytest.approx([3, np.std([1, 2, 6]), 1, 6, 2.5, 0.3, 0.1])
    assert found[1, :5] == pytest.approx([5, 0, 5, 5, 0])
    assert np.isnan(found[1, 5:]).all()  # relative to nothing
    assert np.isnan(found[2]).all()


def test_contributions_are_handed_back_whole() -> None:
    given = np.arange(11, dtype=float)[None, :]
    found = returned(given, [Series((1, 2, 3), (0,))], 4)
    assert found.shape == (1, 4)
    assert found.sum() == pytest.approx(given.sum())


def test_it_sees_what_single_columns_hardly_show_and_serves_the_same_after_loading(
    bills: np.ndarray, tmp_path: Path
) -> None:
    burden = np.nanmean(bills[:, 1:4], axis=1) / bills[:, 0]
    labels = (burden > np.median(burden)).astype(float)
    labels[::10] = 1 - labels[::10]
    fitted = fit(Problem("binary", 2, Inputs(bills), labels, BOOK), np.arange(ROWS) % 5, Effort())
    assert isinstance(fitted.scorer, Boosters)
    assert auroc(labels, fitted.margins) > 0.88  # the truth has 0.9
    some = Inputs(bills[:30])
    found = fitted.scorer.contributions(some)
    assert found.columns.shape == bills[:30].shape
    assert found.base + found.columns.sum(axis=1) == pytest.approx(fitted.scorer.margins(some))
    content = json.loads(json.dumps(fitted.scorer.save(tmp_path)))
    assert (load(tmp_path, content, 1).margins(some) == fitted.scorer.margins(some)).all()


def test_no_series_changes_nothing(bills: np.ndarray) -> None:
    assert extended(bills, ()) is bills
    assert series.from_json(series.as_json([Series((1, 2, 3), (0,))])) == (Series((1, 2, 3), (0,)),)
