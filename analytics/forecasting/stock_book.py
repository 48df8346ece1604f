"""What the warehouse knows of articles in depots on one evening: stock, costs, orders, demand so far."""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.lead_times import LeadTimes, learned
from analytics.forecasting.policy import Terms
from connectors.errors import AssistantError
from pipelines.settings import Settings, StockSettings
from pipelines.warehouse import Warehouse

Array = NDArray[np.float64]

_NEEDED = ("logistics.articles", "logistics.demand", "logistics.stock")
ORDERS = "logistics.supplier_orders"
_YEAR = 365.0

_ALL_ORDERS = f"SELECT sku, depot_id, ordered_on, received_on, quantity FROM {ORDERS}"
_NO_ORDERS = (
    "SELECT '' AS sku, '' AS depot_id, DATE '1970-01-01' AS ordered_on, NULL::DATE AS received_on, "
    "0 AS quantity WHERE false"
)

# The count of a row is carried to the evening of $as_of by what was asked for and received between the two.
# What was asked for beyond the stock was not served (see `simulation`): it leaves an empty shelf, no debt.
_STOCK = """
WITH orders AS ({orders}), counted AS (
    SELECT sku, depot_id, on_hand, on_order, CASE WHEN day < $as_of THEN 1 ELSE -1 END AS sign,
           least(day, $as_of) AS since, greatest(day, $as_of) AS until
    FROM logistics.stock
), sold AS (
    SELECT c.sku, c.depot_id, sum(d.quantity) AS quantity FROM counted c
    JOIN logistics.demand d
    ON d.sku = c.sku AND d.depot_id = c.depot_id AND d.day > c.since AND d.day <= c.until
    GROUP BY ALL
), placed AS (
    SELECT c.sku, c.depot_id, sum(o.quantity) AS quantity FROM counted c JOIN orders o
    ON o.sku = c.sku AND o.depot_id = c.depot_id AND o.ordered_on > c.since AND o.ordered_on <= c.until
    GROUP BY ALL
), came AS (
    SELECT c.sku, c.depot_id, sum(o.quantity) AS quantity FROM counted c JOIN orders o
    ON o.sku = c.sku AND o.depot_id = c.depot_id AND o.received_on > c.since AND o.received_on <= c.until
    GROUP BY ALL
)
SELECT c.sku, c.depot_id, a.name, a.family, a.supplier,
       a.unit_cost::DOUBLE AS unit_cost, a.holding_rate::DOUBLE AS holding_rate,
       a.order_cost::DOUBLE AS order_cost, a.shortage_cost::DOUBLE AS shortage_cost,
       a.service_level::DOUBLE AS service_level, a.pack_size, a.least_order,
       a.reorder_point::DOUBLE AS used_point, a.order_up_to::DOUBLE AS used_level,
       greatest(
           c.on_hand + c.sign * (coalesce(came.quantity, 0) - coalesce(sold.quantity, 0)), least(c.on_hand, 0)
       )::DOUBLE AS on_hand,
       greatest(c.on_order + c.sign * (coalesce(placed.quantity, 0) - coalesce(came.quantity, 0)), 0)::DOUBLE
           AS on_order
FROM counted c JOIN logistics.articles a USING (sku)
LEFT JOIN sold ON sold.sku = c.sku AND sold.depot_id = c.depot_id
LEFT JOIN placed ON placed.sku = c.sku AND placed.depot_id = c.depot_id
LEFT JOIN came ON came.sku = c.sku AND came.depot_id = c.depot_id
ORDER BY c.depot_id, c.sku
"""


_LAST_KNOWN = (
    "SELECT max(day) FROM (SELECT day FROM logistics.stock UNION ALL SELECT day FROM logistics.demand)"
)


