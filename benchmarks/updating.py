"""Continuing a model with new rows against training it anew: seconds, and how good each is on later rows.

The world changes when the new rows begin (one effect turns around), so a model that does not go on learning
falls behind. Family by family on the same rows and folds, without a limit of time but for the transformer.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from analytics.evaluation import auroc
from analytics.matrix import Matrix, learn_code_book
from analytics.models import families
from analytics.models.learner import Effort, Fitted, Inputs, Problem
from analytics.splits import entity_folds
from analytics.updating import replayed_rows
from benchmarks.shared import Array


def world(rows: int, turned: bool, seed: int) -> tuple[pl.DataFrame, Array]:
    """20 numbers and 2 categories; `turned` says which way one of five effects goes."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(rows, 20))
    city, trade = random.integers(0, 30, rows), random.integers(0, 8, rows)
    signal = (
        1.2 * numbers[:, 0]
        + (-0.9 if turned else 0.9) * numbers[:, 1]
        + 0.8 * numbers[:, 2] * numbers[:, 3]
        + 0.06 * (city - 15)
        + 0.3 * (trade == 2)
    )
    labels = (random.random(rows) < 1 / (1 + np.exp(1.0 - signal))).astype(float)
    columns = {f"n{place}": numbers[:, place] for place in range(20)}
    frame = pl.DataFrame(columns | {"city": city.astype(str), "trade": trade.astype(str)})
    return frame, labels


def timed(work: Callable[[], Fitted]) -> tuple[Fitted, float]:
    start = time.perf_counter()
    fitted = work()
    return fitted, time.perf_counter() - start


def compared(name: str, rows: int, new: int, effort: Effort) -> dict[str, Any]:
    """One family: fitted on the old rows, then continued with the new ones, and fitted anew on all."""
    worlds = [world(rows, False, 1), world(new, True, 2), world(20_000, True, 3)]
    frames, labels = [frame for frame, _ in worlds], [outcomes for _, outcomes in worlds]
    book = learn_code_book(frames[0])
    old, fresh, later = (book.encode(frame) for frame in frames)
    family = families.module(name)

    def problem(matrix: Matrix, outcomes: Array) -> Problem:
        return Problem("binary", 2, Inputs(matrix), outcomes, book, seed=1)

    def folds(outcomes: Array) -> Any:
        return entity_folds(pl.int_range(len(outcomes), eager=True).cast(pl.String), outcomes)

    before, _ = timed(lambda: family.fit(problem(old, labels[0]), folds(labels[0]), effort))
    # As `analytics.updating` does: the new rows dealt out, a sample of the old ones taught to all parts.
    replayed = np.random.default_rng(0).choice(rows, replayed_rows(new, rows), replace=False)
    lesson = problem(np.concatenate([fresh, old[replayed]]), np.concatenate([labels[1], labels[0][replayed]]))
    dealt = np.concatenate([folds(labels[1]), np.full(len(replayed), -1)])
    updated, update_seconds = timed(lambda: family.update(before.scorer, lesson, dealt, effort))
    outcomes = np.concatenate([labels[0], labels[1]])
    whole = problem(np.concatenate([old, fresh]), outcomes)
    anew, fit_seconds = timed(lambda: family.fit(whole, folds(outcomes), effort))
    quality = {
        moment: round(auroc(labels[2], fitted.scorer.margins(Inputs(later))), 4)
        for moment, fitted in (("before", before), ("updated", updated), ("trained_anew", anew))
    }
    return {
        "update_seconds": round(update_seconds, 2),
        "fit_seconds": round(fit_seconds, 2),
        "ratio": round(update_seconds / fit_seconds, 3),
        "auroc_on_later_rows": quality,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=20_000)
    arguments.add_argument("--new", type=int, default=2_000)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--families", default="linear,boosting")
    arguments.add_argument("--seconds", type=float, default=None, help="of each fit; needed for transformer")
    given = arguments.parse_args()
    effort = Effort(given.threads, given.seconds)
    found = {name: compared(name, given.rows, given.new, effort) for name in given.families.split(",")}
    print(json.dumps({"rows": given.rows, "new": given.new, "threads": given.threads, **found}, indent=1))


if __name__ == "__main__":
    main()
