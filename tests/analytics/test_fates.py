"""Cases that share a fate are kept together: the stops of a trip never teach a model that they judge."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analytics.cases import Cases, fates
from analytics.fitting import problem_of
from analytics.models import boosting
from analytics.models.learner import Effort
from analytics.quantiles import Quantiles, bounds_of
from analytics.splits import split, without_test
from analytics.task import Meaning, Task
from pipelines.words import words

TRIPS, STOPS = 80, 8
TASK = Task(
    name="own.trips",
    kind="regression",
    meaning=Meaning(words("t", "t"), words("e", "e"), words("p", "p"), "min"),
    population="",
    features="",
    candidates="",
    last_day="",
    shared_before="/",
)


def trips(seed: int = 0) -> Cases:
    """Stops whose outcome is the luck of their trip, which columns tell the trip by and nothing else."""
    random = np.random.default_rng(seed)
    trip = np.repeat(np.arange(TRIPS), STOPS)
    luck, mark = random.normal(0, 10, TRIPS), random.normal(0, 1, TRIPS)
    keys = pl.DataFrame(
        {
            "entity_id": [f"T{t:03}/{n % STOPS + 1}" for n, t in enumerate(trip)],
            "as_of": [datetime(2026, 3, 1) + timedelta(days=int(t) // 4) for t in trip],
        }
    )
    features = pl.DataFrame({"mark": mark[trip], "noise": random.normal(0, 1, len(trip))})
    return Cases(keys, features, pl.Series(luck[trip] + random.normal(0, 1, len(trip))))


def test_what_stands_before_the_sign_is_what_cases_share() -> None:
    keys = trips().keys
    assert fates(TASK, keys)["entity_id"].n_unique() == TRIPS
    assert fates(replace(TASK, shared_before=""), keys) is keys


def test_no_fold_and_no_part_divides_a_trip() -> None:
    cases = trips()
    labels = cases.labels.to_numpy() if cases.labels is not None else np.empty(0)
    owners = fates(TASK, cases.keys)
    parts = split(owners, labels, classes=False)
    folds = pl.DataFrame({"trip": owners["entity_id"][parts.learning], "fold": parts.folds})
    assert folds.group_by("trip").agg(pl.n_unique("fold"))["fold"].max() == 1
    assert folds["fold"].n_unique() == 5
    learned, tested = set(owners["entity_id"][parts.learning]), set(owners["entity_id"][parts.test])
    assert not learned & tested


def test_intervals_are_as_wide_as_a_trip_that_was_not_seen_asks_for() -> None:
    """Calibrated on stops of trips it has learned, a model would promise what it cannot keep."""
    cases = trips()
    labels = cases.labels.to_numpy() if cases.labels is not None else np.empty(0)
    new = replace(trips(seed=1), keys=cases.keys)
    covered = {}
    for name, task in (("together", TASK), ("divided", replace(TASK, shared_before=""))):
        folds = without_test(fates(task, cases.keys), labels, classes=False, by_time=False).folds
        problem = problem_of(task, cases, ())
        bounds = bounds_of(problem, folds, Effort(1), boosting.fit(problem, folds, Effort(1)))
        assert isinstance(bounds, Quantiles)
        low, high = bounds.bounds(problem_of(task, new, ()).inputs)
        truths = problem_of(task, new, ()).labels
        covered[name] = float(np.mean((low <= truths) & (truths <= high)))
    assert covered["together"] > 0.85
    assert covered["divided"] < 0.83
