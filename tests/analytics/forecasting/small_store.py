"""A store of one depot and five articles, in the lake of a fresh home."""

from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import polars as pl

from analytics.forecasting.tables import DEMAND, ensure_forecasts
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


def build(home: Settings) -> None:
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
