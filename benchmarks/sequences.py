"""Signal in the order and timing of events: the transformer alone, LightGBM on its aggregates, the truth.

In this sample task patterns run forwards or backwards by the toss of a coin, so that counts, values and
recency say nothing. Also with few outcomes known: the same networks with and without pre-training on all
learning cases, over several draws. Prints JSON.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from analytics.catalog import task_named
from analytics.dataset import settled_cases
from analytics.evaluation import auroc
from analytics.fitting import problem_of
from analytics.model import encoded
from analytics.models import boosting, transformer
from analytics.models import transformer_training as training
from analytics.models.learner import Array, Effort, Inputs, Problem, Rows
from analytics.models.transformer_inputs import layout_of
from analytics.splits import split
from benchmarks.shared import ROOT, mean_and_spread
from pipelines.ingest import ingest
from pipelines.settings import Settings, load_settings

TASK = "logistics.vehicle_breakdown"
FEW_SECONDS = 20.0  # for LightGBM on few rows
STOPPING = 7  # one learning case in so many says when to stop


@dataclass(frozen=True)
class Trial:
    """What is learned, and the later cases all are judged on: inputs, outcomes, true probabilities."""

    problem: Problem
    test: Inputs
    outcomes: Array
    truth: Array

    def judged(self, margins: Array) -> float:
        return round(auroc(self.outcomes, margins), 4)


def trial(settings: Settings, folder: Path) -> Trial:
    task = task_named(TASK, settings)
    cases = settled_cases(settings, task)
    if cases.labels is None:
        sys.exit(f"{TASK}: no outcomes.")
    labels = cases.labels.cast(pl.Float64).to_numpy()
    parts = split(cases.keys, labels, task.meaning.horizon_days)
    problem = problem_of(task, cases.rows(parts.learning), task.classes)
    truth = pl.read_parquet(folder / "truth" / f"{TASK}.parquet").with_columns(
        pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us"))
    )
    keys = cases.keys[parts.test].with_columns(pl.col("as_of").cast(pl.Datetime("us")))
    joined = keys.join(truth, on=["entity_id", "as_of"], how="left", maintain_order="left")
    known = joined["probability"].is_not_null().to_numpy()
    rows = parts.test[known]
    test = encoded(cases.rows(rows), problem.code_book, problem.event_book)
    return Trial(problem, test, labels[rows], joined["probability"].to_numpy()[known])


def stops(rows: int) -> Rows:
    """One fold: the cases that say when to stop."""
    return np.where(np.arange(rows) % STOPPING == 0, 0, -1)


def with_all_labels(given: Trial, effort: Effort) -> dict[str, Any]:
    """Both families on all learning cases, each within the same seconds."""
    answer: dict[str, Any] = {"reference_truth": given.judged(given.truth)}
    for family in (boosting, transformer):
        begun = time.perf_counter()
        fitted = family.fit(given.problem, stops(len(given.problem.inputs)), effort)  # type: ignore[attr-defined]
        answer[family.NAME] = given.judged(fitted.scorer.margins(given.test))
        answer[f"{family.NAME}_seconds"] = round(time.perf_counter() - begun, 1)
    return answer


def with_few_labels(given: Trial, effort: Effort, labels: int, seeds: int) -> dict[str, Any]:
    """The same layout with `labels` known outcomes, drawn anew for each seed, from both kinds of start."""
    everyone = given.problem
    layout = layout_of(everyone.rows(np.arange(labels)), effort.seconds)
    pretrained = transformer.pretrain(everyone, effort, layout=layout)
    found: dict[str, list[float]] = {"with_pre_training": [], "without": [], "boosting": []}
    for seed in range(seeds):
        drawn = np.random.default_rng(seed).permutation(len(everyone.inputs))[:labels]
        problem = replace(everyone.rows(drawn), seed=seed)
        untaught = training.weights_of(training.fresh(layout, everyone.inputs, seed))
        for name, start in (("with_pre_training", pretrained), ("without", untaught)):
            fitted = transformer.fit(problem, stops(labels), effort, start=start, layout=layout)
            found[name].append(given.judged(fitted.scorer.margins(given.test)))
        trees = boosting.fit(problem, stops(labels), effort.within(FEW_SECONDS))
        found["boosting"].append(given.judged(trees.scorer.margins(given.test)))
    gains = np.subtract(found["with_pre_training"], found["without"])
    return {
        "labels": labels,
        **{name: {**mean_and_spread(values), "each": values} for name, values in found.items()},
        "gain_of_pre_training": mean_and_spread(gains.tolist()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "sample_data", help="folder of the generator")
    parser.add_argument("--home", type=Path, help="a home that has loaded the data; by default a new one")
    parser.add_argument("--seconds", type=float, default=180.0, help="for a fit, and for pre-training")
    parser.add_argument("--labels", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    given = parser.parse_args()
    effort = Effort(seconds=given.seconds, device=given.device)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["SDA_HOME"] = str(given.home or temporary)
        settings = load_settings(given.data / "assistant.toml")
        if given.home is None:
            ingest(settings)
        loaded = trial(settings, given.data)
        answer = {
            "task": TASK,
            "learning_cases": len(loaded.problem.inputs),
            "test_cases": len(loaded.test),
            "seconds_a_fit": given.seconds,
            "load_at_start": os.getloadavg()[0],
            "auroc": with_all_labels(loaded, effort),
            "few_labels": with_few_labels(loaded, effort, given.labels, given.seeds),
            "goal": "transformer above boosting; gain of pre-training above 0",
        }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
