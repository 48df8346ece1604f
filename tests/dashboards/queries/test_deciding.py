"""What decisions are counted from, against the same counts in numpy."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics.catalog import shipped_tasks
from analytics.decisions.threshold import STEPS
from dashboards.queries import deciding
from dashboards.queries.reading import Read, reader

TASK = shipped_tasks()["finance.credit_default"]
NOW = datetime(2026, 10, 30)
Scored = Callable[[np.ndarray, np.ndarray], Read]


@pytest.fixture
def scored() -> Scored:
    """A lake of predictions with these scores and stakes; a stake of nan is not known."""

    def make(scores: np.ndarray, stakes: np.ndarray) -> Read:
        connection = duckdb.connect()
        connection.execute("CREATE SCHEMA predictions")
        frame = pl.DataFrame(
            {
                "entity_id": [f"L{n:06d}" for n in range(len(scores))],
                "as_of": [NOW] * len(scores),
                "score": scores,
                "expected_loss": pl.Series(scores * stakes).fill_nan(None),
            }
        )
        connection.register("frame", frame.to_arrow())
        connection.execute(f"CREATE TABLE {TASK.predictions_table} AS FROM frame")
        return reader(connection)

    return make


def _some(cases: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    scores = random.beta(1, 8, cases)
    # A third of them on whole thresholds, where rounding could put them on the wrong side.
    scores = np.where(random.random(cases) < 0.33, np.round(scores, 2), scores)
    return scores, np.exp(random.normal(8, 1, cases))


def test_every_threshold_counts_the_cases_that_a_filter_of_the_list_finds(scored: Scored) -> None:
    scores, stakes = _some(3_000)
    curve, unpriced = deciding.curve(scored(scores, stakes), TASK, NOW)
    assert unpriced == 0
    for threshold in [
        0.0,
        1.0,
        *np.arange(0, 60) / 100,
        *np.random.default_rng(2).integers(0, STEPS, 60) / STEPS,
    ]:
        split, acted = curve.at(threshold), scores >= threshold
        assert split.acted.cases == acted.sum()
        assert split.acted.events == pytest.approx(scores[acted].sum(), abs=1e-5)
        assert split.rest.loss == pytest.approx((scores * stakes)[~acted].sum(), abs=1e-2)


def test_cases_without_a_known_stake_are_counted_but_bring_no_loss(scored: Scored) -> None:
    scores, stakes = _some(200)
    stakes[:50] = np.nan
    read = scored(scores, stakes)
    curve, unpriced = deciding.curve(read, TASK, NOW)
    assert (curve.total.cases, unpriced) == (200, 50)
    assert curve.total.loss == pytest.approx(np.nansum(scores * stakes))
    assert deciding.portfolio(read, TASK, NOW).size == ((scores > 0) & ~np.isnan(stakes)).sum()


def test_a_sample_is_the_same_every_time_and_says_of_how_many(scored: Scored) -> None:
    read = scored(*_some(900))
    ids, population = deciding.sample(read, TASK, NOW, 100)
    assert population == 900
    assert len(set(ids)) == 100
    assert deciding.sample(read, TASK, NOW, 100)[0] == ids
    assert abs(np.mean([int(each[1:]) for each in ids]) - 450) < 4 * 260 / 10
    assert deciding.sample(read, TASK, datetime(2020, 1, 1), 100) == ([], 0)


def test_a_small_portfolio_stands_case_by_case_and_a_large_one_keeps_its_sums(
    scored: Scored, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores, stakes = _some(3_000)
    read = scored(scores, stakes)
    alone = deciding.portfolio(read, TASK, NOW, below=0.2)
    kept = (scores < 0.2) & (scores > 0)
    assert (alone.cases == 1).all()
    assert alone.size == kept.sum()
    assert alone.expected == pytest.approx((scores * stakes)[kept].sum())
    monkeypatch.setattr(deciding, "MOST_ALONE", 500)
    monkeypatch.setattr(deciding, "LARGEST_ALONE", 100)
    classes = deciding.portfolio(read, TASK, NOW, below=0.2)
    assert len(classes.cases) < 600
    assert classes.size == alone.size
    assert classes.expected == pytest.approx(alone.expected)
    assert classes.at_stake == pytest.approx(alone.at_stake)
    assert np.sort(classes.loss)[-90:] == pytest.approx(np.sort(stakes[kept])[-90:])
    one, other = (deciding.losses(read, TASK, NOW, 0.2, deciding.BASEL, 4_000).tail(0.99) for _ in range(2))
    assert one == other
    monkeypatch.undo()
    exact = deciding.losses(read, TASK, NOW, 0.2, deciding.BASEL, 4_000).tail(0.99)
    assert abs(one.shortfall - exact.shortfall) < 4 * np.hypot(one.shortfall_error, exact.shortfall_error)


@pytest.mark.parametrize("correlation", [deciding.BASEL, 0.1, 0.0])
def test_nobody_at_stake_loses_nothing(scored: Scored, correlation: Any) -> None:
    read = scored(np.array([0.2, 0.3]), np.array([np.nan, np.nan]))
    losses = deciding.losses(read, TASK, NOW, deciding.EVERYONE, correlation, 100)
    assert losses.portfolio.size == 0
    assert losses.mean == 0
