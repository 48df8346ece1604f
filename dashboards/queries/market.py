"""Prices of instruments in one currency, for the days a person asked for."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from dashboards.queries.reading import Read, has_table
from pipelines.finance.contracts import REPORTING_CURRENCY

PRICES, RATES = "finance.prices", "finance.exchange_rates"
_INSTRUMENTS = {
    "instrument": pl.String,
    "currency": pl.String,
    "first": pl.Date,
    "last": pl.Date,
    "days": pl.Int64,
    "converted": pl.Boolean,
}


def instruments(read: Read) -> pl.DataFrame:
    """`instrument, currency, first, last, days, converted` of every instrument that has a price, by name.

    `converted` says whether its prices can be told in the reporting currency. Of an instrument that changed
    its currency the newest is named.
    """
    if not has_table(read, PRICES):
        return pl.DataFrame(schema=_INSTRUMENTS)
    sql = f"""
        WITH priced AS ({_priced(read)})
        SELECT
            instrument, arg_max(currency, day) AS currency, min(day) AS first, max(day) AS last,
            count(*) AS days, count(price) > 0 AS converted
        FROM priced GROUP BY instrument ORDER BY instrument
    """
    return read(sql, {"reporting": REPORTING_CURRENCY}).cast(_INSTRUMENTS)  # type: ignore[arg-type]


def prices(read: Read, names: Sequence[str], since: date | None) -> pl.DataFrame:
    """`day, instrument, price` in the reporting currency from `since` on, by instrument and day.

    The price is the one adjusted for splits and dividends if the instrument has such, at the last exchange
    rate known on the day. Days without a rate are left out; so are those without an adjusted price, for from
    one sort of price to the other there is no return.
    """
    sql = f"""
        SELECT day, instrument, price FROM ({_priced(read)})
        WHERE price IS NOT NULL AND list_contains($names, instrument)
            AND ($since IS NULL OR day >= CAST($since AS DATE))
        ORDER BY instrument, day
    """
    return read(sql, {"names": list(names), "since": since, "reporting": REPORTING_CURRENCY})


def days_with_a_price(read: Read, names: Sequence[str], since: date | None) -> dict[str, int]:
    """On how many days each of `names` has a price from `since` on."""
    counted = prices(read, names, since).group_by("instrument").len()
    return dict(counted.iter_rows())


def _priced(read: Read) -> str:
    """`instrument, day, currency, price`; the price is null where no rate is known."""
    plain = (
        "CASE WHEN count(prices.adjusted_close) OVER (PARTITION BY prices.instrument) > 0 "
        "THEN prices.adjusted_close ELSE prices.close END"
    )
    own = f"CASE WHEN prices.currency = $reporting THEN {plain}"
    if not has_table(read, RATES):
        return f"""
            SELECT prices.instrument, prices.day, prices.currency, {own} END AS price
            FROM finance.prices AS prices
        """
    return f"""
        SELECT prices.instrument, prices.day, prices.currency, {own} ELSE {plain} * rates.rate END AS price
        FROM finance.prices AS prices
        ASOF LEFT JOIN finance.exchange_rates AS rates
            ON prices.currency = rates.currency AND prices.day >= rates.rate_date
    """
