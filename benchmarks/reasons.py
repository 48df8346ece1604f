"""Exact contributions: ours against LightGBM's own `pred_contrib` on the same model, and what else was tried.

All take turns on the same rows with the same threads; medians are given. Ours is timed with the tables made
anew (the first call of a process) and with the tables there. shap asks LightGBM itself for models of
LightGBM; XGBoost explains a model of its own of as many trees and leaves; the smaller model has half of both.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from analytics.models.boosting import parameters  # isort: skip
import lightgbm as lgb

from analytics.evaluation import auroc
from analytics.matrix import Matrix, learn_code_book
from analytics.models.tree_reasons import TreeTables
from benchmarks.shared import Array
from benchmarks.training import table


def boosted(matrix: Matrix, labels: Array, categories: list[int], trees: int, leaves: int) -> lgb.Booster:
    chosen = parameters("binary", len(matrix), seed=1) | {"num_leaves": leaves, "num_threads": 1}
    trained = lgb.train(chosen, lgb.Dataset(matrix, labels, categorical_feature=categories), trees)
    return lgb.Booster(model_str=trained.model_to_string())


def xgboost_model(matrix: Matrix, labels: Array, trees: int, leaves: int, threads: int) -> Callable[[], Any]:
    """A call that explains `matrix` by a model of XGBoost of the same size; its codes are read as numbers."""
    import xgboost as xgb

    chosen = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "grow_policy": "lossguide",
        "max_leaves": leaves,
        "max_depth": 0,
        "eta": 0.05,
        "nthread": threads,
    }
    model = xgb.train(chosen, xgb.DMatrix(matrix, labels), trees)
    return lambda: model.predict(xgb.DMatrix(matrix), pred_contribs=True)


def medians(repeats: int, runs: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Median seconds of each, all taking turns."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--train-rows", type=int, default=40_000)
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--leaves", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    learn, test = table(given.train_rows), table(given.rows, 1)
    labels, truths = (frame["late"].cast(pl.Float64).to_numpy() for frame in (learn, test))
    book = learn_code_book(learn.drop("late"))
    matrix, rows = book.encode(learn.drop("late")), book.encode(test.drop("late"))
    model = boosted(matrix, labels, book.category_positions, given.trees, given.leaves)
    small = boosted(matrix, labels, book.category_positions, given.trees // 2, given.leaves // 2)
    tables = TreeTables(model)
    runs: dict[str, Callable[[], Any]] = {
        "lightgbm_pred_contrib": lambda: model.predict(rows, pred_contrib=True, num_threads=given.threads),
        "ours_with_tables_made": lambda: TreeTables(model).contributions(rows, given.threads),
        "ours": lambda: tables.contributions(rows, given.threads),
        "lightgbm_smaller_model": lambda: small.predict(rows, pred_contrib=True, num_threads=given.threads),
    }
    try:
        import shap

        explainer = shap.TreeExplainer(model)
        runs["shap_tree_explainer"] = lambda: explainer.shap_values(rows)
        runs["xgboost_pred_contribs"] = xgboost_model(rows, truths, given.trees, given.leaves, given.threads)
    except ImportError as error:
        print(f"Left out: {error.name} is not installed.", file=sys.stderr)
    seconds = medians(given.repeats, runs)
    exact = np.asarray(model.predict(rows, pred_contrib=True, num_threads=given.threads))
    reference = seconds["lightgbm_pred_contrib"]
    answer = {
        "rows": len(rows),
        "columns": rows.shape[1],
        "trees": model.current_iteration(),
        "leaves": given.leaves,
        "threads": given.threads,
        "rows_per_second": {name: round(len(rows) / value) for name, value in seconds.items()},
        "times_as_fast_as_pred_contrib": {
            name: round(reference / value, 2) for name, value in seconds.items()
        },
        "largest_difference": float(np.abs(tables.contributions(rows, given.threads) - exact).max()),
        "auroc": {
            "model": round(auroc(truths, np.asarray(model.predict(rows))), 4),
            "smaller_model": round(auroc(truths, np.asarray(small.predict(rows))), 4),
        },
        "goal": {"times_as_fast_at_least": 4.0, "largest_difference_at_most": 1e-6},
    }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
