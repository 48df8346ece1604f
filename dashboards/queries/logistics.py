"""The carrier's scored shipments with what people know them by."""

from datetime import datetime

import polars as pl

from analytics.task import Task
from dashboards.queries.reading import Read
from pipelines.warehouse import quoted


def shipments(read: Read, task: Task, as_of: datetime) -> pl.DataFrame:
    """Every shipment scored at `as_of`, highest score first, with depot, carrier, service and promise.

    Not masked: pass it through `pipelines.access` before it is shown.
    """
    sql = f"""
        SELECT
            scored.*,
            depots.name AS depot, carriers.name AS carrier, carriers.mode, shipments.service,
            shipments.dispatched_at, shipments.promised_at,
            shipments.consignee, shipments.destination_city, shipments.destination_country,
            shipments.distance_km
        FROM (FROM {quoted(task.predictions_table)} WHERE as_of = $as_of) AS scored
        LEFT JOIN logistics.shipments AS shipments ON shipments.shipment_id = scored.entity_id
        LEFT JOIN logistics.depots AS depots ON depots.depot_id = shipments.depot_id
        LEFT JOIN logistics.carriers AS carriers ON carriers.carrier_id = shipments.carrier_id
        ORDER BY scored.score DESC, scored.entity_id
    """
    return read(sql, {"as_of": as_of})
