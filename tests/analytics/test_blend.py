"""The blend: weights that are not negative, that find who knows what, and that serve as they were learned."""

import json
from pathlib import Path

import numpy as np
import pytest

from analytics.models import blend, boosting, linear
from analytics.models.blend import Blend, blended, learn_weights
from analytics.models.learner import Effort, Inputs
from analytics.models.objectives import loss_per_row
from tests.analytics.made_problems import binary, folds, numbers


def test_members_that_know_different_things_share_the_weight_and_the_useless_one_is_left_out() -> None:
    random = np.random.default_rng(0)
    one, other, noise = random.normal(size=(3, 6_000))
    labels = (random.random(6_000) < 1 / (1 + np.exp(-(one + other)))).astype(float)
    weights = learn_weights("binary", [one, other, noise], labels)
    assert weights.members[:2] == pytest.approx((1.0, 1.0), abs=0.12)
    assert weights.members[2] == 0.0
    values = 50 + one + other
    found = learn_weights("regression", [50 + 2 * one, 50 + 2 * other], values)
    assert found.margins([50 + 2 * one, 50 + 2 * other]) == pytest.approx(values, abs=0.2)


def test_a_member_that_is_wrong_way_round_gets_no_weight() -> None:
    random = np.random.default_rng(1)
    truth = random.normal(size=3_000)
    labels = (random.random(3_000) < 1 / (1 + np.exp(-truth))).astype(float)
    assert learn_weights("binary", [truth, -truth], labels).members[1] == 0.0


def test_few_cases_leave_the_weights_nearly_equal() -> None:
    random = np.random.default_rng(2)
    members = [0.3 * random.normal(size=4) for _ in range(2)]
    weights = learn_weights("binary", members, np.array([0.0, 1.0, 0.0, 1.0])).members
    assert weights == pytest.approx((0.5, 0.5), abs=0.25)


def test_a_blend_adds_up_is_saved_and_goes_on_learning(tmp_path: Path) -> None:
    matrix = numbers(800, 4)
    problem = binary(matrix, 2 * matrix[:, 0] + 3 * (matrix[:, 1] * matrix[:, 2] > 0) - 1.5)
    members = {each.NAME: each.fit(problem, folds(800), Effort()) for each in (linear, boosting)}
    weights = learn_weights("binary", [each.margins for each in members.values()], problem.labels)
    fitted = blended(members, weights)
    assert isinstance(fitted.scorer, Blend)
    some = Inputs(matrix[:40])
    exact = fitted.scorer.contributions(some)
    assert exact.base + exact.columns.sum(axis=1) == pytest.approx(fitted.scorer.margins(some))
    content = json.loads(json.dumps(fitted.scorer.save(tmp_path)))
    again = blend.load(tmp_path, content, 1)
    assert again.margins(some) == pytest.approx(fitted.scorer.margins(some))
    own = [loss_per_row("binary", problem.labels, each.margins).mean() for each in members.values()]
    assert loss_per_row("binary", problem.labels, fitted.margins).mean() < min(own)
    later = blend.update(again, problem, folds(800), Effort(seconds=5.0))
    assert isinstance(later.scorer, Blend)
    assert later.scorer.weights == fitted.scorer.weights
