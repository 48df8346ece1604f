"""The tab «Decide»: a threshold moved by hand and by address, a scenario scored again, losses simulated."""

import duckdb
import pytest

from analytics.catalog import shipped_tasks
from analytics.task import Task
from dashboards.screens.decide.tab import applies
from dashboards.screens.here import Here
from pipelines.settings import Settings
from pipelines.store import ModelVersion, Store
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards.screens.conftest import CASES, Visit, plain
from tests.dashboards.screens.own_orders import WEIGHT

FINANCE = shipped_tasks()["finance.credit_default"]


def _metrics(app: object) -> dict[str, str]:
    return {each.label: each.value for each in app.metric}  # type: ignore[attr-defined]


@pytest.mark.usefixtures("full_home")
def test_the_threshold_decides_how_many_are_called_and_the_address_holds_it(visit: Visit) -> None:
    page = visit("medical", tab="decide", threshold="0.5")
    assert not page.exception
    assert not page.error
    scores = [0.98 * ((number / CASES + 0.3) % 1.0) for number in range(CASES)]
    called = [each for each in scores if each >= 0.5]
    assert _metrics(page)["Patients to call"] == str(len(called))
    assert _metrics(page)["Cases found"] == f"{sum(called):.0f}"
    page.slider[0].set_value(0.9).run()
    assert _metrics(page)["Patients to call"] == str(sum(each >= 0.9 for each in scores))
    assert "0.9" in page.query_params["threshold"]
    capacity = next(each for each in page.number_input if "how many" in each.label)
    capacity.set_value(10).run()
    assert _metrics(page)["Patients to call"] == "10"
    # Two quick moves: the second comes with the capacity as it was before the first was answered.
    page.slider[0].set_value(0.8).run()
    page.slider[0].set_value(0.85)
    next(each for each in page.number_input if "how many" in each.label).set_value(10).run()
    assert _metrics(page)["Patients to call"] == str(sum(each >= 0.85 for each in scores))
    assert "0.85" in page.query_params["threshold"]
    assert "Test cases, what really happened" in page.table[-1].value.columns


@pytest.mark.usefixtures("full_home")
@pytest.mark.parametrize("asked", ["nonsense", "1e99"])
def test_a_threshold_that_makes_no_sense_is_brought_into_reason(visit: Visit, asked: str) -> None:
    page = visit("logistics", tab="decide", threshold=asked, look="unknown", miss="x")
    assert not page.exception
    assert not page.error
    assert 0 <= page.slider[0].value <= 1


@pytest.mark.usefixtures("full_home")
def test_chinese_words(visit: Visit) -> None:
    page = visit("finance", tab="decide", lang="zh")
    assert not page.error
    assert "Turned down" not in plain(page)


@pytest.mark.usefixtures("full_home")
def test_a_portfolio_whose_stakes_are_not_known_says_what_to_do(visit: Visit) -> None:
    page = visit("finance", tab="decide", look="losses")
    assert not page.exception
    assert "sda score finance.credit_default" in plain(page)


def test_losses_are_simulated_and_marked(own_home: Settings, visit: Visit) -> None:
    def price(connection: duckdb.DuckDBPyConnection) -> None:
        table = quoted(FINANCE.predictions_table)
        connection.execute(f"ALTER TABLE {table} ADD COLUMN expected_loss DOUBLE")
        connection.execute(f"UPDATE {table} SET expected_loss = score * 450")

    Warehouse(own_home).write(price)
    page = visit("finance", tab="decide", look="losses", draws="10000")
    assert not page.exception
    assert not page.error
    at_stake = sum(0.98 * ((number / CASES + 0.3) % 1.0) > 0 for number in range(CASES)) * 1_000
    assert _metrics(page)["Amount in the portfolio"] == f"EUR {at_stake:,}"
    assert page.table[0].value.shape == (3, 3)
    assert "Every case is drawn by itself." in plain(page)
    all_of_them = _metrics(page)["Expected loss"]
    some = visit(
        "finance", tab="decide", look="losses", draws="10000", below="0.3", together="own", rho="0.2"
    )
    assert _metrics(some)["Expected loss"] != all_of_them


def test_only_what_is_yes_or_no_and_has_a_model_can_be_decided_on(own_home: Settings) -> None:
    here = Here(own_home, "en")
    offered = {name for name, task in here.tasks.items() if applies(here, task)}
    assert offered == {name for name, task in shipped_tasks().items() if task.kind == "binary"}
    with Store(own_home).session() as session:
        for row in session.query(ModelVersion):
            row.state = "retired"
    assert not any(applies(here, task) for task in here.tasks.values())


def test_a_scenario_on_an_own_table_is_scored_again(
    orders: Task, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = orders.name.replace(".", "-")
    heavier = visit(page, tab="decide", look="stress", shock=f"{WEIGHT}:share:0.5")
    assert not heavier.exception
    assert not heavier.error
    assert f"{WEIGHT} +50%" in plain(heavier)
    mean = next(each for each in heavier.metric if each.label == "Mean score")
    assert float(mean.value.rstrip("%")) > float(mean.delta.removeprefix("was ").rstrip("%"))
    assert "Who moves most" in plain(heavier)
    assert "The cases that move most" in plain(heavier)
    assert "Say what both mistakes cost" in plain(visit(page, tab="decide"))
    monkeypatch.setenv("SDA_ROLE", "engineer")
    masked = visit(page, tab="decide", look="stress", shock=f"{WEIGHT}:share:0.5")
    assert f"{WEIGHT} +50%" in plain(masked)
    assert "The cases that move most" not in plain(masked)
