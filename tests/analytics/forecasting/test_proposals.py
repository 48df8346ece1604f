"""Proposals and the backtest on a small store whose every number is known."""

from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics.forecasting.backtest import backtest
from analytics.forecasting.proposals import propose
from analytics.forecasting.stock_book import read_book
from analytics.forecasting.tables import DEMAND, ensure_forecasts
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

TODAY = date(2026, 6, 30)
DAYS = 200
ARTICLES = {  # demand a day, on hand, on order
    "steady": (4.0, 9, 0),
    "plenty": (4.0, 400, 0),
    "coming": (4.0, 2, 400),
    "never": (0.0, 0, 0),
    "new": (4.0, 0, 0),
}


def put(settings: Settings, **tables: pl.DataFrame) -> None:
    """Tables of the domain logistics, in place of what is there."""

    def write(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("CREATE SCHEMA IF NOT EXISTS logistics")
        for name, frame in tables.items():
            connection.register("given", frame)
            connection.execute(f"CREATE OR REPLACE TABLE logistics.{name} AS SELECT * FROM given")
            connection.unregister("given")

    Warehouse(settings).write(write)


@pytest.fixture
def store(home: Settings) -> Settings:
    """A depot with five articles: four units of each a day (but one), lead times of four days."""
    names = list(ARTICLES)
    rng = np.random.default_rng(0)
    articles = pl.DataFrame(
        {
            "sku": names,
            "name": names,
            "family": "x",
            "supplier": "S",
            "unit_cost": 10.0,
            "holding_rate": 0.25,
            "order_cost": 5.0,
            "shortage_cost": 6.0,
            "service_level": pl.Series([0.9, None, None, None, None], dtype=pl.Float64),
            "pack_size": pl.Series([6, None, None, None, None], dtype=pl.Int64),
            "least_order": pl.Series([None] * 5, dtype=pl.Int64),
            "reorder_point": 40.0,
            "order_up_to": 90.0,
        }
    )
    days = [TODAY - timedelta(DAYS - 1 - day) for day in range(DAYS)]
    demand = [
        (sku, "D", day, int(asked))
        for sku, (rate, _, _) in ARTICLES.items()
        for day, asked in zip(days, rng.poisson(rate, DAYS), strict=True)
        if asked
    ]
    stock = [(sku, "D", TODAY, here, coming) for sku, (_, here, coming) in ARTICLES.items()]
    orders = [
        (f"{sku}{ago}", sku, "D", TODAY - timedelta(ago), TODAY - timedelta(ago - 4), 50)
        for sku in ("steady", "plenty", "coming")
        for ago in range(10, 150, 10)
    ]
    orders.append(("open", "coming", "D", TODAY - timedelta(1), None, 400))
    put(
        home,
        articles=articles,
        demand=pl.DataFrame(demand, ["sku", "depot_id", "day", "quantity"], orient="row"),
        stock=pl.DataFrame(stock, ["sku", "depot_id", "day", "on_hand", "on_order"], orient="row"),
        supplier_orders=pl.DataFrame(
            orders,
            ["order_id", "sku", "depot_id", "ordered_on", "received_on", "quantity"],
            orient="row",
        ),
    )
    forecast(home, ["steady", "plenty", "coming", "never"])
    return home


def forecast(settings: Settings, names: list[str]) -> None:
    rows = [
        (datetime(2026, 7, 1), TODAY, sku, "D", TODAY + timedelta(day), rate, 0.0, 2 * rate, "made", 0)
        for sku in names
        for rate in [ARTICLES[sku][0]]
        for day in range(1, 29)
    ]
    frame = pl.DataFrame(rows, orient="row")

    def write(connection: duckdb.DuckDBPyConnection) -> None:
        ensure_forecasts(connection)
        connection.register("given", frame)
        connection.execute(f"INSERT INTO {DEMAND} SELECT * FROM given")
        connection.unregister("given")

    Warehouse(settings).write(write)


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


def test_what_lacks_is_said_in_words(home: Settings, store: Settings) -> None:
    with pytest.raises(AssistantError, match="no forecast of the demand after"):
        propose(store, TODAY + timedelta(60))
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
