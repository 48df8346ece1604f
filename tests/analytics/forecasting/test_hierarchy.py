"""Sums of parts are the whole, by the smallest change that makes them so."""

import numpy as np
import polars as pl
import pytest

from analytics.forecasting.adding_up import forecast_sums
from analytics.forecasting.hierarchy import WAYS, Tree, chosen_way, projection, shrunken, tree_of, with_sums

PARTS = pl.DataFrame(
    {"unique_id": ["a1", "a2", "b1", "b2"], "family": ["a", "a", "b", "b"], "depot": ["1", "2", "1", "2"]}
)
LEVELS = [(), ("family",), ("depot",), ("family", "depot")]


@pytest.fixture
def tree() -> Tree:
    return tree_of(PARTS, LEVELS)


def test_the_tree_has_every_sum_once(tree: Tree) -> None:
    assert tree.names == ("Σ", "Σ family=a", "Σ family=b", "Σ depot=1", "Σ depot=2", "a1", "a2", "b1", "b2")
    assert tree.sums[:5].tolist() == [[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]


def test_sums_are_summed_step_by_step(tree: Tree) -> None:
    series = pl.DataFrame(
        {"unique_id": ["a1", "a2", "b1", "b1"], "ds": [1, 1, 1, 2], "y": [1.0, 2.0, 4.0, 8.0]}
    )
    whole = {(name, at): y for name, at, y in with_sums(series, tree).rows()}
    assert (whole["Σ", 1], whole["Σ", 2], whole["Σ family=a", 1], whole["Σ depot=1", 1]) == (7, 8, 3, 5)


def test_forecasts_that_add_up_already_are_left_alone(tree: Tree) -> None:
    errors = np.random.default_rng(0).normal(size=(9, 40))
    for way in WAYS:
        assert projection(tree, way, errors) @ tree.sums == pytest.approx(np.eye(4), abs=1e-9)


def test_minimum_trace_is_generalised_least_squares(tree: Tree) -> None:
    random = np.random.default_rng(1)
    errors, said = random.normal(size=(9, 60)) * random.uniform(0.5, 3, (9, 1)), random.normal(10, 3, 9)
    # Independently: ordinary least squares after whitening by the covariance.
    white = np.linalg.inv(np.linalg.cholesky(shrunken(errors)))
    expected = np.linalg.lstsq(white @ tree.sums, white @ said, rcond=None)[0]
    assert projection(tree, "mint", errors) @ said == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("signs", [[1, -1], [1, -1, 1, -1], [1, -1, -1, 1, 1, -1]])
def test_errors_that_go_together_leave_an_answer(tree: Tree, signs: list[float]) -> None:
    errors = tree.sums @ np.array([[1.0], [2.0], [1.0], [3.0]]) * np.array([signs])
    for way in WAYS:
        assert projection(tree, way, errors) @ tree.sums == pytest.approx(np.eye(4), abs=1e-6)


def test_few_errors_are_shrunken_far_and_many_hardly() -> None:
    random = np.random.default_rng(0)
    base = random.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 4000).T
    apart = random.normal(size=(12, 8))
    assert shrunken(base)[0, 1] == pytest.approx(0.8, abs=0.05)
    correlated = np.corrcoef(apart)
    found = shrunken(apart)
    scale = np.sqrt(np.diag(found))
    off = ~np.eye(12, dtype=bool)
    assert np.abs((found / np.outer(scale, scale))[off]).mean() < 0.5 * np.abs(correlated[off]).mean()
    assert np.linalg.eigvalsh(found).min() > 0


def test_sums_that_know_more_are_listened_to_and_noisy_ones_are_not(tree: Tree) -> None:
    random = np.random.default_rng(2)
    parts = random.normal(20, 5, (4, 6, 10))
    truth = np.einsum("np,pwh->nwh", tree.sums, parts)
    noisy_parts, noisy_sums = truth.copy(), truth.copy()
    noisy_parts[5:] += random.normal(0, 5, parts.shape)
    noisy_sums[:5] += random.normal(0, 50, (5, 6, 10))
    assert chosen_way(tree, noisy_parts, truth, np.ones(9)) != "bottom_up"
    assert chosen_way(tree, noisy_sums, truth, np.ones(9)) == "bottom_up"


def test_parts_add_up_at_every_step_and_what_never_sold_stays_so() -> None:
    random = np.random.default_rng(3)
    rows = []
    for name, rate in (("a1", 9.0), ("a2", 5.0), ("b1", 0.4), ("b2", 0.0)):
        rows.append(
            pl.DataFrame({"unique_id": name, "ds": range(90), "y": random.poisson(rate, 90).astype(float)})
        )
    made = forecast_sums(pl.concat(rows), tree_of(PARTS, LEVELS), 7, 5, seconds=0)
    means = {key[0]: part["mean"].to_numpy() for key, part in made.frame.group_by("unique_id")}
    assert means["Σ"] == pytest.approx(sum(means[name] for name in ("a1", "a2", "b1", "b2")))
    assert means["Σ depot=1"] == pytest.approx(means["a1"] + means["b1"])
    assert means["b2"].tolist() == [0] * 5
    assert all(part.min() >= 0 for part in means.values())
    assert np.isfinite(made.coverage(0.9))


def test_a_new_part_does_not_take_the_errors_of_the_others_away() -> None:
    random = np.random.default_rng(4)
    lengths = {"a1": 90, "a2": 90, "b1": 90, "b2": 16}
    rows = [
        pl.DataFrame(
            {"unique_id": name, "ds": range(90 - length, 90), "y": random.poisson(9, length).astype(float)}
        )
        for name, length in lengths.items()
    ]
    made = forecast_sums(pl.concat(rows), tree_of(PARTS, LEVELS), 7, 5, seconds=0)
    assert (~np.isnan(made.series["a1"].past).any(axis=1)).sum() > 3
    assert (~np.isnan(made.series["b2"].past).any(axis=1)).sum() == 2
    sums = sum(made.series[name].mean for name in lengths)
    assert made.series["Σ"].mean == pytest.approx(sums)
