"""A task from any table: what is inferred, what is left out, what is refused in which words."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from analytics.catalog import task_named, tasks
from analytics.flat import flat_cases, flat_rows, flat_task, learnable, propose_task
from analytics.proposal import inferred_classes, inferred_kind, propose
from analytics.task import Costs, Flat
from connectors.errors import AssistantError, UsageError
from pipelines.catalog import FOLDER, save_contract
from pipelines.contract import Column, Contract
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.conftest import Ingested, patients


@pytest.mark.parametrize(
    ("values", "kind", "classes"),
    [
        ([0, 1, 1, 0, 0], "binary", ("0", "1")),
        ([1.0, 0.0, None], "binary", ("0", "1")),
        ([True, False, True], "binary", ("false", "true")),
        (["Yes", "no", "no"], "binary", ("no", "Yes")),
        (["否", "是", "是"], "binary", ("否", "是")),
        (["paid", "paid", "default"], "binary", ("paid", "default")),
        (["a", "b", "c"], "multiclass", ("a", "b", "c")),
        ([0, 1, 2, 3, 10], "multiclass", ("0", "1", "2", "3", "10")),
        ([n * 0.5 for n in range(30)], "regression", ()),
        (list(range(40)), "regression", ()),
    ],
)
def test_the_kind_of_a_target_is_inferred(values: list[object], kind: str, classes: tuple[str, ...]) -> None:
    target = pl.Series("target", values)
    assert inferred_kind(target) == kind
    assert inferred_classes(target, inferred_kind(target)) == classes


@pytest.mark.parametrize("values", [[1, 1, 1], ["no", None], [None, None]])
def test_a_target_with_one_value_is_refused(values: list[object]) -> None:
    with pytest.raises(AssistantError, match="nothing to tell apart"):
        inferred_kind(pl.Series("ill", values))


def test_a_text_with_too_many_values_is_no_target() -> None:
    with pytest.raises(AssistantError, match="60 different values and is not a number"):
        inferred_kind(pl.Series("name", [f"n{n}" for n in range(60)]))


def test_identifiers_constants_and_copies_of_the_target_are_left_out() -> None:
    rows = patients(400).with_columns(
        copied=pl.col("ill").replace({"yes": "J", "no": "N"}), customer_id=pl.int_range(400) * 37 % 100_003
    )
    found = propose("t", "clinic.patients", rows.drop("truth"), Flat("ill"))
    assert set(found.left_out) == {"patient no", "always", "serial", "copied", "customer_id"}
    assert "«copied», it says the same as the target" in found.in_words()
    kept = propose("t", "clinic.patients", rows.drop("truth"), Flat("ill", keep=("serial",)))
    assert "serial" in kept.features


def test_amounts_that_happen_to_differ_are_no_identifiers() -> None:
    rows = pl.DataFrame({"income": np.arange(100) * 991, "late": np.arange(100) % 2})
    assert propose("t", "a.b", rows, Flat("late")).features == ("income",)


def test_names_that_would_clash_once_cleaned_stay_apart(home: Settings, ingested: Ingested) -> None:
    random = np.random.default_rng(0)
    names = ["a b", "a_b", 'a"b', "a,b", "a[b]", "{a:b}", "金额", "a.b"]
    rows = pl.DataFrame({name: random.normal(size=200) for name in names}).with_columns(
        pl.Series("default payment next month", random.integers(0, 2, 200))
    )
    ingested("x.odd", rows)
    task = flat_task("odd", propose_task(home, "odd", "x.odd", Flat("default payment next month")).entry)
    cases = learnable(task, flat_cases(task, rows))
    assert cases.features.columns == names


def test_personal_columns_are_learned_from_only_where_asked_for(home: Settings, ingested: Ingested) -> None:
    ingested("clinic.patients", patients(200))
    columns = tuple(Column(name, personal="birth_date" if name == "born" else "") for name in ("born", "ill"))
    save_contract(Contract("clinic.patients", columns), home.config.parent / FOLDER)
    proposal = propose_task(home, "t", "clinic.patients", Flat("ill"))
    assert "born" not in proposal.features
    assert proposal.left_out["born"] == "it is personal data"
    assert "born" in propose_task(home, "t", "clinic.patients", Flat("ill", keep=("born",))).features


def test_when_a_row_vanished_at_its_source_is_no_feature(home: Settings, ingested: Ingested) -> None:
    ingested("clinic.patients", patients(200).with_columns(_closed_at=pl.lit(datetime(2026, 1, 1))))
    task = flat_task("t", propose_task(home, "t", "clinic.patients", Flat("ill")).entry)
    assert "_closed_at" not in flat_rows(Warehouse(home), task).columns


def test_unknown_tables_columns_and_tasks_suggest_the_known_ones(home: Settings, ingested: Ingested) -> None:
    ingested("clinic.patients", patients(60))
    with pytest.raises(UsageError, match=r"no table «clinic.patient».*clinic\.patients"):
        propose_task(home, "t", "clinic.patient", Flat("ill"))
    with pytest.raises(UsageError, match="no column «il».*ill"):
        propose_task(home, "t", "clinic.patients", Flat("il"))
    with pytest.raises(UsageError, match="no column «smokers».*smoker"):
        propose_task(home, "t", "clinic.patients", Flat("ill", drop=("smokers",)))
    with pytest.raises(UsageError, match=r"no task «finance.credit_defalt».*finance\.credit_default"):
        task_named("finance.credit_defalt", home)
    with pytest.raises(UsageError, match="no name for a task"):
        propose_task(home, "../x", "clinic.patients", Flat("ill"))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"table": "a.b", "target": "c", "kind": "binari"}, "is no kind"),
        ({"table": "a.b", "kind": "binary"}, "«target» is missing"),
        ({"table": "a.b", "target": "c", "kind": "binary", "entty": "d"}, "«entty».*Did you mean entity"),
    ],
)
def test_a_wrong_entry_of_the_settings_is_named(entry: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        flat_task("t", entry)


def test_tasks_of_the_settings_stand_beside_the_shipped_ones(home: Settings) -> None:
    made = home.model_copy(update={"tasks": {"churn": {"table": "a.b", "target": "c", "kind": "binary"}}})
    assert {"churn", "finance.credit_default"} <= set(tasks(made))
    assert task_named("churn", made).predictions_table == "predictions.churn"


def timed(days: list[int]) -> pl.DataFrame:
    now = datetime.now()
    return pl.DataFrame(
        {
            "at": [now + timedelta(days=day) for day in days],
            "x": [float(n % 7) for n in range(len(days))],
            "y": [n % 2 for n in range(len(days))],
        }
    )


def test_times_in_the_future_are_refused_but_a_slip_is_left_out() -> None:
    task = flat_task("t", {"table": "a.b", "target": "y", "kind": "binary", "time": "at"})
    with pytest.raises(AssistantError, match="60 of 100 rows lie in the future: «at» goes up to"):
        learnable(task, flat_cases(task, timed([-5] * 40 + [400] * 60)))
    kept = learnable(task, flat_cases(task, timed([-5 - n for n in range(199)] + [900])))
    assert len(kept) == 199
    assert "1 rows with «at» in the future left out" in kept.notes


def test_what_a_clock_east_of_here_tells_is_not_in_the_future() -> None:
    task = flat_task("t", {"table": "a.b", "target": "y", "kind": "binary", "time": "at"})
    in_shanghai = datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    rows = timed([-1] * 100).with_columns(at=pl.lit(in_shanghai))
    assert len(learnable(task, flat_cases(task, rows))) == 100


def test_a_time_column_that_is_no_date_is_refused() -> None:
    task = flat_task("t", {"table": "a.b", "target": "y", "kind": "binary", "time": "x"})
    with pytest.raises(AssistantError, match="«x» holds Float64 values, not dates"):
        flat_cases(task, timed([-1] * 60))


ENTRY = {"table": "clinic.patients", "target": "ill", "kind": "binary"}


def test_costs_and_protected_columns_of_an_entry_are_the_tasks() -> None:
    costs = {"miss": 5, "false_alarm": 0.5}
    task = flat_task("t", {**ENTRY, "costs": costs, "protected": ["城市"]})
    assert task.costs == Costs(5.0, 0.5)
    assert [name for name, info in task.feature_info.items() if info.protected] == ["城市"]
    assert flat_task("t", ENTRY).costs is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"costs": {"mis": 5, "false_alarm": 1}}, "unknown cost «mis».*miss"),
        ({"costs": {"miss": 5}}, "two positive numbers"),
        ({"costs": {"miss": 0, "false_alarm": 1}}, "two positive numbers"),
        ({"costs": {"miss": "5", "false_alarm": True}}, "two positive numbers"),
        ({"costs": {"miss": float("inf"), "false_alarm": 1}}, "two positive numbers"),
        ({"costs": 5}, "two positive numbers"),
        ({"kind": "regression", "costs": {"miss": 5, "false_alarm": 1}}, "belong to a binary task"),
        ({"protected": "gender"}, "list of columns"),
    ],
)
def test_wrong_costs_and_protected_columns_are_refused_in_words(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        flat_task("t", {**ENTRY, **wrong})
    assert re.search(words, f"{refused.value} {refused.value.remedy}")


def test_a_protected_column_that_is_not_there_is_refused() -> None:
    task = flat_task("t", {**ENTRY, "protected": ["smokes"]})
    with pytest.raises(UsageError, match="«smokes» is not among the features"):
        learnable(task, flat_cases(task, patients(100)))
