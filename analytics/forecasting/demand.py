"""The demand for every article in every depot, as far ahead as stock is planned: forecasts.demand."""

from datetime import UTC, datetime

import duckdb
import polars as pl

from analytics.forecasting.adding_up import forecast_sums
from analytics.forecasting.frequency import Frequency
from analytics.forecasting.hierarchy import tree_of
from analytics.forecasting.series import Reading, regular
from analytics.forecasting.tables import COLUMNS, DEMAND, ensure_forecasts
from connectors.errors import AssistantError
from pipelines.records import insert
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

HORIZON = 42  # days: a long lead time and the days until the next look
SEASON = 7
# Steadier than one article in one depot: families, depots, both.
LEVELS = ((), ("depot_id",), ("family",), ("family", "depot_id"))

_DEMAND = """
SELECT d.sku, d.depot_id, coalesce(a.family, '') AS family, d.day, sum(d.quantity)::DOUBLE AS quantity
FROM logistics.demand d LEFT JOIN {articles} a USING (sku)
WHERE d.quantity IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
_NO_ARTICLES = "(SELECT NULL::VARCHAR AS sku, NULL::VARCHAR AS family)"


def forecast_demand(settings: Settings, horizon: int = HORIZON, seconds: float | None = None) -> pl.DataFrame:
    """Forecasts the days after the last one with demand, for every article and depot that ever had any.

    Days without a row count as zero demand. Parts and sums over families and depots agree. Returns the rows
    written (columns of forecasts.demand), which take the place of others made from the same day.
    `seconds`: of the settings by default. Raises AssistantError where there is no demand.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot()
    if not warehouse.exists("logistics.demand"):
        raise AssistantError("There is no demand to forecast.", "Load logistics.demand with `sda ingest`.")
    articles = "logistics.articles" if warehouse.exists("logistics.articles") else _NO_ARTICLES
    demand = warehouse.query(_DEMAND.format(articles=articles), snapshot=snapshot)
    if demand.is_empty():
        raise AssistantError("There is no demand to forecast.", "Load logistics.demand with `sda ingest`.")
    made = _forecast(demand, horizon, settings.stock.seconds if seconds is None else seconds)
    rows = made.with_columns(
        pl.lit(datetime.now(UTC).replace(tzinfo=None)).alias("made_at"),
        pl.lit(demand["day"].max()).alias("as_of"),
        pl.lit(snapshot).alias("snapshot_id"),
    ).select(list(COLUMNS[DEMAND]))
    _publish(settings, rows)
    return rows


def _forecast(demand: pl.DataFrame, horizon: int, seconds: float) -> pl.DataFrame:
    """sku, depot_id, day, mean, lower, upper, method."""
    reading = Reading(("sku", "depot_id"), "day", "quantity", frequency="day", empty="zero")
    series = regular(demand, reading)
    families = demand.select("sku", "family").unique("sku")
    keys = series.keys.rename({"id_0": "sku", "id_1": "depot_id"})
    parts = keys.join(families, on="sku", how="left", maintain_order="left")
    made = forecast_sums(
        series.frame, tree_of(parts, LEVELS), SEASON, horizon, seconds, frequency=Frequency("day", 1)
    )
    # The mean of a demand is not below nothing, though single days are: returns.
    ours = made.frame.join(keys, on="unique_id")
    return ours.with_columns(pl.col("mean").clip(lower_bound=0)).rename({"ds": "day"})


def _publish(settings: Settings, rows: pl.DataFrame) -> None:
    def write(connection: duckdb.DuckDBPyConnection) -> None:
        ensure_forecasts(connection)
        connection.execute(f"DELETE FROM {quoted(DEMAND)} WHERE as_of = ?", [rows["as_of"][0]])
        insert(connection, DEMAND, rows, COLUMNS[DEMAND])

    Warehouse(settings).write(write)
