"""Forecasts, order proposals and judged policies in the warehouse: which columns they have."""

import duckdb

from pipelines.records import ensure_table

DEMAND, PROPOSALS, POLICIES = "forecasts.demand", "forecasts.proposals", "forecasts.policies"

COLUMNS: dict[str, dict[str, str]] = {
    # One row per article, depot and day ahead; the newest `made_at` is the forecast in force.
    DEMAND: {
        "made_at": "TIMESTAMP",
        "as_of": "DATE",  # the last day of demand that was known
        "sku": "VARCHAR",
        "depot_id": "VARCHAR",
        "day": "DATE",
        "mean": "DOUBLE",
        "lower": "DOUBLE",  # nine in ten days lie between lower and upper
        "upper": "DOUBLE",
        "method": "VARCHAR",
        "snapshot_id": "BIGINT",
    },
    PROPOSALS: {
        "made_at": "TIMESTAMP",
        "as_of": "DATE",
        "sku": "VARCHAR",
        "depot_id": "VARCHAR",
        "quantity": "BIGINT",  # to order today; 0: nothing
        "wanted": "BIGINT",  # what it would be without a budget
        "cost": "DOUBLE",  # quantity x unit cost + cost of the order
        "on_hand": "DOUBLE",
        "on_order": "DOUBLE",
        "reorder_point": "DOUBLE",  # null, as order_up_to: never ordered
        "order_up_to": "DOUBLE",
        "service_level": "DOUBLE",
        "lead_days": "DOUBLE",  # mean lead time
        "expected_demand": "DOUBLE",  # until an order of tomorrow would be there
        "days_left": "DOUBLE",  # until the stock runs out at the expected demand; null: never
        "urgency": "DOUBLE",  # probability of running out before an order placed tomorrow arrives
        "saving": "DOUBLE",  # expected, of ordering `wanted` today against waiting for the next review
        "why": "VARCHAR",  # covers, runs_out, below_point, budget, nothing_sold, not_worth, no_forecast
        "snapshot_id": "BIGINT",
    },
    # The backtest: what each policy would have done over the same past days; totals over all articles.
    POLICIES: {
        "made_at": "TIMESTAMP",
        "policy": "VARCHAR",  # ours, in_use
        "days": "BIGINT",
        "articles": "BIGINT",
        "fill_rate": "DOUBLE",
        "stock_out_days": "BIGINT",
        "holding_cost": "DOUBLE",
        "order_cost": "DOUBLE",
        "shortage_cost": "DOUBLE",
        "total_cost": "DOUBLE",
        "mean_stock": "DOUBLE",
        "orders": "BIGINT",
    },
}

# Whose rows they are, as contracts say it of tables that are loaded. Policies are judged over everything.
REFERENCES: dict[str, dict[str, str]] = {
    table: {"depot_id": "logistics.depots.depot_id", "sku": "logistics.articles.sku"}
    for table in (DEMAND, PROPOSALS)
}


def ensure_forecasts(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the tables that are not there yet, and columns they lack, within the caller's transaction."""
    for table, columns in COLUMNS.items():
        ensure_table(connection, table, columns)