@dataclass(frozen=True)
class Book:
    """`items`: one row per article and depot, as of the evening of `as_of`. `demand` (item, day): units asked
    for, zero where nothing is written, from `first` to `as_of`. `orders`: to suppliers, all known by now.
    """

    as_of: date
    first: date
    items: pl.DataFrame
    demand: Array
    orders: pl.DataFrame
    snapshot: int

    def lead_times(self, as_of: date, unknown: int) -> LeadTimes:
        """Lead times as they were known in the evening of a day."""
        return learned(self.orders, as_of, unknown)

    def open_orders(self) -> dict[tuple[str, str], list[tuple[int, float]]]:
        """By article and depot: age in days and units of the orders not received by `as_of`, newest first."""
        waiting = self.orders.filter(
            (pl.col("ordered_on") <= self.as_of)
            & (pl.col("received_on").is_null() | (pl.col("received_on") > self.as_of))
        ).sort("ordered_on", descending=True)
        found: dict[tuple[str, str], list[tuple[int, float]]] = {}
        for row in waiting.iter_rows(named=True):
            age = (self.as_of - row["ordered_on"]).days
            found.setdefault((row["sku"], row["depot_id"]), []).append((age, float(row["quantity"])))
        return found


def read_book(settings: Settings, as_of: date | None = None, *, snapshot: int | None = None) -> Book:
    """The book as of the evening of a day; by default of the last day that stock was counted.

    Raises AssistantError where a table lacks or is empty, or nothing was asked for by that day.
    """
    warehouse = Warehouse(settings)
    snapshot = warehouse.snapshot() if snapshot is None else snapshot
    missing = [table for table in _NEEDED if not warehouse.exists(table)]
    if missing:
        raise AssistantError(
            f"Nothing is known of stock yet: there is no {', no '.join(missing)}.",
            "Add a source for each table (`sda source add`), then run `sda ingest`.",
        )
    placed = _ALL_ORDERS if warehouse.exists(ORDERS) else _NO_ORDERS
    with warehouse.reading(snapshot) as connection:
        day = as_of or _first_value(connection.execute("SELECT max(day) FROM logistics.stock"))
        first = _first_value(connection.execute("SELECT min(day) FROM logistics.demand"))
        if day is None or first is None or first > day:
            raise AssistantError(
                "Nothing can be ordered: no stock was counted, or nothing was asked for by then.",
                "Load logistics.stock and logistics.demand, or name a later day with --as-of.",
            )
        last = _first_value(connection.execute(_LAST_KNOWN)) or day
        if day > last:
            raise AssistantError(
                f"What was asked for until {day} is not known: the records end on {last}.",
                "Name an earlier day, or load what is new with `sda ingest`.",
            )
        items = connection.execute(_STOCK.format(orders=placed), {"as_of": day}).pl()
        rows = connection.execute(
            "SELECT sku, depot_id, day, quantity FROM logistics.demand WHERE day <= $as_of", {"as_of": day}
        ).pl()
        orders = connection.execute(
            "SELECT o.sku, o.depot_id, a.supplier, o.ordered_on, o.received_on, o.quantity "
            f"FROM ({placed}) o LEFT JOIN logistics.articles a USING (sku)"
        ).pl()
    if items.is_empty():
        raise AssistantError(
            "Nothing can be ordered: no article whose stock was counted is in logistics.articles.",
            "Load the articles too.",
        )
    return Book(day, first, items, _matrix(items, rows, first, day), orders, snapshot)


def terms_of(item: dict[str, object], settings: StockSettings) -> Terms:
    """The terms of an item of the book, a day the step; a cost that lacks counts as none.

    Where costs decide, an article's own service level is the least that is kept.
    """

    def number(name: str) -> float:
        value = item[name]
        return float(value) if isinstance(value, int | float) else 0.0

    own = item["service_level"] is not None
    return Terms(
        holding=number("unit_cost") * number("holding_rate") / _YEAR,
        order_cost=number("order_cost"),
        shortage=number("shortage_cost"),
        service_level=number("service_level") if own else settings.service_level,
        service=settings.service,
        at_least=number("service_level"),
        pack=max(int(number("pack_size")), 1),
        least=max(int(number("least_order")), 0),
        unit_cost=number("unit_cost"),
    )


def _first_value(result: duckdb.DuckDBPyConnection) -> date | None:
    row = result.fetchone()
    return row[0] if row else None


def _matrix(items: pl.DataFrame, rows: pl.DataFrame, first: date, last: date) -> Array:
    """Demand by item and day; days without a row are days on which nothing was asked for."""
    keys = items.select("sku", "depot_id").with_row_index("row")
    known = rows.join(keys, on=["sku", "depot_id"])
    demand = np.zeros((len(items), (last - first).days + 1))
    days = (known["day"] - first).dt.total_days().to_numpy()
    np.add.at(demand, (known["row"].to_numpy(), days), known["quantity"].to_numpy().astype(float))
    return demand
