"""The linear model: the truth where it is a line or a bent one, exact reasons, numbers only on disk."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.matrix import CodeBook, CodedColumn
from analytics.models.learner import Effort, Inputs, Problem
from analytics.models.linear import Linear, fit, load, update
from analytics.models.linear_design import learn_design
from analytics.task import Kind
from tests.analytics.made_problems import binary, folds, numbers, of


def mixed(rows: int = 1_200, kind: Kind = "binary") -> Problem:
    """A straight number, a bent one with gaps, one of a long tail, and a category."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 4)).astype(np.float32)
    x[:, 2] = np.exp(3 * x[:, 2])
    x[:, 3] = random.integers(0, 4, rows)
    margins = x[:, 0] + 2 * np.maximum(x[:, 1], 0) + np.log(x[:, 2]) / 3 + 1.5 * (x[:, 3] == 2)
    x[random.random(rows) < 0.1, 1] = np.nan
    columns = (
        *(CodedColumn(f"x{n}", "number") for n in range(3)),
        CodedColumn("group", "category", tuple("abc")),
    )
    problem = replace(binary(x, margins - margins.mean()), code_book=CodeBook(columns))
    if kind == "regression":
        return replace(problem, kind=kind, labels=100 + 20 * margins + random.normal(size=rows))
    if kind == "multiclass":
        thirds = np.digitize(margins + random.normal(size=rows), [1.0, 3.0]).astype(float)
        return replace(problem, kind=kind, classes=3, labels=thirds)
    return problem


def fitted(problem: Problem) -> Linear:
    scorer = fit(problem, folds(len(problem.labels)), Effort()).scorer
    assert isinstance(scorer, Linear)
    return scorer


def test_the_coefficients_of_a_line_are_found() -> None:
    matrix = numbers(6_000, 3)
    problem = binary(matrix, 1.5 * matrix[:, 0] - 0.5 * matrix[:, 1])
    ask = Inputs(np.vstack([np.zeros(3), np.eye(3)]).astype(np.float32))
    at_zero, *steps = fitted(problem).margins(ask)
    assert np.array(steps) - at_zero == pytest.approx([1.5, -0.5, 0.0], abs=0.15)


def test_bent_lines_long_tails_gaps_and_groups_are_followed() -> None:
    problem = mixed(kind="regression")
    found = fit(problem, folds(len(problem.labels)), Effort())
    known = ~np.isnan(problem.inputs.matrix[:, 1])  # nobody can know what is missing
    errors = (found.margins - problem.labels)[known]
    assert 1 - errors.var() / problem.labels[known].var() > 0.97


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_contributions_are_exact_and_the_file_says_the_same(kind: Kind, tmp_path: Path) -> None:
    problem = mixed(400, kind)
    scorer = fitted(problem)
    content = json.loads(json.dumps(scorer.save(tmp_path), allow_nan=False))
    assert list(tmp_path.iterdir()) == []
    some = Inputs(problem.inputs.matrix[:60])
    again = load(tmp_path, content, 1)
    assert (again.margins(some) == scorer.margins(some)).all()
    exact = again.contributions(some)
    assert exact.columns.shape == ((60, 3, 4) if kind == "multiclass" else (60, 4))
    assert exact.base + exact.columns.sum(axis=-1) == pytest.approx(scorer.margins(some))


def test_what_was_never_seen_or_is_all_missing_still_gets_a_score() -> None:
    problem = mixed(400)
    scorer = fitted(problem)
    strange = problem.inputs.matrix[:3].copy()
    strange[0] = np.nan
    strange[1, :3] = 1e30
    strange[2, 3] = 99  # a category beyond the book
    scores = scorer.margins(Inputs(strange))
    assert np.isfinite(scores).all()
    assert np.abs(scores).max() < 30


def test_a_feature_with_a_direction_never_moves_the_score_the_other_way() -> None:
    matrix = numbers(1_500, 2)
    problem = replace(
        binary(matrix, matrix[:, 0] + np.sin(3 * matrix[:, 0]) - matrix[:, 1]), monotone=(1, -1)
    )
    scorer = fitted(problem)
    for column, sign in ((0, 1), (1, -1)):
        ladder = np.zeros((80, 2), np.float32)
        ladder[:, column] = np.linspace(-4, 4, 80)
        steps = sign * np.diff(scorer.margins(Inputs(ladder)))
        assert steps.min() >= 0
        assert steps.max() > 0


def test_one_class_in_a_part_gives_scores_not_an_error() -> None:
    matrix = numbers(100, 2)
    labels = np.zeros(100)
    labels[:2] = 1
    found = fit(of(matrix, labels), np.where(np.arange(100) < 2, 0, 1 + np.arange(100) % 4), Effort())
    assert np.isfinite(found.margins).all()
    thirds = np.arange(100) % 2.0
    thirds[0] = 2
    found = fit(of(matrix, thirds, "multiclass", 3), folds(100), Effort())
    assert np.isfinite(found.margins).all()


def test_an_update_moves_towards_the_new_rows_and_keeps_the_old_lesson() -> None:
    matrix = numbers(2_000, 2)
    before = fitted(binary(matrix, 2 * matrix[:, 0]))
    few = numbers(200, 2, seed=5)
    later = update(before, binary(few, 2 * few[:, 0] + 2 * few[:, 1]), folds(200), Effort()).scorer
    ask = Inputs(np.array([[0, 0], [1, 0], [0, 1]], np.float32))
    zero, old, new = later.margins(ask)
    assert old - zero > 1.2
    assert new - zero > before.margins(ask)[2] - before.margins(ask)[0] + 0.5


def test_a_design_has_one_block_a_column_and_reads_no_outcome() -> None:
    problem = mixed(400)
    design = learn_design(problem.inputs.matrix, problem.code_book)
    assert len(design.blocks) == 4
    assert design.blocks[2].bent
    assert not design.blocks[0].bent
    assert design.columns(problem.inputs.matrix).shape == (400, sum(design.widths))
