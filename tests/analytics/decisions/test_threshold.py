"""Sums from a threshold on, against counting the cases themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.decision import expected_cost
from analytics.decisions.threshold import STEPS, Curve
from analytics.task import Costs

_SCORES = st.lists(st.integers(0, STEPS).map(lambda step: step / STEPS), min_size=1, max_size=60)


def _curve(scores: np.ndarray, stake: np.ndarray | None = None) -> Curve:
    stake = np.ones_like(scores) if stake is None else stake
    steps = np.round(scores * STEPS).astype(int)
    occupied = np.unique(steps)
    sums = [
        [each[steps == step].sum() for step in occupied]
        for each in (np.ones_like(scores), scores, scores * stake, stake)
    ]
    return Curve.of(occupied.tolist(), *sums)


@given(_SCORES, st.integers(0, STEPS))
def test_a_split_counts_the_cases_on_each_side(given_scores: list[float], step: int) -> None:
    scores = np.array(given_scores)
    stake = np.arange(1.0, len(scores) + 1)
    split = _curve(scores, stake).at(step / STEPS)
    acted = scores >= step / STEPS
    assert split.acted.cases == acted.sum()
    assert split.acted.events == pytest.approx(scores[acted].sum())
    assert split.rest.loss == pytest.approx((scores * stake)[~acted].sum(), abs=1e-9)
    assert split.rest.at_stake == pytest.approx(stake[~acted].sum(), abs=1e-9)
    assert split.cases == len(scores)
    assert split.acted.without_event == pytest.approx((1 - scores[acted]).sum(), abs=1e-9)


@given(_SCORES, st.integers(0, 70))
def test_a_capacity_is_kept_and_no_lower_threshold_would_keep_it(
    given_scores: list[float], most: int
) -> None:
    scores = np.array(given_scores)
    curve = _curve(scores)
    threshold = curve.for_capacity(most)
    assert (scores >= threshold).sum() == curve.at(threshold).acted.cases <= most
    assert threshold == 0 or (scores >= (round(threshold * STEPS) - 1) / STEPS).sum() > most


@given(_SCORES, st.floats(0.1, 100), st.floats(0.1, 100))
def test_no_threshold_costs_less_than_the_cheapest(
    given_scores: list[float], miss: float, alarm: float
) -> None:
    curve, costs = _curve(np.array(given_scores)), Costs(miss, alarm)
    least = curve.cheapest(costs).cost(costs)
    for step in range(0, STEPS + 1, 97):
        assert least <= curve.at(step / STEPS).cost(costs) + 1e-9 * (miss + alarm) * len(given_scores)


def test_costs_are_those_of_the_decision_curve_when_scores_are_the_truth() -> None:
    """Scores of 0 and 1 know the future, so what is expected is what happens."""
    labels, costs = np.array([0.0, 1, 1, 0, 1]), Costs(7, 2)
    curve = _curve(labels)
    for threshold in (0.0, 0.4, 1.0):
        assert curve.at(threshold).cost(costs) / 5 == pytest.approx(
            expected_cost(labels, labels, np.array([threshold]), costs)[0]
        )


def test_nobody_at_all() -> None:
    curve = Curve.of([], [], [], [], [])
    assert curve.at(0.2).cases == 0
    assert curve.for_capacity(10) == 0
    assert curve.highest == 0
