"""Decisions against theory: calibrated probabilities cost least where theory says, and counts are right."""

import numpy as np
import pytest

from analytics.calibration import sigmoid
from analytics.decision import best_threshold, decision, expected_cost, net_benefit
from analytics.task import Costs

COSTS = Costs(miss=5, false_alarm=1)


def calibrated(rows: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    probabilities = sigmoid(random.normal(-1, 1.5, rows))
    return (random.random(rows) < probabilities).astype(float), probabilities


@pytest.mark.parametrize("costs", [COSTS, Costs(1, 1), Costs(1, 3)])
def test_calibrated_probabilities_cost_least_at_the_threshold_of_theory(costs: Costs) -> None:
    labels, probabilities = calibrated(200_000)
    found = decision(labels, probabilities, costs)
    assert found["threshold"] == pytest.approx(costs.false_alarm / (costs.false_alarm + costs.miss))
    assert found["lowest"]["threshold"] == pytest.approx(found["threshold"], abs=0.05)
    assert found["expected_cost"] <= found["lowest"]["expected_cost"] * 1.005
    assert found["expected_cost"] < min(found["act_on_all"], found["act_on_none"])


def test_costs_and_benefits_are_those_counted_case_by_case() -> None:
    labels, probabilities = calibrated(500)
    probabilities = probabilities.round(2)  # ties with thresholds
    thresholds = np.array([0.0, 0.25, 0.5, 0.75])
    for place, threshold in enumerate(thresholds):
        acted = probabilities >= threshold
        missed, alarms = np.sum(~acted & (labels == 1)), np.sum(acted & (labels == 0))
        cost = (5 * missed + alarms) / 500
        assert expected_cost(labels, probabilities, thresholds, COSTS)[place] == pytest.approx(cost)
        benefit = (np.sum(acted & (labels == 1)) - alarms * threshold / (1 - threshold)) / 500
        assert net_benefit(labels, probabilities, thresholds)[place] == pytest.approx(benefit)


def test_the_ends_of_the_curve_are_all_and_none() -> None:
    labels, probabilities = calibrated(2_000)
    found = decision(labels, probabilities, COSTS)
    assert found["curve"]["expected_cost"][0] == pytest.approx(found["act_on_all"])
    assert found["curve"]["expected_cost"][-1] == pytest.approx(found["act_on_none"])
    assert found["net_benefit"]["all"][0] == pytest.approx(labels.mean())
    assert len(found["net_benefit"]["threshold"]) == len(found["net_benefit"]["model"]) == 100


def test_useless_scores_are_worth_no_more_than_acting_on_all_or_none() -> None:
    random = np.random.default_rng(1)
    labels = (random.random(50_000) < 0.3).astype(float)
    rate = np.full(50_000, 0.3)
    found = decision(labels, rate, COSTS)
    assert found["expected_cost"] == pytest.approx(min(found["act_on_all"], found["act_on_none"]))
    assert best_threshold(COSTS) == pytest.approx(1 / 6)
