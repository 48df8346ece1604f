"""Proposals and the backtest on a small store whose every number is known."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.forecasting.backtest import backtest
from analytics.forecasting.outlook import paths_around
from analytics.forecasting.proposals import propose
from analytics.forecasting.rolling import roll
from analytics.forecasting.stock_book import read_book
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.forecasting.small_store import DAYS, TODAY, build, put


@pytest.fixture
def store(home: Settings) -> Settings:
    build(home)
    return home


def test_each_article_gets_what_its_numbers_ask_for(store: Settings) -> None:
    rows = {row["sku"]: row for row in propose(store).to_dicts()}
    assert list(rows) == sorted(rows, key=lambda sku: (-rows[sku]["saving"], sku))
    steady = rows["steady"]
    assert steady["why"] == "runs_out"
    assert steady["quantity"] == steady["wanted"] > 0
    assert steady["quantity"] % 6 == 0
    assert steady["cost"] == steady["quantity"] * 10 + 5
    assert steady["lead_days"] == pytest.approx(4, abs=0.2)
    assert steady["days_left"] == pytest.approx(9 / 4)
    assert steady["expected_demand"] == pytest.approx(16, rel=0.05)
    assert steady["urgency"] > 0.9
    assert steady["service_level"] > 0.9
    # Four days of lead, nine there: about seven are short tomorrow's way, four fewer with an order today.
    assert 0 < steady["saving"] < 4 * 6 + 1
    assert {sku: rows[sku]["why"] for sku in ("plenty", "coming", "never", "new")} == {
        "plenty": "covers",
        "coming": "covers",
        "never": "nothing_sold",
        "new": "no_forecast",
    }
    assert [rows[sku]["quantity"] for sku in ("plenty", "coming", "never", "new")] == [0] * 4
    assert rows["coming"]["urgency"] > 0.5  # what is on its way comes late: no order of today helps
    assert rows["never"]["days_left"] is None
    assert rows["never"]["reorder_point"] is None


def test_a_budget_is_kept_and_said(store: Settings) -> None:
    """And a second proposal of the day takes the place of the first."""
    wanted = propose(store).row(0, named=True)
    kept = propose(store, budget=wanted["cost"] - 10)
    less = kept.row(0, named=True)
    assert wanted["sku"] == less["sku"] == "steady"
    assert Warehouse(store).query("SELECT * FROM forecasts.proposals ORDER BY saving DESC, sku").equals(kept)
    assert 0 < less["quantity"] < wanted["quantity"] == less["wanted"]
    assert (less["why"], less["saving"]) == ("budget", wanted["saving"])
    assert less["cost"] <= wanted["cost"] - 10
    with pytest.raises(UsageError):
        propose(store, budget=float("nan"))


def test_the_count_is_carried_to_the_evening_that_was_asked_for(store: Settings) -> None:
    """Two days after the count: less what was asked for, with what came in; and back again."""
    lake = Warehouse(store)
    demand, orders = (lake.query(f"SELECT * FROM logistics.{name}") for name in ("demand", "supplier_orders"))
    days = [TODAY + timedelta(1), TODAY + timedelta(2)]
    later = pl.DataFrame({"sku": "steady", "depot_id": "D", "day": days, "quantity": [3, 2]})
    came = [
        ("x", "steady", "D", TODAY - timedelta(3), TODAY + timedelta(1), 30),
        ("y", "steady", "D", TODAY + timedelta(2), None, 60),
    ]
    stock = lake.query("SELECT * REPLACE (30 AS on_order) FROM logistics.stock WHERE sku = 'steady'")
    put(
        store,
        demand=pl.concat([demand, later]),
        supplier_orders=pl.concat([orders, pl.DataFrame(came, orders.schema, orient="row")]),
        stock=stock,
    )
    row = read_book(store, TODAY + timedelta(2)).items.row(0, named=True)
    assert (row["on_hand"], row["on_order"]) == (9 - 5 + 30, 30 - 30 + 60)
    put(store, stock=stock.with_columns(pl.lit(days[1]).alias("day"), on_hand=34, on_order=60))
    row = read_book(store, TODAY).items.row(0, named=True)
    assert (row["on_hand"], row["on_order"]) == (9, 30)


def test_demand_beyond_the_count_leaves_an_empty_shelf_and_no_debt(store: Settings) -> None:
    later = pl.DataFrame({"sku": "steady", "depot_id": "D", "day": [TODAY + timedelta(1)], "quantity": [25]})
    put(store, demand=pl.concat([Warehouse(store).query("SELECT * FROM logistics.demand"), later]))
    items = read_book(store, TODAY + timedelta(1)).items
    assert items.filter(pl.col("sku") == "steady")["on_hand"].to_list() == [0.0]


@pytest.mark.parametrize("seed", range(4))
def test_a_forecast_of_nothing_asks_for_nothing(seed: int) -> None:
    demand = np.random.default_rng(seed).poisson(2.0, (1, 200)).astype(float)
    nothing = np.array([np.zeros(28), np.zeros(28), np.ones(28)])
    assert not paths_around(nothing, roll(demand, 7, 28, 5), 0).any()


def test_what_lacks_is_said_in_words(home: Settings, store: Settings) -> None:
    with pytest.raises(AssistantError, match="reaches beyond it"):
        propose(store, TODAY + timedelta(60))
    with pytest.raises(AssistantError, match="the records end on 2026-06-30"):
        propose(store, TODAY + timedelta(1))
    with pytest.raises(AssistantError, match="no stock was counted"):
        read_book(store, date(2020, 1, 1))
    put(store, articles=Warehouse(store).query("SELECT * FROM logistics.articles LIMIT 0"))
    with pytest.raises(AssistantError, match="no article whose stock"):
        propose(store)


def test_an_empty_home_says_what_to_do(home: Settings) -> None:
    with pytest.raises(AssistantError, match="no forecast of demand"):
        propose(home)
    with pytest.raises(AssistantError, match="sda ingest"):
        read_book(home)


def test_the_backtest_sets_both_policies_side_by_side(store: Settings) -> None:
    judged = backtest(store, days=60)
    ours, in_use = judged.to_dicts()
    assert (ours["policy"], in_use["policy"]) == ("ours", "in_use")
    assert (ours["days"], ours["articles"]) == (60, 5)
    # The point in use keeps 24 units for safety where a few would do.
    assert ours["mean_stock"] < in_use["mean_stock"]
    assert ours["total_cost"] == pytest.approx(
        ours["holding_cost"] + ours["order_cost"] + ours["shortage_cost"]
    )
    assert ours["fill_rate"] > 0.97
    assert Warehouse(store).query("SELECT * FROM forecasts.policies").equals(judged)


def test_a_backtest_without_a_policy_in_use_or_without_past_says_so(store: Settings) -> None:
    with pytest.raises(AssistantError, match="days of demand are known"):
        backtest(store, as_of=TODAY - timedelta(DAYS - 20))
    without = Warehouse(store).query(
        "SELECT * REPLACE (NULL::DOUBLE AS reorder_point) FROM logistics.articles"
    )
    put(store, articles=without)
    with pytest.raises(AssistantError, match="nothing to compare with"):
        backtest(store)
