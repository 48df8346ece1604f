"""Our policy against the one in use, through days that are past: what each would have cost, and served.

Every evening our levels come from what was known that evening: demand so far, orders received so far. Both
policies face the same demand, and the same lead times, drawn once for every article and day from what is
known of them today. The same stock lies there at the beginning; the first weeks do not count.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.lead_times import LeadTime
from analytics.forecasting.policy import Ahead, Terms, ahead, levels
from analytics.forecasting.rolling import Rolling, roll
from analytics.forecasting.simulation import Cost, Trade, cost_of, simulate
from analytics.forecasting.stock_book import Book, read_book, terms_of
from analytics.forecasting.tables import COLUMNS, POLICIES, ensure_forecasts
from connectors.errors import AssistantError, UsageError
from pipelines.records import insert
from pipelines.settings import Settings, StockSettings
from pipelines.warehouse import Warehouse

Array = NDArray[np.float64]
# The lead times of all articles as they were known in the evening of a day.
Known = Callable[[int], Sequence[LeadTime]]

WEEK = 7
WARM_UP = 28  # days before the first that counts
LEARNING = 56  # days of demand, at least, before those
_RELEARNED = 28  # days between two looks at the lead times


def outlooks(
    demand: Array, period: int, days: range, known: Known, terms: Sequence[Terms], review: int
) -> list[list[Ahead]]:
    """What lay ahead of every article in the evening of each of `days`: a list a day, one entry an article.

    `demand` (article, day) may hold what came later: no entry depends on it.
    """
    usual = max(round(float(np.mean([lead.mean for lead in known(days[0])]))), 1)
    horizon = max(2 * usual + review, 2 * period)
    rolling = roll(demand, period, horizon, usual + review - 1)
    return [_evening(rolling, day, known(day), terms, review) for day in days]


def _evening(
    rolling: Rolling, day: int, known: Sequence[LeadTime], terms: Sequence[Terms], review: int
) -> list[Ahead]:
    return [ahead(rolling.paths(row, day), lead, terms[row], review) for row, lead in enumerate(known)]


def level_arrays(evenings: Sequence[Sequence[Ahead]], terms: Sequence[Terms]) -> tuple[Array, Array]:
    """Reorder points and order-up-to levels, (article, day), of articles with these terms."""
    found = [[levels(given, of) for given, of in zip(evening, terms, strict=True)] for evening in evenings]
    points = np.array([[one.reorder_point for one in evening] for evening in found])
    tops = np.array([[one.order_up_to for one in evening] for evening in found])
    return points.T, tops.T


def trade_of(terms: Sequence[Terms]) -> Trade:
    """The costs of articles side by side."""
    columns = ("holding", "order_cost", "shortage", "pack", "least")
    return Trade(*(np.array([getattr(of, name) for of in terms], dtype=np.float64) for name in columns))


def backtest(
    settings: Settings,
    days: int = 365,
    as_of: date | None = None,
    progress: Callable[[str], None] | None = None,
) -> pl.DataFrame:
    """Both policies over the last `days` days up to `as_of` (default: stock was last counted); over fewer
    where less is known. Two rows, `ours` and `in_use`, also in forecasts.policies.

    Raises AssistantError where too little is known or no article names the policy in use.
    """
    if days < 1:
        raise UsageError(f"A backtest of {days} days says nothing.", "Give at least one day.")
    book = _with_policy(read_book(settings, as_of))
    begin = max(book.demand.shape[1] - days, WARM_UP + LEARNING)
    if begin >= book.demand.shape[1]:
        raise AssistantError(
            f"Only {book.demand.shape[1]} days of demand are known.",
            f"A backtest needs more than {WARM_UP + LEARNING}.",
        )
    terms = [terms_of(item, settings.stock) for item in book.items.iter_rows(named=True)]
    first, review = begin - WARM_UP, settings.stock.review_days
    if progress:
        progress(f"{len(terms)} articles: a forecast for each of {book.demand.shape[1] - first} evenings …")
    evenings = outlooks(
        book.demand, WEEK, range(first, book.demand.shape[1]), _known(book, settings.stock), terms, review
    )
    used_point, used_level = (
        book.items[name].to_numpy()[:, None].astype(float) for name in ("used_point", "used_level")
    )
    truth = _leads(book, book.as_of, settings.stock)
    rng, trade = np.random.default_rng(0), trade_of(terms)
    drawn = np.array([lead.draw(rng, book.demand.shape[1] - first) for lead in truth])
    costs = {}
    for name, (point, top) in {
        "ours": level_arrays(evenings, terms),
        "in_use": (used_point, used_level),
    }.items():
        ledger = simulate(book.demand[:, first:], point, top, drawn, used_level[:, 0], trade, review)
        costs[name] = cost_of(ledger.since(WARM_UP), trade)
    return _published(settings, costs, book.demand.shape[1] - begin, len(terms))


def _with_policy(book: Book) -> Book:
    """The book without articles that have no policy in use."""
    has = book.items.select(
        pl.col("used_point").is_not_null() & pl.col("used_level").is_not_null()
    ).to_series()
    if not has.any():
        raise AssistantError(
            "There is nothing to compare with: no article has a reorder point and an order-up-to level.",
            "Fill reorder_point and order_up_to of logistics.articles with the policy in use.",
        )
    return replace(book, items=book.items.filter(has), demand=book.demand[has.to_numpy()])


def _known(book: Book, stock: StockSettings) -> Known:
    @cache
    def since(day: int) -> list[LeadTime]:
        return _leads(book, book.first + timedelta(days=day), stock)

    return lambda day: since(day // _RELEARNED * _RELEARNED)


def _leads(book: Book, as_of: date, stock: StockSettings) -> list[LeadTime]:
    known = book.lead_times(as_of, stock.lead_days)
    return [known.of(*row) for row in book.items.select("sku", "depot_id", "supplier").iter_rows()]


def _published(settings: Settings, costs: dict[str, Cost], days: int, articles: int) -> pl.DataFrame:
    """Puts the costs into forecasts.policies in place of the ones before."""
    made_at = datetime.now(UTC).replace(tzinfo=None)
    frame = pl.DataFrame(
        [
            {
                "made_at": made_at,
                "policy": name,
                "days": days,
                "articles": articles,
                "fill_rate": cost.fill_rate,
                "stock_out_days": cost.stock_out_days,
                "holding_cost": cost.holding,
                "order_cost": cost.ordering,
                "shortage_cost": cost.shortage,
                "total_cost": cost.total,
                "mean_stock": cost.mean_stock,
                "orders": cost.orders,
            }
            for name, cost in costs.items()
        ]
    ).select(list(COLUMNS[POLICIES]))

    def publish(connection: duckdb.DuckDBPyConnection) -> None:
        ensure_forecasts(connection)
        connection.execute(f"DELETE FROM {POLICIES}")
        insert(connection, POLICIES, frame, frame.columns)

    Warehouse(settings).write(publish)
    return frame
