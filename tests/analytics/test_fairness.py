"""Figures by group against SQL and hand counts, on cases whose groups differ on purpose."""

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.evaluation import expected_calibration_error
from analytics.fairness import fairness, figures_of, protected_groups
from analytics.groups import Groups, groups_of
from analytics.task import Feature, Meaning, Task


def cases(rows: int = 3_000) -> pl.DataFrame:
    random = np.random.default_rng(0)
    region = random.choice(["north", "south", None], rows, p=[0.5, 0.45, 0.05])
    score = random.random(rows).round(2)
    truth = random.random(rows) < np.where(region == "south", score**2, score)  # the south is overrated
    return pl.DataFrame({"region": region, "score": score, "truth": truth.astype(float)})


def test_figures_by_group_are_those_of_sql() -> None:
    given = cases()
    groups = {"region": groups_of(given["region"])}
    found = fairness("binary", groups, given["truth"].to_numpy(), given["score"].to_numpy(), 0.4)["region"]
    expected = duckdb.sql(
        """
        SELECT coalesce(region, 'missing') AS "group", count(*) AS cases, avg(truth) AS observed,
            avg(score) AS mean_score, avg((score >= 0.4)::INT) AS selection_rate,
            avg((score < 0.4)::INT) FILTER (truth = 1) AS false_negative_rate,
            avg((score >= 0.4)::INT) FILTER (truth = 0) AS false_positive_rate
        FROM given GROUP BY 1 ORDER BY "group" = 'missing', 1
        """
    ).pl()
    assert [row["group"] for row in found] == ["north", "south", "missing"]
    for row, truth in zip(found, expected.iter_rows(named=True), strict=True):
        for name in ("cases", "observed", "mean_score"):
            assert row[name] == pytest.approx(truth[name])
        for name in ("selection_rate", "false_negative_rate", "false_positive_rate"):
            figure, low, high = row[name]
            assert figure == pytest.approx(truth[name])
            assert low < figure < high
    north, south, _ = found
    assert south["ece"][1] > north["ece"][2]
    assert not any(row["too_small"] for row in found)


def test_intervals_are_those_of_drawing_cases_again() -> None:
    given = cases(800)
    truths, scores = given["truth"].to_numpy(), given["score"].to_numpy()
    everyone = {"g": groups_of(pl.Series(["all"] * 800))}
    found = fairness("binary", everyone, truths, scores, 0.4)["g"][0]
    random = np.random.default_rng(5)
    drawn = [random.integers(0, 800, 800) for _ in range(300)]
    for name, metric in figures_of("binary", 0.4).items():
        if name != "ece":  # its bins are drawn anew with the cases here
            values = [metric(truths[chosen], scores[chosen]) for chosen in drawn]
            assert found[name][1:] == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.02)
    error, low, high = found["ece"]
    assert error == pytest.approx(expected_calibration_error(truths, scores))
    assert low <= error < high < error + 0.06


def test_few_cases_without_a_miss_do_not_make_a_sure_rate() -> None:
    truths = np.array([1.0] * 6 + [0.0] * 34)
    found = fairness("binary", {"g": groups_of(pl.Series(["a"] * 40))}, truths, truths, 0.5)["g"][0]
    miss, low, high = found["false_negative_rate"]
    assert (miss, low) == (0, pytest.approx(0, abs=1e-9))
    assert high > 0.3
    assert found["ece"][0] == pytest.approx(0)


def test_a_group_too_small_for_figures_is_named() -> None:
    group = pl.Series(["many"] * 100 + ["few"] * 20 + ["calm"] * 40)
    truths = np.array([1.0, 0.0] * 60 + [1.0] * 4 + [0.0] * 36)
    found = fairness("binary", {"g": groups_of(group)}, truths, np.linspace(0, 1, 160), 0.5)["g"]
    assert {row["group"]: row["too_small"] for row in found} == {"calm": True, "few": True, "many": False}
    assert [(row["cases"], row["auroc"], row["observed"]) for row in found if row["group"] == "few"] == [
        (20, None, None)
    ]
    alone = fairness("binary", {"g": groups_of(group[100:120])}, truths[100:120], np.zeros(20), 0.5)["g"]
    assert alone[0]["too_small"]


def test_values_are_compared_by_their_errors() -> None:
    truths = np.zeros(100)
    predicted = np.array([1.0, -2.0] * 50)
    found = fairness("regression", {"g": groups_of(pl.Series(["a"] * 100))}, truths, predicted, 0.0)["g"]
    assert found[0]["mean_error"][0] == pytest.approx(-0.5)
    assert found[0]["mean_absolute_error"][0] == pytest.approx(1.5)


def test_only_protected_attributes_that_are_there_are_asked() -> None:
    info = {name: Feature({"en": name}, protected=name != "income") for name in ("age", "income", "gone")}
    task = Task("t", "binary", Meaning({}, {}, {}), "", "", "", "", feature_info=info)
    assert set(protected_groups(task, pl.DataFrame({"age": [1], "income": [2]}))) == {"age"}


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (
            pl.Series([20.5, 34, 41, 47, 52, 58, 66, 79, None]),
            ("< 35", "35–<45", "45–<55", "55–<65", "≥ 65", "missing"),
        ),
        (pl.Series([0, 1, 2, None, 1]), ("0", "1", "2", "missing")),
        (pl.Series([True, None, False]), ("no", "yes", "missing")),
        (pl.Series(["f", " m", "", "f "]), ("f", "m", "missing")),
        (pl.Series(["1999-05-01", "2001-01-01"]).str.to_date(), ("1999", "2001")),
        (pl.Series(["missing", None, "there"]), ("there", "missing")),
        (pl.Series([1.0, float("inf"), float("nan")]), ("1", "missing")),
        (pl.Series([None, None], dtype=pl.Int64), ("missing",)),
        (pl.Series([1_000_001, 1_000_002, None]), ("1000001", "1000002", "missing")),  # alike to six digits
    ],
)
def test_attributes_become_groups_that_people_can_read(values: pl.Series, names: tuple[str, ...]) -> None:
    assert groups_of(values).names == names


def test_the_rarest_of_many_categories_are_one_group() -> None:
    found = groups_of(pl.Series([f"c{number:02}" for number in range(20) for _ in range(20 - number)]))
    assert len(found.names) == 12
    assert found.names[-1] == "other"
    alike = groups_of(pl.Series([f"c{number * 7 % 20:02}" for number in range(20)]))
    assert alike.names == (*(f"c{number:02}" for number in range(11)), "other")


def test_bands_of_numbers_that_differ_in_late_digits_have_names_of_their_own() -> None:
    found = groups_of(pl.Series([10.0**12 + number for number in range(10)]))
    assert len(set(found.names)) == len(found.names) > 2
    assert sum(int(own.sum()) for _, own in found.masks()) == 10


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)), min_size=1))
def test_every_number_is_in_one_group(values: list[float | None]) -> None:
    found = groups_of(pl.Series(values, dtype=pl.Float64))
    assert isinstance(found, Groups)
    assert sum(int(own.sum()) for _, own in found.masks()) == len(values)
    assert len(set(found.names)) == len(found.names)
