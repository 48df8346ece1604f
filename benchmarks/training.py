"""Training against bare LightGBM, scoring a million rows against bare `predict`, and one case explained.

Ours and the reference take turns on the same matrix with the same parameters and threads; medians are given.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from analytics.models.boosting import MOST_ROUNDS, PATIENCE, Boosters, fit, parameters  # isort: skip
import lightgbm as lgb

from analytics import registry
from analytics.cases import Cases
from analytics.fitting import model_of, problem_of
from analytics.flat import flat_task, propose_task
from analytics.matrix import learn_code_book
from analytics.model import Model
from analytics.models.learner import Effort, Inputs, Problem
from analytics.models.series import extended
from analytics.prediction import columns_of, predict
from analytics.rescoring import case_of
from analytics.scoring import BATCH
from analytics.splits import entity_folds
from analytics.staging import staging
from analytics.steps import way_of
from analytics.task import Flat, Task
from analytics.training import train
from benchmarks.shared import Array, table_task
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse


def table(rows: int, seed: int = 0) -> pl.DataFrame:
    """30 numbers, 6 categories, 2 dates, some missing; `late` depends on a few of them."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(rows, 30))
    codes = random.integers(0, 40, size=(rows, 6))
    days = random.integers(0, 5_000, size=(rows, 2))
    signal = (
        numbers[:, 0] - 0.7 * numbers[:, 1] * numbers[:, 2] + 0.05 * codes[:, 0] + np.sin(days[:, 0] / 500)
    )
    late = random.random(rows) < 1 / (1 + np.exp(2.0 - signal))
    numbers[random.random((rows, 30)) < 0.05] = np.nan
    columns: dict[str, Any] = {f"number {n}": numbers[:, n] for n in range(30)}
    columns |= {f"category {n}": np.char.add("code ", codes[:, n].astype(str)) for n in range(6)}
    columns |= {f"day {n}": np.datetime64("2010-01-01") + days[:, n] for n in range(2)}
    return pl.DataFrame(columns | {"late": late.astype(np.int64)}).with_columns(
        pl.selectors.float().fill_nan(None)
    )


def in_turn(repeats: int, ours: Callable[[], Any], reference: Callable[[], Any]) -> dict[str, float]:
    """Median seconds of both, and their ratio."""
    times: dict[str, list[float]] = {"ours_seconds": [], "reference_seconds": []}
    for _ in range(repeats):
        for name, run in (("reference_seconds", reference), ("ours_seconds", ours)):
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    medians = {name: round(statistics.median(values), 3) for name, values in times.items()}
    return medians | {"ratio": round(medians["ours_seconds"] / medians["reference_seconds"], 3)}


def training(frame: pl.DataFrame, cross_fitted: bool, threads: int, repeats: int) -> dict[str, Any]:
    """`fit` against `lgb.train` fold by fold, both from the matrix to the models.

    Ours encodes the categories, which the reference splits on as they are: its trees are others, and so is
    how many pay; both counts are given.
    """
    features, labels = frame.drop("late"), frame["late"].cast(pl.Float64).to_numpy()
    book = learn_code_book(features)
    matrix = book.encode(features)
    rows = len(labels)
    folds = np.arange(rows) % 5 if cross_fitted else np.where(np.arange(rows) % 6 == 0, 0, -1)
    chosen = parameters("binary", rows, seed=1)
    problem = Problem("binary", 2, Inputs(matrix), labels, book, seed=1)

    trees = {"ours_trees": 0, "reference_trees": 0}

    def ours() -> None:
        scorer = fit(problem, folds, Effort(threads)).scorer
        trees["ours_trees"] = sum(scorer.rounds) if isinstance(scorer, Boosters) else 0

    def bare() -> None:
        trees["reference_trees"] = 0
        for fold in range(5 if cross_fitted else 1):
            out = folds == fold
            given = {**chosen, "seed": 1 + fold, "num_threads": threads}
            learn = lgb.Dataset(matrix[~out], labels[~out], categorical_feature=book.category_positions)
            check = lgb.Dataset(matrix[out], labels[out], reference=learn)
            stop = lgb.early_stopping(PATIENCE, verbose=False)
            booster = lgb.train(given, learn, MOST_ROUNDS, valid_sets=[check], callbacks=[stop])
            trees["reference_trees"] += booster.best_iteration

    measured = in_turn(repeats, ours, bare)
    return {"rows": rows, "columns": matrix.shape[1], "models": 5 if cross_fitted else 1, **trees, **measured}


