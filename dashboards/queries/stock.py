"""Order proposals, forecasts and judged policies in force, with what people know articles by."""

from datetime import date, timedelta

import polars as pl

from analytics.forecasting.tables import DEMAND, POLICIES, PROPOSALS
from dashboards.queries.reading import Read, has_table
from pipelines.warehouse import quoted

ARTICLES, DEPOTS, ASKED = "logistics.articles", "logistics.depots", "logistics.demand"


def proposals(read: Read) -> pl.DataFrame:
    """The newest proposals, most urgent first, with `name, family, supplier, pack_size, depot`."""
    if not has_table(read, PROPOSALS):
        return pl.DataFrame()
    articles = (
        f"SELECT sku, name, family, supplier, pack_size FROM {quoted(ARTICLES)}"
        if has_table(read, ARTICLES)
        else "SELECT NULL AS sku, NULL AS name, NULL AS family, NULL AS supplier, NULL AS pack_size"
    )
    return read(
        f"""
        SELECT proposed.*, coalesce(articles.name, proposed.sku) AS name,
            coalesce(articles.family, '') AS family, articles.supplier, articles.pack_size,
            coalesce(depots.name, proposed.depot_id) AS depot
        FROM {quoted(PROPOSALS)} AS proposed
        LEFT JOIN ({articles}) AS articles ON articles.sku = proposed.sku
        LEFT JOIN ({_depots(read)}) AS depots ON depots.depot_id = proposed.depot_id
        WHERE proposed.made_at = (SELECT max_by(made_at, (as_of, made_at)) FROM {quoted(PROPOSALS)})
        ORDER BY proposed.quantity = 0, proposed.urgency DESC NULLS LAST, proposed.sku, proposed.depot_id
        """,
        {},
    )


def forecast_series(read: Read) -> pl.DataFrame:
    """`sku, depot_id, name, family, depot` of everything that has a forecast in force."""
    if not has_table(read, DEMAND):
        return pl.DataFrame(schema=dict.fromkeys(("sku", "depot_id", "name", "family", "depot"), pl.String))
    articles = (
        f"SELECT sku, name, family FROM {quoted(ARTICLES)}"
        if has_table(read, ARTICLES)
        else "SELECT NULL AS sku, NULL AS name, NULL AS family"
    )
    return read(
        f"""
        SELECT DISTINCT ahead.sku, ahead.depot_id, coalesce(articles.name, ahead.sku) AS name,
            coalesce(articles.family, '') AS family, coalesce(depots.name, ahead.depot_id) AS depot
        FROM {quoted(DEMAND)} AS ahead
        LEFT JOIN ({articles}) AS articles ON articles.sku = ahead.sku
        LEFT JOIN ({_depots(read)}) AS depots ON depots.depot_id = ahead.depot_id
        WHERE made_at = (SELECT max(made_at) FROM {quoted(DEMAND)})
        ORDER BY ALL
        """,
        {},
    )


def forecast(read: Read, sku: str, depot_id: str) -> pl.DataFrame:
    """`as_of, day, mean, lower, upper, method` of the forecast in force, by day."""
    sql = f"""
        SELECT as_of, day, mean, lower, upper, method FROM {quoted(DEMAND)}
        WHERE sku = $sku AND depot_id = $depot AND made_at = (SELECT max(made_at) FROM {quoted(DEMAND)})
        ORDER BY day
    """
    return read(sql, {"sku": sku, "depot": depot_id})


def demand(read: Read, sku: str, depot_id: str, until: date, days: int) -> pl.DataFrame:
    """`day, quantity` of the `days` up to `until`: 0 where nothing was asked for.

    Days before the first demand ever are left out.
    """
    if not has_table(read, ASKED):
        return pl.DataFrame(schema={"day": pl.Date, "quantity": pl.Float64})
    sql = f"""
        WITH own AS (
            SELECT day, sum(quantity) AS quantity FROM {quoted(ASKED)}
            WHERE sku = $sku AND depot_id = $depot AND day <= $until GROUP BY day
        )
        SELECT CAST(calendar.day AS DATE) AS day, CAST(coalesce(own.quantity, 0) AS DOUBLE) AS quantity
        FROM generate_series($since::TIMESTAMP, $until::TIMESTAMP, INTERVAL 1 DAY) AS calendar(day)
        LEFT JOIN own ON own.day = CAST(calendar.day AS DATE)
        WHERE calendar.day >= (SELECT min(day) FROM own)
        ORDER BY 1
    """
    since = until - timedelta(days=days - 1)
    return read(sql, {"sku": sku, "depot": depot_id, "until": until, "since": since})


def policies(read: Read) -> pl.DataFrame:
    """The newest backtest: a row for each policy."""
    if not has_table(read, POLICIES):
        return pl.DataFrame()
    newest = f"(SELECT max(made_at) FROM {quoted(POLICIES)})"
    return read(f"SELECT * FROM {quoted(POLICIES)} WHERE made_at = {newest} ORDER BY policy", {})


def _depots(read: Read) -> str:
    if has_table(read, DEPOTS):
        return f"SELECT depot_id, name FROM {quoted(DEPOTS)}"
    return "SELECT NULL AS depot_id, NULL AS name"
