"""The choice: honest folds, the truth's own family wins, and what fails or has no time stops nothing."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analytics import ladder
from analytics.ladder import Ladder, climb
from analytics.leaderboard import in_lines, leaderboard
from analytics.models import boosting, families
from analytics.models.blend import Blend
from analytics.models.learner import Effort, Fitted, Inputs, Problem, parts
from analytics.splits import Choice
from connectors.errors import AssistantError
from tests.analytics.made_problems import binary, folds, numbers, of


def winner(problem: Problem) -> str:
    return climb(problem, folds(len(problem.labels)), Effort()).chosen


def test_the_linear_model_wins_where_it_is_the_truth() -> None:
    matrix = numbers(1_500, 6)
    assert winner(binary(matrix, matrix[:, 0] - matrix[:, 1])) == "linear"


def test_boosting_or_the_blend_wins_where_features_work_together() -> None:
    matrix = numbers(2_500, 4)
    assert winner(binary(matrix, 2.0 * np.sign(matrix[:, 0] * matrix[:, 1]))) in ("boosting", "blend")


def test_the_simplest_wins_where_there_is_nothing_to_learn() -> None:
    chosen = [winner(binary(numbers(1_200, 4, seed), np.zeros(1_200), seed + 1)) for seed in range(5)]
    assert chosen.count("linear") >= 4


def test_a_blend_of_what_only_one_half_each_sees_is_better_than_both() -> None:
    matrix = numbers(2_000, 34)
    line = 0.5 * matrix[:, :32].sum(axis=1)
    found = climb(binary(matrix, line + 1.4 * np.sign(matrix[:, 32] * matrix[:, 33])), folds(2_000), Effort())
    losses = {each.name: each.losses.mean() for each in found.compared}
    assert losses["blend"] < min(losses["linear"], losses["boosting"])
    assert found.chosen == "blend"
    assert isinstance(found.fitted.scorer, Blend)


def test_values_and_several_classes_climb_too() -> None:
    matrix = numbers(600, 3)
    noise = np.random.default_rng(1).gumbel(size=matrix.shape)
    values = of(matrix, 100 + 10 * matrix[:, 0] + 10 * noise[:, 0], "regression")
    assert climb(values, folds(600), Effort()).chosen == "linear"
    classes = of(matrix, (matrix + noise).argmax(axis=1).astype(float), "multiclass", 3)
    found = climb(classes, folds(600), Effort())
    assert found.fitted.margins.shape == (600, 3)


def leaky(monkeypatch: pytest.MonkeyPatch) -> None:
    """A boosting that learns every row it can reach by heart."""

    def fit(problem: Problem, own: np.ndarray, _: Effort) -> Fitted:
        return boosting.fit(
            problem, own, Effort(), {**boosting.parameters("binary", 100), "min_data_in_leaf": 1}
        )

    monkeypatch.setattr(families, "module", lambda name: _Stub(fit) if name == "boosting" else _linear())


class _Stub:
    def __init__(self, fit: Any) -> None:
        self.fit = fit


def _linear() -> Any:
    from analytics.models import linear

    return linear


def test_rows_of_an_entity_learned_by_heart_do_not_help_where_folds_keep_them_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leaky(monkeypatch)
    random = np.random.default_rng(0)
    matrix = np.repeat(random.normal(size=(150, 3)), 4, axis=0).astype(np.float32)
    labels = np.repeat(random.integers(0, 2, 150), 4).astype(float)
    owners = np.repeat(np.arange(150), 4)
    together = climb(of(matrix, labels), owners % 5, Effort(), entities=owners)
    apart = climb(of(matrix, labels), folds(600), Effort(), entities=owners)
    loss = {
        name: next(each for each in found.compared if each.name == "boosting").losses.mean()
        for name, found in (("together", together), ("apart", apart))
    }
    assert loss["together"] > 0.66  # a coin is 0.693
    assert loss["apart"] < 0.3  # the leak that such folds prevent
    assert together.groups.max() == 149


def test_forward_in_time_is_compared_on_the_late_rows_and_refitted_on_all() -> None:
    matrix = numbers(1_000, 3)
    problem = binary(matrix, matrix[:, 0])
    choice = Choice(np.arange(100, 1_000), np.where(np.arange(900) < 700, -1, 0))
    found = climb(problem, folds(1_000), Effort(), choice)
    assert all(len(each.losses) == 200 for each in found.compared)
    assert len(found.fitted.held_out) == 1_000
    assert found.fitted.scorer.family == found.chosen


def test_what_serves_as_it_was_compared_names_the_rows_it_is_calibrated_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ladder, "_on_all_rows", lambda winner, *_: winner)  # no time is left
    matrix = numbers(1_000, 3)
    problem = binary(matrix, 3 * matrix[:, 0])
    left_out = np.r_[100:300]  # rows that overlap with late ones
    own = np.delete(np.arange(1_000), left_out)
    choice = Choice(own, np.where(np.arange(800) < 600, -1, 0))
    found = climb(problem, folds(1_000), Effort(), choice).fitted
    assert found.held_out.tolist() == own[600:].tolist()
    assert np.corrcoef(found.margins, problem.labels[found.held_out])[0, 1] > 0.5


def test_the_moment_to_stop_comes_from_rows_that_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def fit(problem: Problem, own: np.ndarray, effort: Effort) -> Fitted:
        seen.append(len(problem.labels))
        assert {len(part.check) for part in parts(own)} == {100}
        return boosting.fit(problem, own, effort)

    monkeypatch.setattr(families, "module", lambda name: _Stub(fit) if name == "boosting" else _linear())
    problem = binary(numbers(900, 2), np.zeros(900))
    own = np.where(np.arange(900) < 700, -1, 0)
    found = climb(problem, own, Effort())
    assert seen == [700]
    assert found.fitted.held_out.tolist() == list(range(700, 900))


def test_a_candidate_that_fails_is_listed_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(*_: object) -> None:
        raise ValueError("out of luck")

    monkeypatch.setattr(families, "module", lambda name: _Stub(fit) if name == "boosting" else _linear())
    problem = binary(numbers(300, 2), numbers(300, 2)[:, 0])
    found = climb(problem, folds(300), Effort())
    assert found.chosen == "linear"
    entries = told(problem, found)
    assert [entry["name"] for entry in entries] == ["linear", "boosting", "transformer"]
    assert entries[1]["note"] == "failed: out of luck"
    assert "transformer" in {line["candidate"] for line in in_lines(entries)}
    monkeypatch.setattr(families, "module", lambda _: _Stub(fit))
    with pytest.raises(AssistantError, match="No model could be fitted. .*out of luck"):
        climb(problem, folds(300), Effort())


def told(problem: Problem, found: Ladder) -> list[dict[str, Any]]:
    return leaderboard(problem.kind, found, Inputs(problem.inputs.matrix[:200]), problem.labels[:200])


def test_the_leaderboard_tells_every_candidate_with_intervals() -> None:
    matrix = numbers(500, 3)
    problem = binary(matrix, matrix[:, 0])
    found = climb(problem, folds(500), Effort())
    entries = told(problem, found)
    json.dumps(entries, allow_nan=False)
    ranked = [entry for entry in entries if entry["loss"] is not None]
    assert [entry["loss"] for entry in ranked] == sorted(entry["loss"] for entry in ranked)
    chosen = next(entry for entry in ranked if entry["chosen"])
    assert (chosen["name"], chosen["behind"], chosen["behind_interval"]) == (found.chosen, 0.0, [0.0, 0.0])
    for entry in ranked:
        assert entry["loss_interval"][0] < entry["loss"] < entry["loss_interval"][1]
        assert set(entry["test_intervals"]) == set(entry["test"])
    lines = in_lines(entries)
    assert lines[0]["test auroc"].count("(") == 1


@pytest.mark.parametrize(
    ("rows", "seconds", "words"),
    [
        (400, 60.0, "fewer than 1,000 rows"),
        (1_200, None, "no seconds were given"),
        (1_200, 2.0, "too few seconds"),
    ],
)
def test_a_transformer_is_only_tried_where_it_is_worth_it(
    rows: int, seconds: float | None, words: str
) -> None:
    problem = binary(numbers(rows, 2), np.zeros(rows))
    assert words in ladder._why_no_transformer(problem, ladder.Clock(seconds))


def test_the_seconds_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock on which the linear model takes two seconds: how fast the machine is does not count."""
    moment = 100.0
    monkeypatch.setattr(ladder, "time", SimpleNamespace(monotonic=lambda: moment))
    clock = ladder.Clock(None)
    assert (clock.left, clock.share(0.5)) == (None, None)
    shares: list[float | None] = []

    def slow(problem: Problem, own: np.ndarray, effort: Effort) -> Fitted:
        nonlocal moment
        moment += 2.0
        shares.append(effort.seconds)
        fitted: Fitted = _linear().fit(problem, own, Effort())
        return fitted

    def quick(problem: Problem, own: np.ndarray, effort: Effort) -> Fitted:
        shares.append(effort.seconds)
        return boosting.fit(problem, own, Effort())

    monkeypatch.setattr(families, "module", lambda name: _Stub({"linear": slow, "boosting": quick}[name]))
    found = climb(binary(numbers(300, 2), np.zeros(300)), folds(300), Effort(seconds=8.0))
    assert shares == pytest.approx([0.2 * 8.0, 0.9 * 6.0])
    assert [each.seconds for each in found.candidates] == pytest.approx([2.0, 0.0, 0.0, 0.0])
