"""Effects of groups: found where planted, shrunk where few cases show them, deaf to outliers."""

import numpy as np
import pytest

from analytics.routing.effects import fitted
from analytics.routing.periods import merged_periods


def test_planted_effects_of_two_crossed_factors() -> None:
    random = np.random.default_rng(0)
    one, other = random.integers(0, 6, 9_000), random.integers(10, 14, 9_000)
    of_one, of_other = np.linspace(-0.5, 0.5, 6), np.array([0.2, -0.1, 0.1, -0.2])
    values = 3 + of_one[one] + of_other[other - 10] + random.normal(0, 0.3, 9_000)
    values[::25] += 40  # outliers
    fit = fitted(values, {"one": one, "other": other})
    found = fit.at({"one": np.arange(6)[:, None], "other": np.arange(10, 14)})
    assert found == pytest.approx(3 + of_one[:, None] + of_other, abs=0.06)
    assert fit.effects["one"].of(np.array([77])) == 0
    assert fit.effects["one"].cases_of(np.array([77, 0])).tolist() == [0, (one == 0).sum()]


def test_a_group_of_few_cases_stays_near_the_others() -> None:
    random = np.random.default_rng(1)
    groups = np.repeat(np.arange(40), 50)
    values = random.normal(0, 1, 2_000) + random.normal(0, 0.3, 40)[groups]
    few = np.concatenate([groups, [98, 98, 99]])
    fit = fitted(np.concatenate([values, [3.0, 3.2, -3.0]]), {"group": few})
    of_two, of_one = fit.effects["group"].of(np.array([98, 99]))
    assert 0 < of_two < 0.9  # its median says 3.1
    assert -0.5 < of_one < 0


def test_chance_alone_gives_no_effects() -> None:
    random = np.random.default_rng(2)
    fit = fitted(random.normal(0, 1, 4_000), {"group": random.integers(0, 40, 4_000)})
    assert np.abs(fit.effects["group"].added).max() < 0.1


def test_hours_that_are_alike_or_unseen_join_their_neighbours() -> None:
    hourly = np.array([[0.0], [0.0], [0.001], [0.5], [0.0], [0.3], [0.31]])
    starts, means = merged_periods(hourly, np.array([9.0, 9, 9, 9, 1e-3, 9, 9]))
    assert starts == [0, 3, 4] or starts == [0, 3, 5]
    assert means[:, 0] == pytest.approx([0, 0.5, 0.305], abs=0.01)


def test_there_are_never_more_than_six_periods() -> None:
    starts, means = merged_periods(np.random.default_rng(0).normal(0, 1, (30, 5)), np.ones(30))
    assert len(starts) == len(means) == 6
    assert starts[0] == 0
    assert starts == sorted(set(starts))
