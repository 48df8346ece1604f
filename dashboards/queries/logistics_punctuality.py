"""On-time rates: of shipments whose promise has passed, how many arrived by then.

The outcome is that of the task (`label` of its settled cases), so that rates here and scores there speak of
the same thing. A shipment belongs to the day on which it was promised (UTC, as the task reckons).
"""

from datetime import date
from typing import Literal

import polars as pl

from analytics.rates import wilson_bounds
from analytics.task import Task
from dashboards.queries.reading import Read

By = Literal["carrier", "depot", "city", "country", "service"]
_NAMES: dict[By, tuple[str, str]] = {  # the first and the second name of what is compared
    "carrier": ("coalesce(carriers.name, shipments.carrier_id)", "NULL"),
    "depot": ("coalesce(depots.name, shipments.depot_id)", "NULL"),
    "city": ("coalesce(depots.name, shipments.depot_id)", "shipments.destination_city"),
    "country": ("coalesce(depots.name, shipments.depot_id)", "shipments.destination_country"),
    "service": ("shipments.service", "NULL"),
}


def on_time(read: Read, task: Task, since: date, until: date, by: By | None = None) -> pl.DataFrame:
    """`name, towards` (of a lane), `shipments, on_time, share, lower, upper` of promises from `since` to
    `until`, both included; one row where nothing is compared.
    """
    name, towards = _NAMES[by] if by else ("NULL", "NULL")
    sql = f"""
        SELECT {name} AS name, {towards} AS towards, {_COUNTS}
        FROM {_settled(task)} WHERE promised_at >= $since AND promised_at < $until + INTERVAL 1 DAY
        GROUP BY ALL ORDER BY ALL
    """
    return _with_share(read(sql, {"since": since, "until": until}))


def on_time_by_month(read: Read, task: Task, until: date, months: int, by: By) -> pl.DataFrame:
    """`month, name, shipments, on_time, share, lower, upper` of the last `months` until that of `until`."""
    name, _towards = _NAMES[by]
    sql = f"""
        SELECT CAST(date_trunc('month', promised_at) AS DATE) AS month, {name} AS name, {_COUNTS}
        FROM {_settled(task)}
        WHERE
            promised_at >= date_trunc('month', $until) - to_months($months - 1)
            AND promised_at < $until + INTERVAL 1 DAY
        GROUP BY ALL ORDER BY ALL
    """
    return _with_share(read(sql, {"until": until, "months": months}))


_COUNTS = "count(*) AS shipments, count(*) FILTER (label = 0) AS on_time"


def _settled(task: Task) -> str:
    return f"""
        (SELECT * FROM ({task.population}) WHERE label IS NOT NULL) AS settled
        JOIN logistics.shipments AS shipments ON shipments.shipment_id = settled.entity_id
        LEFT JOIN logistics.carriers AS carriers ON carriers.carrier_id = shipments.carrier_id
        LEFT JOIN logistics.depots AS depots ON depots.depot_id = shipments.depot_id
    """


def _with_share(counts: pl.DataFrame) -> pl.DataFrame:
    shares = counts.filter(pl.col("shipments") > 0).with_columns(
        share=pl.col("on_time") / pl.col("shipments")
    )
    lower, upper = wilson_bounds(pl.col("share"), pl.col("shipments"))
    return shares.with_columns(lower=lower, upper=upper)
