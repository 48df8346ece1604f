"""Contributions from tables equal LightGBM's own, whatever the trees look like."""

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from analytics.models import tree_reasons
from analytics.models.tree_reasons import TreeTables, contributions


def boosted(rounds: int = 8, **given: Any) -> tuple[lgb.Booster, np.ndarray]:
    """A model over numbers (with and without missing values) and categories, and rows to explain."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(1_500, 6)).astype(np.float32)
    matrix[:, 3] = random.integers(0, 20, 1_500)
    matrix[:, 4] = random.integers(0, 3, 1_500)
    matrix[::5, 1] = np.nan
    matrix[::7, 3] = np.nan
    truth = matrix[:, 0] * matrix[:, 2] + np.nan_to_num(matrix[:, 1]) + (matrix[:, 3] % 3 == 1)
    labels = np.clip(np.digitize(truth, [-0.5, 0.5]), 0, given.get("num_class", 2) - 1)
    chosen = {"verbosity": -1, "num_threads": 1, "min_data_per_group": 5, **given}
    data = lgb.Dataset(matrix, labels, categorical_feature=[3, 4])
    seen = matrix[:300].copy()
    seen[::3, 0] = np.nan  # never missing in training
    seen[::4, 3] = 20 + np.arange(75)  # categories never seen
    seen[1::4, 5] = np.float32(1e30)
    return lgb.train(chosen, data, rounds), seen


@pytest.mark.parametrize(
    "given",
    [
        {"objective": "binary"},
        {"objective": "regression", "num_leaves": 4},
        {"objective": "multiclass", "num_class": 3, "num_leaves": 15},
        {"objective": "binary", "num_leaves": 100, "min_data_in_leaf": 2, "max_cat_to_onehot": 30},
        {"objective": "binary", "min_data_in_leaf": 1_500},  # no split at all
    ],
)
@pytest.mark.parametrize(("piece", "longest"), [(10, 12), (3, 5)])
def test_tables_give_what_pred_contrib_gives(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], piece: int, longest: int
) -> None:
    monkeypatch.setattr(tree_reasons, "PIECE", piece)
    monkeypatch.setattr(tree_reasons, "LONGEST", longest)
    booster, rows = boosted(**given)
    expected = np.asarray(booster.predict(rows, pred_contrib=True))
    assert TreeTables(booster).contributions(rows) == pytest.approx(expected, abs=1e-9)


def test_few_rows_need_no_tables_and_many_make_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(
        tree_reasons, "TreeTables", lambda booster: made.append(booster) or TreeTables(booster)
    )
    booster, rows = boosted(objective="binary")
    many = np.tile(rows, (tree_reasons.WORTH_TABLING // len(rows) + 1, 1))
    few = contributions(booster, rows, 1)
    assert not made
    assert contributions(booster, many, 2)[: len(rows)] == pytest.approx(few, abs=1e-9)
    assert contributions(booster, rows, 1) == pytest.approx(few, abs=1e-9)
    assert made == [booster]
