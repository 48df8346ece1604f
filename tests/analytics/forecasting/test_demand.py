"""The demand of every article in every depot, into the warehouse."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.forecasting.demand import forecast_demand
from analytics.forecasting.tables import COLUMNS, DEMAND
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

LAST = date(2026, 3, 31)


def fill(settings: Settings, until: date = LAST) -> None:
    """120 days of two articles in two depots: weekdays sell, one article hardly ever, one day is a return."""
    random = np.random.default_rng(0)
    rows = []
    for sku, rate in (("A", 10.0), ("B", 0.2)):
        for depot in ("D1", "D2"):
            for back in range(120):
                day = until - timedelta(days=back)
                sold = int(random.poisson(rate * (day.weekday() < 5)))
                if sold:
                    rows.append((sku, depot, day, sold))
    rows.append(("B", "D1", until - timedelta(days=3), -2))
    demand = pl.DataFrame(rows, schema=["sku", "depot_id", "day", "quantity"], orient="row")
    articles = pl.DataFrame({"sku": ["A", "B"], "family": ["f", "f"]})

    def write(connection: object) -> None:
        connection.execute("CREATE SCHEMA IF NOT EXISTS logistics")
        for name, frame in (("demand", demand), ("articles", articles)):
            connection.register("given", frame)
            connection.execute(f"CREATE OR REPLACE TABLE logistics.{name} AS SELECT * FROM given")
            connection.unregister("given")

    Warehouse(settings).write(write)


def test_every_article_and_depot_gets_its_days_ahead(home: Settings) -> None:
    fill(home)
    made = forecast_demand(home, horizon=14, seconds=0)
    assert made.columns == list(COLUMNS[DEMAND])
    stored = Warehouse(home).query(f"SELECT * FROM {DEMAND} ORDER BY sku, depot_id, day")
    assert stored.select("sku", "depot_id").n_unique() == 4
    first = stored.filter((pl.col("sku") == "A") & (pl.col("depot_id") == "D1"))
    assert first["day"].to_list() == [LAST + timedelta(days=at) for at in range(1, 15)]
    assert stored["as_of"].unique().to_list() == [LAST]
    assert stored["mean"].min() >= 0
    weekend = first["day"].dt.weekday() >= 6
    assert first["mean"].filter(weekend).mean() < first["mean"].filter(~weekend).mean() / 3


def test_a_second_forecast_of_the_same_day_takes_the_place_of_the_first(home: Settings) -> None:
    fill(home)
    for _ in range(2):
        forecast_demand(home, horizon=3, seconds=0)
    fill(home, LAST + timedelta(days=1))
    forecast_demand(home, horizon=3, seconds=0)
    counts = Warehouse(home).query(f"SELECT as_of, count(*) AS rows FROM {DEMAND} GROUP BY 1 ORDER BY 1")
    assert counts.rows() == [(LAST, 12), (LAST + timedelta(days=1), 12)]


def test_without_demand_it_says_what_to_load(home: Settings) -> None:
    with pytest.raises(AssistantError, match=r"logistics\.demand"):
        forecast_demand(home)
