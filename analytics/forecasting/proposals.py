"""What to order today: for every article and depot a quantity, and the numbers it stands on."""

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import polars as pl

from analytics.forecasting.budget import within
from analytics.forecasting.ordering import Advice, Situation, advise, numbers
from analytics.forecasting.outlook import Outlook, paths_around, read_outlook
from analytics.forecasting.rolling import roll
from analytics.forecasting.stock_book import Book, read_book, terms_of
from analytics.forecasting.tables import COLUMNS, PROPOSALS, ensure_forecasts
from connectors.errors import UsageError
from pipelines.records import insert, quoted_columns
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

_WEEK = 7


def propose(settings: Settings, as_of: date | None = None, budget: float | None = None) -> pl.DataFrame:
    """What to order in the evening of `as_of`: one row per article and depot, kept in forecasts.proposals.

    By default as of the last day that the newest forecast knows, within the budget of the settings. Rows of
    the same day are replaced. Raises AssistantError where stock or forecasts lack, UsageError for a budget
    below zero.
    """
    budget = settings.stock.budget if budget is None else budget
    if budget is not None and not budget >= 0:
        raise UsageError(f"A budget of {budget:g} cannot be spent.", "Give an amount of 0 or more.")
    outlook = read_outlook(settings, as_of)
    book = read_book(settings, as_of or outlook.as_of, snapshot=outlook.snapshot)
    advice = _advice(settings, book, outlook)
    made_at = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {
            "made_at": made_at,
            "as_of": book.as_of,
            "sku": item["sku"],
            "depot_id": item["depot_id"],
            "snapshot_id": book.snapshot,
            **numbers(one, quantity),
        }
        for item, one, quantity in zip(
            book.items.iter_rows(named=True), advice, _affordable(advice, budget), strict=True
        )
    ]
    return _published(settings, book.as_of, rows)


def _advice(settings: Settings, book: Book, outlook: Outlook) -> list[Advice]:
    stock = settings.stock
    expected = outlook.after(book.as_of)
    leads = book.lead_times(book.as_of, stock.lead_days)
    horizon = max((forecast.shape[1] for forecast in expected.values()), default=1)
    aim = max(round(leads.overall.mean), 1) + stock.review_days - 1
    rolling, waiting = roll(book.demand, _WEEK, horizon, aim), book.open_orders()
    found = []
    for row, item in enumerate(book.items.iter_rows(named=True)):
        key = (item["sku"], item["depot_id"])
        forecast = expected.get(key)
        found.append(
            advise(
                Situation(
                    terms_of(item, stock),
                    leads.of(*key, item["supplier"]),
                    None if forecast is None else paths_around(forecast, rolling, row),
                    item["on_hand"],
                    item["on_order"],
                    _coming(waiting.get(key, []), item["on_order"]),
                    stock.review_days,
                    bool((book.demand[row] > 0).any()),
                )
            )
        )
    return found


def _coming(waiting: list[tuple[int, float]], on_order: float) -> list[tuple[int, float]]:
    """Age and units of what is on order: the count says how much, the orders (newest first) since when."""
    found, left = [], on_order
    for age, units in waiting:
        if left > 0:
            found.append((age, min(units, left)))
            left -= found[-1][1]
    return [*found, (-1, left)] if left > 0 else found


def _affordable(advice: list[Advice], budget: float | None) -> list[int]:
    """The quantities in the order of `advice`: what is wanted, or what the budget is best spent on."""
    if budget is None:
        return [one.wanted for one in advice]
    taken = within(budget, [one.offers for one in advice])
    return [offer.quantity if offer else 0 for offer in taken]


def _published(settings: Settings, as_of: date, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Puts the rows into forecasts.proposals in place of the day's others; returns them as they lie there."""
    columns = COLUMNS[PROPOSALS]
    frame = pl.DataFrame(rows, infer_schema_length=None).select(list(columns))

    def publish(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
        ensure_forecasts(connection)
        connection.execute(f"DELETE FROM {PROPOSALS} WHERE as_of = ?", [as_of])
        insert(connection, PROPOSALS, frame, columns)
        return connection.execute(
            f"SELECT {quoted_columns(columns)} FROM {PROPOSALS} WHERE as_of = ? "
            "ORDER BY saving DESC, sku, depot_id",
            [as_of],
        ).pl()

    return Warehouse(settings).write(publish)
