"""Better beyond noise: rarely said of equals, surely of what is better, and entities count once."""

import numpy as np
import pytest

from analytics.comparison import mean_interval, simplest_of_the_best


def test_equals_are_told_apart_about_as_rarely_as_promised() -> None:
    random = np.random.default_rng(0)
    said = 0
    for trial in range(200):
        simple, other = random.gamma(1.0, size=(2, 300))
        said += simplest_of_the_best({"simple": simple, "other": other}, np.arange(300)) == "other"
        low, high = mean_interval(simple - other, np.arange(300), seed=trial)
        assert low < high
    assert said <= 48  # one standard error, one-sided: 32 of 200 in the mean


def test_what_is_clearly_better_is_chosen_over_the_simpler() -> None:
    random = np.random.default_rng(1)
    simple = random.gamma(1.0, size=2_000)
    better = simple - 0.1 + random.normal(size=2_000) * 0.2
    assert simplest_of_the_best({"simple": simple, "better": better}, np.arange(2_000)) == "better"


def test_of_several_good_ones_the_simplest_is_taken() -> None:
    random = np.random.default_rng(2)
    poor = random.gamma(1.0, size=2_000)
    good = poor - 0.3
    best = good - 0.001 + random.normal(size=2_000) * 0.3
    assert simplest_of_the_best({"poor": poor, "good": good, "best": best}, np.arange(2_000)) == "good"


def test_cases_of_one_entity_do_not_count_as_many() -> None:
    random = np.random.default_rng(3)
    of_entity = random.normal(size=40)
    groups = np.repeat(np.arange(40), 50)
    low, high = mean_interval(of_entity[groups], groups)
    alone = mean_interval(of_entity[groups], np.arange(2_000))
    assert high - low > 4 * (alone[1] - alone[0])
    assert high - low == pytest.approx(2 * 1.96 * of_entity.std() / np.sqrt(40), rel=0.2)


def test_many_entities_are_pooled_without_changing_the_interval() -> None:
    values = np.random.default_rng(4).normal(size=20_000)
    low, high = mean_interval(values, np.arange(20_000))
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(20_000), rel=0.15)
