"""Sample data knows the true probability of each outcome: the model's test AUROC and ECE beside truth's own.

Loads `sample_data/` into a home of its own, trains through the public functions, and scores the test cases.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from analytics import registry
from analytics.catalog import task_named
from analytics.dataset import settled_cases
from analytics.evaluation import auroc, expected_calibration_error, log_loss
from analytics.splits import split
from analytics.training import train
from benchmarks.shared import ROOT
from pipelines.ingest import ingest
from pipelines.settings import Settings, load_settings

TASKS = (
    "finance.credit_default",
    "medical.disease_onset",
    "logistics.late_delivery",
    "logistics.vehicle_breakdown",
)


def beside_truth(settings: Settings, name: str, folder: Path) -> dict[str, Any]:
    """Figures of the model in service and of the true probabilities on the same test cases."""
    task = task_named(name, settings)
    start = time.perf_counter()
    train(settings, task)
    seconds = time.perf_counter() - start
    model = registry.load(settings, registry.required(settings, task))
    cases = settled_cases(settings, task)
    if cases.labels is None:
        sys.exit(f"{name}: no outcomes.")
    labels = cases.labels.cast(pl.Float64).to_numpy()
    rows = split(cases.keys, labels, task.meaning.horizon_days).test
    test = cases.rows(rows)
    truth = pl.read_parquet(folder / "truth" / f"{name}.parquet").with_columns(
        pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us"))
    )
    joined = test.keys.join(truth, on=["entity_id", "as_of"], how="left", maintain_order="left")
    known = joined["probability"].is_not_null().to_numpy()
    ideal = joined["probability"].to_numpy()[known]
    scores = model.predict(test).score[known]
    outcomes = labels[rows][known]
    best, ours = auroc(outcomes, ideal), auroc(outcomes, scores)
    return {
        "test_rows": len(outcomes),
        "test_rows_without_truth": int((~known).sum()),
        "positives": int(outcomes.sum()),
        "auroc": round(ours, 4),
        "reference_auroc_of_truth": round(best, 4),
        "auroc_below_truth": round(best - ours, 4),
        "ece": round(expected_calibration_error(outcomes, scores), 4),
        "reference_ece_of_truth": round(expected_calibration_error(outcomes, ideal), 4),
        "log_loss": round(log_loss(outcomes, scores), 4),
        "reference_log_loss_of_truth": round(log_loss(outcomes, ideal), 4),
        "mean_distance_to_truth": round(float(np.mean(np.abs(scores - ideal))), 4),
        "train_seconds": round(seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", default=TASKS, metavar="TASK")
    parser.add_argument("--data", type=Path, default=ROOT / "sample_data", help="folder of the generator")
    parser.add_argument("--home", type=Path, help="a home to keep; by default a temporary one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["SDA_HOME"] = str(given.home or temporary)
        settings = load_settings(given.data / "assistant.toml")
        ingest(settings)
        answer: dict[str, Any] = {name: beside_truth(settings, name, given.data) for name in given.tasks}
    goal = {"auroc_below_truth_at_most": 0.01, "ece_at_most": 0.02}
    print(json.dumps({**answer, "goal": goal}, indent=2))


if __name__ == "__main__":
    main()
