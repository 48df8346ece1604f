"""Credit card clients (UCI, 30,000 real rows): AUROC over five folds, ours and logistic regression."""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import polars as pl
from sklearn.model_selection import StratifiedKFold

from analytics.evaluation import auroc, expected_calibration_error
from benchmarks.shared import (
    data_file,
    logistic_scores,
    mean_and_spread,
    our_model,
    table_cases,
    table_task,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    path = data_file("finance", "uci_taiwan_default", "UCI_Credit_Card.csv.gz")
    task = table_task("credit_cards", "class")
    cases, labels = table_cases(task, pl.read_csv(path, infer_schema_length=None))
    numbers = cases.features.cast(pl.Float64).to_numpy()
    ours, logistic, errors, seconds = [], [], [], []
    folds = StratifiedKFold(given.folds, shuffle=True, random_state=0)
    for learn, test in folds.split(labels, labels):
        start = time.perf_counter()
        model = our_model(task, cases.rows(learn), labels[learn], given.threads)
        seconds.append(time.perf_counter() - start)
        scores = model.predict(cases.rows(test)).score
        ours.append(auroc(labels[test], scores))
        errors.append(expected_calibration_error(labels[test], scores))
        logistic.append(auroc(labels[test], logistic_scores(numbers[learn], labels[learn], numbers[test])))
    answer = {
        "rows": len(cases),
        "columns": cases.features.width,
        "folds": given.folds,
        "auroc": mean_and_spread(ours),
        "auroc_per_fold": [round(value, 4) for value in ours],
        "reference_logistic_auroc": mean_and_spread(logistic),
        "ece": mean_and_spread(errors),
        "seconds_per_fit": mean_and_spread(seconds),
        "goal": {"auroc_at_least": 0.782},
    }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
