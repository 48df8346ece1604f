"""Small medical tables (heart disease in Cleveland, diabetes): AUROC over repeated folds, beside logistic."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import polars as pl
from sklearn.model_selection import RepeatedStratifiedKFold

from analytics.evaluation import auroc
from benchmarks.shared import (
    data_file,
    logistic_scores,
    mean_and_spread,
    our_model,
    table_cases,
    table_task,
)

TABLES = {
    "heart_cleveland": ("medical", "uci_heart_disease", "processed.cleveland.data"),
    "diabetes": ("medical", "pima_diabetes", "pima-indians-diabetes.csv"),
}


def compared(name: str, repeats: int, threads: int) -> dict[str, Any]:
    """Ours and logistic regression on the same folds; the last column is the outcome, above 0 is ill."""
    rows = pl.read_csv(data_file(*TABLES[name]), has_header=False, null_values=["?"]).cast(pl.Float64)
    target = rows.columns[-1]
    task = table_task(name, target)
    cases, labels = table_cases(task, rows.with_columns((pl.col(target) > 0).cast(pl.Int64)))
    numbers = cases.features.cast(pl.Float64).to_numpy()
    ours, logistic = [], []
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=repeats, random_state=0)
    for learn, test in folds.split(labels, labels):
        model = our_model(task, cases.rows(learn), labels[learn], threads)
        ours.append(auroc(labels[test], model.predict(cases.rows(test)).score))
        logistic.append(auroc(labels[test], logistic_scores(numbers[learn], labels[learn], numbers[test])))
    auroc_ours, auroc_logistic = mean_and_spread(ours), mean_and_spread(logistic)
    return {
        "rows": len(cases),
        "auroc": auroc_ours,
        "reference_logistic_auroc": auroc_logistic,
        "difference": round(auroc_ours["mean"] - auroc_logistic["mean"], 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    answer: dict[str, Any] = {name: compared(name, given.repeats, given.threads) for name in TABLES}
    print(json.dumps({**answer, "goal": {"difference_at_least": -0.02}}, indent=2))


if __name__ == "__main__":
    main()
