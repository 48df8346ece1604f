"""Label sets hold the truth as often as they say, overall and for each class."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.calibration import sigmoid, softmax
from analytics.label_sets import LabelSets, label_sets


def test_both_classes_of_a_rare_event_are_covered() -> None:
    random = np.random.default_rng(0)
    margins = random.normal(-2.5, 1.5, size=60_000)
    labels = (random.random(60_000) < sigmoid(margins)).astype(float)
    fitted = label_sets(margins[:30_000], labels[:30_000])
    fitted = LabelSets.from_json(json.loads(json.dumps(fitted.as_json())))
    sets, truths = fitted.sets(margins[30_000:]), labels[30_000:].astype(int)
    covered = sets[np.arange(30_000), truths]
    assert covered.mean() == pytest.approx(0.9, abs=0.01)
    assert covered[truths == 0].mean() == pytest.approx(0.9, abs=0.01)
    assert covered[truths == 1].mean() == pytest.approx(0.9, abs=0.015)
    assert set(fitted.named(sets)) == {"no", "yes", "no|yes"}


def test_each_of_several_classes_is_covered_and_sets_are_small_where_classes_are_clear() -> None:
    random = np.random.default_rng(1)
    margins = random.normal(0, 2, size=(40_000, 3)) + np.array([1.5, 0, -1])
    truths = (margins + random.gumbel(size=margins.shape)).argmax(axis=1)
    scores = softmax(margins)
    fitted = label_sets(scores[:20_000], truths[:20_000].astype(float), ("a", "b", "c"))
    sets, later = fitted.sets(scores[20_000:]), truths[20_000:]
    covered = sets[np.arange(20_000), later]
    assert covered.mean() == pytest.approx(0.9, abs=0.01)
    for number in range(3):
        assert covered[later == number].mean() == pytest.approx(0.9, abs=0.015)
    sizes = sets.sum(axis=1)
    clear = scores[20_000:].max(axis=1) > 0.95
    assert sizes[clear].mean() < sizes[~clear].mean()


def test_a_class_of_too_few_cases_is_never_ruled_out() -> None:
    labels = np.array([0.0] * 30 + [1.0] * 8)
    fitted = label_sets(np.linspace(-2, 2, 38), labels)
    assert fitted.sets(np.array([-99.0, 99.0]))[:, 1].all()
    assert LabelSets.from_json(json.loads(json.dumps(fitted.as_json(), allow_nan=False))) == fitted


def test_names_are_joined_and_a_bar_in_a_name_stays_readable() -> None:
    fitted = LabelSets(("ok", "a|b", "低"), (0.5, 0.5, 0.5))
    sets = fitted.sets(np.array([[0.9, 0.6, 0.1], [0.1, 0.2, 0.7], [0.1, 0.1, 0.1]]))
    assert fitted.named(sets).to_list() == ["ok|a¦b", "低", ""]


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60))
def test_the_share_of_held_out_cases_below_a_threshold_is_at_most_a_tenth(scores: list[float]) -> None:
    fitted = label_sets(np.array(scores), np.ones(len(scores)))
    assert (~fitted.sets(np.array(scores))[:, 1]).mean() <= 0.1
