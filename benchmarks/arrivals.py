"""Arrival times on the sample: our predictions and intervals beside the plan, a table by position, the truth.

Judged are the latest fifth of the days, which nothing was learned from: when the vehicle leaves, where the
generator knows the mean and the quantiles of every stop, and under way. With `--seconds` a transformer over
the stops of the route is tried too, and the figures of all candidates on the same cases are printed. JSON.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics import registry
from analytics.cases import Cases, fates
from analytics.conformal import COVERAGE
from analytics.dataset import settled_cases
from analytics.splits import split
from analytics.tasks.logistics import STOP_ARRIVAL
from analytics.training import train
from benchmarks.shared import ROOT, Array
from pipelines.ingest import ingest
from pipelines.settings import Settings, load_settings

SOURCES = ["carrier_depots", "carrier_vehicles", "carrier_trips", "carrier_trip_stops"]
Mask = NDArray[np.bool_]
TAIL = (1 - COVERAGE) / 2
POSITIONS = ((1, 1), (2, 4), (5, 8), (9, 12), (13, 99))


@dataclass(frozen=True)
class Forecast:
    """Minutes late as somebody predicts them: a value and the bounds of nine in ten, shape (rows,) each."""

    value: Array
    lower: Array
    upper: Array

    def rows(self, chosen: Mask) -> "Forecast":
        return Forecast(self.value[chosen], self.lower[chosen], self.upper[chosen])


def figures(late: Array, said: Forecast) -> dict[str, float]:
    """Errors of value and bounds (mean pinball loss), the share of arrivals the bounds hold, their width."""
    below, above = late - said.lower, late - said.upper
    pinball = np.maximum(TAIL * below, (TAIL - 1) * below) + np.maximum((1 - TAIL) * above, -TAIL * above)
    return {
        "cases": len(late),
        "mae": round(float(np.abs(late - said.value).mean()), 2),
        "pinball_of_bounds": round(float(pinball.mean() / 2), 3),
        "coverage": round(float(((below >= 0) & (above <= 0)).mean()), 4),
        "mean_width": round(float((said.upper - said.lower).mean()), 1),
    }


def by_position(learning: Cases, test: Cases) -> Forecast:
    """What a table says: median and quantiles of the past at the same position; as many stops ahead."""
    ahead = ["position", "stops_ahead"]
    past = learning.features.select(ahead).with_columns(late=learning.labels)
    late = pl.col("late")
    table = past.group_by(ahead).agg(
        value=late.median(), lower=late.quantile(TAIL), upper=late.quantile(1 - TAIL)
    )
    overall = past.select(value=late.median(), lower=late.quantile(TAIL), upper=late.quantile(1 - TAIL))
    said = test.features.select(ahead).join(table, on=ahead, how="left", maintain_order="left")
    return Forecast(
        *(said[name].fill_null(overall[name][0]).to_numpy() for name in ("value", "lower", "upper"))
    )


def judged(settings: Settings, folder: Path, seconds: float) -> dict[str, Any]:
    """All figures of a home whose trips are ingested."""
    task = STOP_ARRIVAL
    start = time.perf_counter()
    trained = train(settings, task, seconds)
    spent = time.perf_counter() - start
    model = registry.load(settings, registry.required(settings, task))
    cases = settled_cases(settings, task)
    if cases.labels is None:
        sys.exit("No stop has been reached.")
    labels = cases.labels.cast(pl.Float64).to_numpy()
    parts = split(fates(task, cases.keys), labels, task.meaning.horizon_days, classes=False)
    test, late = cases.rows(parts.test), labels[parts.test]
    found = model.predict(test)
    truth = pl.read_parquet(folder / "truth" / f"{task.name}.parquet").with_columns(
        pl.col("as_of").cast(pl.Datetime("us"))
    )
    known = test.keys.join(truth, on=["entity_id", "as_of"], how="left", maintain_order="left")
    leaving = known["mean"].is_not_null().to_numpy()
    # Arrivals are written down to the minute they fall into: half a minute early on average.
    true = Forecast(known["mean"].to_numpy() - 0.5, known["lower"].to_numpy() - 1, known["upper"].to_numpy())
    rivals = {
        "ours": Forecast(found.score, found.lower, found.upper),
        "table_by_position": by_position(cases.rows(parts.learning), test),
    }
    position = test.features["position"].to_numpy()
    answer: dict[str, Any] = {
        "train_seconds": round(spent, 1),
        "candidates": {
            each["name"]: {"mae": each["test"].get("mae"), "rmse": each["test"].get("rmse")}
            | {"chosen": each["chosen"], "seconds": each["seconds"], "note": each["note"]}
            for each in trained.metrics["leaderboard"]
        },
    }
    for name, chosen in (("leaving", leaving), ("under_way", ~leaving)):
        answer[name] = {who: figures(late[chosen], said.rows(chosen)) for who, said in rivals.items()}
        answer[name]["the_plan"] = {"mae": round(float(np.abs(late[chosen]).mean()), 2)}
        answer[name]["ours_by_position"] = {
            f"{low}-{high}": figures(late[part], rivals["ours"].rows(part))
            for low, high in POSITIONS
            if (part := chosen & (position >= low) & (position <= high)).any()
        }
    answer["leaving"]["the_truth"] = figures(late[leaving], true.rows(leaving))
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0, help="of training; 0: no search, no transformer")
    parser.add_argument("--data", type=Path, default=ROOT / "sample_data", help="folder of the generator")
    parser.add_argument("--home", type=Path, help="a home to keep; by default a temporary one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["SDA_HOME"] = str(given.home or temporary)
        settings = load_settings(given.data / "assistant.toml")
        ingest(settings, SOURCES)
        answer = judged(settings, given.data, given.seconds)
    goal = {"coverage_from": 0.88, "coverage_to": 0.92, "mae_below": "the_plan, table_by_position"}
    print(json.dumps({**answer, "nominal_coverage": COVERAGE, "goal": goal}, indent=2))


if __name__ == "__main__":
    main()