def scoring(model: Model, frame: pl.DataFrame, repeats: int) -> dict[str, Any]:
    """Features to calibrated predictions with bounds and bands, against `predict` on a ready matrix."""
    features = frame.drop("late")
    keys = pl.select(
        entity_id=pl.int_range(frame.height).cast(pl.String), as_of=pl.lit(None, pl.Datetime("us"))
    )
    cases = Cases(keys, features)
    matrix, boosters = model.code_book.encode(features), model.scorer
    if not isinstance(boosters, Boosters):
        sys.exit("The scorer is no LightGBM: there is nothing to compare with.")
    matrix = extended(matrix, boosters.series)
    ready = [(booster, group.read(matrix)) for group in boosters.groups for booster in group.boosters]

    def ours() -> None:
        batches = (cases.part(start, BATCH) for start in range(0, len(cases), BATCH))
        with home(boosters.threads) as settings, staging(settings, columns_of(model)) as stage:
            predict(model, batches, stage, reasons=0)

    def bare() -> None:
        for booster, rows in ready:
            booster.predict(rows, num_threads=boosters.threads)

    return {"rows": frame.height, "trees": boosters.rounds, **in_turn(repeats, ours, bare)}


@contextmanager
def home(threads: int) -> Iterator[Settings]:
    """Settings of a home of its own, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"SDA_HOME": folder, "SDA_THREADS": str(threads), "SDA_CONFIG": f"{folder}/none.toml"}
        yield load_settings()


def one_case(frame: pl.DataFrame, threads: int) -> dict[str, Any]:
    """Seconds to explain one row of a table in a lake, through the public function, warm."""
    with home(threads) as settings:

        def load(connection: Any) -> None:
            connection.execute("CREATE SCHEMA bench")
            connection.register("given", frame.with_row_index("no").to_arrow())
            connection.execute(
                "CREATE TABLE bench.shipments AS SELECT *, current_localtimestamp() AS _loaded_at FROM given"
            )

        Warehouse(settings).write(load)
        task = flat_task(
            "late", propose_task(settings, "late", "bench.shipments", Flat("late", entity="no")).entry
        )
        train(settings, task)
        _explain(settings, task, "1")
        times = []
        for number in range(2, 12):
            start = time.perf_counter()
            _explain(settings, task, str(number))
            times.append(time.perf_counter() - start)
    return {"rows_in_table": frame.height, "seconds": round(statistics.median(times), 3)}


def _explain(settings: Settings, task: Task, entity_id: str) -> None:
    """What the page of a case does first: finds it, and the steps to its score."""
    _row, model = registry.serving(settings, task)
    way_of(model, case_of(settings, task, entity_id))


def small_model(frame: pl.DataFrame, single: bool, threads: int) -> Model:
    task = table_task("late", "late")
    keys = pl.select(
        entity_id=pl.int_range(frame.height).cast(pl.String), as_of=pl.lit(None, pl.Datetime("us"))
    )
    cases = Cases(keys, frame.drop("late"), frame["late"])
    labels: Array = frame["late"].cast(pl.Float64).to_numpy()
    folds = (
        np.where(np.arange(len(labels)) % 6 == 0, 0, -1)
        if single
        else entity_folds(keys["entity_id"], labels)
    )
    problem = problem_of(task, cases, task.classes)
    effort = Effort(threads)
    return model_of(task, problem, task.classes, fit(problem, folds, effort), folds, effort)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--score-rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    large = table(given.rows)
    answer = {
        "training_one_model": training(large, False, given.threads, given.repeats),
        "training_five_folds": training(large.head(25_000), True, given.threads, given.repeats),
        "scoring": scoring(
            small_model(large, True, given.threads), table(given.score_rows, 1), given.repeats
        ),
        "explain_one": one_case(large.head(25_000), given.threads),
        "goal": {"training_ratio_at_most": 1.25, "scoring_ratio_at_most": 1.5, "explain_seconds_below": 0.3},
    }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
