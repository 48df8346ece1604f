"""Why shipments were late: their minutes divided among declared causes and what no scan explains."""

from dataclasses import asdict, dataclass
from datetime import date

import polars as pl

from analytics.task import Task
from dashboards.queries.reading import Read
from pipelines.logistics.delay_causes import LABELS, lateness_sql
from pipelines.queries import exact_sum


@dataclass(frozen=True)
class Late:
    """The late shipments promised from `since` to `until`, both included; "" is any carrier, any depot."""

    since: date
    until: date
    carrier: str = ""
    depot: str = ""


def delay_causes(read: Read, task: Task, late: Late) -> pl.DataFrame:
    """`cause, minutes, share` (of all minutes late), `shipments` (it explains some of), `main` (most of).

    In the order of the causes, the unexplained last.
    """
    sql = f"""
        WITH parts AS ({_parts(task)}),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY shipment_id ORDER BY minutes DESC, cause) AS place
            FROM parts
        )
        SELECT
            cause, {exact_sum("minutes")} AS minutes,
            count(*) FILTER (ranked.minutes > 0) AS shipments, count(*) FILTER (place = 1) AS main
        FROM ranked GROUP BY cause
    """
    found = read(sql, asdict(late))
    order = pl.DataFrame({"cause": list(LABELS)})
    return order.join(found, on="cause", how="inner", maintain_order="left").with_columns(
        share=pl.col("minutes") / pl.col("minutes").sum()
    )


def latest(read: Read, task: Task, late: Late, cause: str = "", most: int = 50) -> pl.DataFrame:
    """The shipments that a cause (default: any) held up longest, longest first.

    `shipment_id, carrier, depot, destination_city, promised_at, delivered_at, late_minutes, cause` (the one
    asked for, or the main one), `minutes` (that it explains).
    """
    sql = f"""
        WITH parts AS ({_parts(task)}),
        chosen AS (
            FROM parts WHERE minutes > 0 AND $cause IN (cause, '')
            QUALIFY row_number() OVER (PARTITION BY shipment_id ORDER BY minutes DESC, cause) = 1
        )
        SELECT
            chosen.shipment_id, carriers.name AS carrier, depots.name AS depot,
            shipments.destination_city,
            chosen.promised_at, chosen.delivered_at, chosen.late_minutes, chosen.cause, chosen.minutes
        FROM chosen
        JOIN logistics.shipments AS shipments ON shipments.shipment_id = chosen.shipment_id
        LEFT JOIN logistics.carriers AS carriers ON carriers.carrier_id = chosen.carrier_id
        LEFT JOIN logistics.depots AS depots ON depots.depot_id = chosen.depot_id
        ORDER BY chosen.minutes DESC, chosen.shipment_id LIMIT $most
    """
    return read(sql, {**asdict(late), "cause": cause, "most": most})


def _parts(task: Task) -> str:
    return f"""
        FROM ({lateness_sql(task.population)})
        WHERE $carrier IN (carrier_id, '') AND $depot IN (depot_id, '')
    """
