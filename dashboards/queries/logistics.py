"""The carrier's scored shipments with what people know them by."""

from analytics.task import Task
from dashboards.queries.cases import Events, Facts
from dashboards.queries.predictions import scored_at
from pipelines.words import words


def shipments_sql(task: Task, scored: str = "") -> str:
    """Every shipment scored at `$as_of` (or the predictions `scored`) with depot and carrier, as SQL.

    Not masked: pass it through `pipelines.access` before it is shown.
    """
    return f"""
        SELECT
            scored.*,
            depots.name AS depot, carriers.name AS carrier, carriers.mode, shipments.service,
            shipments.dispatched_at, shipments.promised_at,
            shipments.consignee, shipments.destination_city,
            shipments.destination_country, shipments.distance_km
        FROM {scored or scored_at(task)} AS scored
        LEFT JOIN logistics.shipments AS shipments ON shipments.shipment_id = scored.entity_id
        LEFT JOIN logistics.depots AS depots ON depots.depot_id = shipments.depot_id
        LEFT JOIN logistics.carriers AS carriers ON carriers.carrier_id = shipments.carrier_id
    """


FACTS = (
    Facts(
        "logistics.shipments",
        """
        SELECT
            service, ordered_at, dispatched_at, promised_at,
            CASE WHEN delivered_at < CAST($as_of AS DATE) + 1 THEN delivered_at END AS delivered_at,
            consignee, destination_city, destination_postal_code, destination_country, distance_km,
            declared_value
        FROM logistics.shipments WHERE shipment_id = $entity_id
        """,
    ),
    Facts(
        "logistics.carriers",
        """
        SELECT carriers.name, carriers.mode FROM logistics.carriers AS carriers
        JOIN logistics.shipments AS shipments ON shipments.carrier_id = carriers.carrier_id
        WHERE shipment_id = $entity_id
        """,
        labels={"name": words("Carrier", "承运商"), "mode": words("Means of transport", "运输方式")},
    ),
    Facts(
        "logistics.depots",
        """
        SELECT depots.name FROM logistics.depots AS depots
        JOIN logistics.shipments AS shipments ON shipments.depot_id = depots.depot_id
        WHERE shipment_id = $entity_id
        """,
        labels={"name": words("Depot", "发货仓库")},
    ),
    Facts(
        "logistics.shipment_items",
        """
        SELECT
            CAST(sum(quantity) AS BIGINT) AS quantity,
            sum(weight_kg) AS weight_kg, sum(volume_l) AS volume_l, bool_or(hazardous) AS hazardous
        FROM logistics.shipment_items WHERE shipment_id = $entity_id
        """,
    ),
)
EVENTS = (
    Events(
        "logistics.tracking_events",
        """
        SELECT occurred_at, event_type, location FROM logistics.tracking_events
        WHERE shipment_id = $entity_id AND recorded_at < $until
        ORDER BY occurred_at DESC LIMIT $most
        """,
        at="occurred_at",
        what="event_type",
        value="location",
    ),
)
