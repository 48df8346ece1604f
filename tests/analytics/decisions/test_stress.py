"""Portfolios under stress: what moves, what follows, and what a model with a direction makes of it."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from analytics.catalog import shipped_tasks
from analytics.decisions.shocks import levers_of, stressed
from analytics.decisions.stress import FEWEST_OF_A_GROUP, Outcome, outcome
from analytics.rescoring import cases_of
from analytics.task import Derived, Exposure, Feature, Flat, Lever, Shock, Stress, Task
from analytics.training import train
from connectors.errors import UsageError
from pipelines.settings import Settings
from tests.analytics.conftest import load_table, made_task, patients
from tests.sample_data.lake import features, lake, population

WORDS = {"en": "x", "zh": "x"}
STRESS = Stress(
    levers=(Lever("income", WORDS, ("stated", "seen")),),
    derived={
        "burden": Derived("payment / seen"),
        "slack": Derived("hours", "difference"),
    },
)
FEATURES = pl.DataFrame(
    {
        "stated": [2_000, 3_000, None],
        "seen": [1_000.0, 0.0, 800.0],
        "payment": [100.0, 50.0, 80.0],
        "burden": [0.1, None, 0.2],  # the last is not what the formula gives: it is scaled all the same
        "hours": [48.0, 24.0, 3.0],
        "slack": [5.0, -2.0, 0.5],
        "city": ["a", "b", "a"],
    }
)
LEVERS = (*STRESS.levers, *(Lever(name, WORDS, (name,)) for name in ("payment", "hours", "burden", "slack")))


def test_what_a_lever_holds_moves_together_and_what_is_computed_from_it_follows() -> None:
    found = stressed(FEATURES, STRESS, [Shock("income", "share", -0.2), Shock("hours", "step", -6.0)], LEVERS)
    assert found.features["stated"].to_list() == [1_600.0, 2_400.0, None]
    assert found.features["seen"].to_list() == [800.0, 0.0, 640.0]
    assert found.features["burden"].to_list() == pytest.approx([0.125, None, 0.25])
    assert found.features["hours"].to_list() == [42.0, 18.0, 0.0]  # no hours below none
    assert found.features["slack"].to_list() == [-1.0, -8.0, -2.5]
    assert found.moved == ("stated", "seen", "hours")
    assert found.followed == ("burden", "slack")
    assert found.features["city"].equals(FEATURES["city"])


def test_a_derived_feature_moved_itself_moves_after_it_followed() -> None:
    found = stressed(
        FEATURES, STRESS, [Shock("burden", "share", 1.0), Shock("payment", "share", 0.5)], LEVERS
    )
    assert found.features["burden"].to_list() == pytest.approx([0.3, None, 0.6])
    assert found.followed == ()


@given(st.lists(st.tuples(st.sampled_from(["income", "payment", "hours"]), st.floats(-0.9, 3.0)), max_size=4))
def test_shares_of_a_lever_compose_and_ratios_stay_true(moves: list[tuple[str, float]]) -> None:
    frame = FEATURES.head(1).with_columns(burden=pl.col("payment") / pl.col("seen"))
    found = stressed(frame, STRESS, [Shock(name, "share", by) for name, by in moves], LEVERS).features
    by = {
        name: np.prod([1 + share for each, share in moves if each == name]) for name in ("income", "payment")
    }
    assert found["seen"][0] == pytest.approx(1_000 * by["income"])
    assert found["burden"][0] == pytest.approx(found["payment"][0] / found["seen"][0])
    assert found["payment"][0] == pytest.approx(100 * by["payment"])


def test_nothing_moves_without_shocks_and_unknown_levers_are_named() -> None:
    assert_frame_equal(stressed(FEATURES, STRESS, [], LEVERS).features, FEATURES)
    with pytest.raises(UsageError, match="incom"):
        stressed(FEATURES, STRESS, [Shock("incom", "share", 1)], LEVERS)


@pytest.mark.parametrize("name", [name for name, task in shipped_tasks().items() if task.stress.scenarios])
def test_what_tasks_declare_is_there_and_derived_features_are_what_their_formulas_say(name: str) -> None:
    task = shipped_tasks()[name]
    connection = lake(task.domain)
    found = features(connection, task, population(connection, task).sample(200, seed=4))
    levers = levers_of(task, found.drop("entity_id", "as_of").schema)
    known = {lever.name for lever in levers}
    assert all(shock.lever in known for scenario in task.stress.scenarios for shock in scenario.shocks)
    for lever in task.stress.levers:
        assert set(lever.features) <= set(found.columns)
    for derived, how in task.stress.derived.items():
        formula = found.select(pl.sql_expr(how.formula).alias("formula")).to_series()
        if how.how == "ratio" and derived != "spending_to_income":  # of which a part only is known
            pairs = pl.DataFrame([found[derived].cast(pl.Float64), formula]).drop_nulls()
            assert pairs.height > 50
            np.testing.assert_allclose(pairs[derived], pairs["formula"], rtol=1e-9)
        else:
            assert formula.null_count() < found.height / 2


def _outcome(rows: int, population: int) -> Outcome:
    random = np.random.default_rng(5)
    frame = pl.DataFrame(
        {
            "entity_id": [str(n) for n in range(rows)],
            "before": random.uniform(0.1, 0.3, rows),
            "after": random.uniform(0.2, 0.5, rows),
            "loss_before": random.uniform(10, 20, rows),
            "loss_after": random.uniform(20, 50, rows),
            "band_before": ["low"] * rows,
            "band_after": random.choice(["low", "high"], rows),
            "city": random.choice(["a", "b"], rows),
        }
    )
    return Outcome(frame, population, (), (), ("city",))


def test_figures_of_all_cases_have_no_error_and_those_of_a_sample_have_that_of_its_size() -> None:
    whole, sample = _outcome(400, 400), _outcome(400, 40_000)
    assert whole.mean_after.error == 0
    after = sample.cases["after"].to_numpy()
    assert sample.mean_after.value == pytest.approx(after.mean())
    assert sample.mean_after.error == pytest.approx(after.std(ddof=1) / 20 * np.sqrt(1 - 0.01))
    loss = sample.expected_loss("after")
    assert loss is not None
    assert loss.value == pytest.approx(100 * sample.cases["loss_after"].sum())
    assert whole.expected_loss("after").value == pytest.approx(whole.cases["loss_after"].sum())  # type: ignore[union-attr]


def test_samples_miss_the_truth_by_about_their_error() -> None:
    whole = _outcome(2_000, 2_000)
    misses = []
    for seed in range(200):
        part = replace(whole, cases=whole.cases.sample(200, seed=seed))
        misses.append((part.mean_after.value - whole.mean_after.value) / part.mean_after.error)
    assert 0.85 < np.std(misses) < 1.15


def test_groups_and_band_moves_count_the_cases() -> None:
    found = _outcome(400, 400)
    groups = found.groups("city")
    assert groups["cases"].sum() == 400
    assert groups["change"].is_sorted(descending=True)
    a = found.cases.filter(pl.col("city") == "a")
    assert groups.filter(pl.col("group") == "a")["after"][0] == pytest.approx(a["after"].mean())
    assert found.band_moves["cases"].sum() == 400
    assert _outcome(FEWEST_OF_A_GROUP - 1, 50).groups("city").is_empty()


def test_a_worse_scenario_under_a_monotone_feature_never_lowers_a_score(home: Settings) -> None:
    """The sanity check of the whole way: lake, training with a direction, shocks, scores again."""
    load_table(home, "clinic.patients", patients(500).drop("truth"))
    made = made_task(home, "clinic.patients", Flat("ill", entity="patient no"))
    dose = "dose [mg/l]"
    task = replace(
        made,
        feature_info=made.feature_info | {dose: Feature(WORDS, monotone=1)},
        exposure=Exposure("serial", 0.5, "EUR"),
    )
    train(home, task)
    cases = cases_of(home, task, [f"P{n:06d}" for n in range(300)], datetime(2026, 1, 3))
    means = []
    for step in (0.0, 0.3, 1.0):
        found = outcome(home, task, cases, [Shock(dose, "step", step)])
        assert (found.cases["after"] >= found.cases["before"] - 1e-12).all()
        means.append(found.mean_after.value)
        assert found.expected_loss("before").value == pytest.approx(  # type: ignore[union-attr]
            (0.5 * found.cases["before"] * cases.features["serial"]).sum()
        )
    assert means[0] == pytest.approx(found.mean_before.value)
    assert means[0] < means[1] < means[2]
    assert "城市" in found.categories


def test_protected_categories_are_not_told() -> None:
    from analytics.decisions.stress import _categories

    info = {"gender": Feature(WORDS, protected=True)}
    task = Task(
        "t", "binary", shipped_tasks()["finance.credit_default"].meaning, "", "", "", "", feature_info=info
    )
    assert _categories(task, pl.DataFrame({"gender": ["f"], "city": ["a"], "age": [3]})) == ("city",)
