"""The carrier's scored vehicles with what people know them by."""

from analytics.task import Task
from dashboards.queries.cases import Events, Facts
from pipelines.warehouse import quoted
from pipelines.words import words


def vehicles_sql(task: Task) -> str:
    """Every vehicle scored at `$as_of`, highest score first, with depot, model, age and recent messages."""
    return f"""
        SELECT
            scored.*,
            depots.name AS depot, vehicles.model, vehicles.in_service_on, vehicles.km_a_year,
            coalesce(recent.messages, 0) AS messages
        FROM (FROM {quoted(task.predictions_table)} WHERE as_of = $as_of) AS scored
        LEFT JOIN logistics.vehicles AS vehicles ON vehicles.vehicle_id = scored.entity_id
        LEFT JOIN logistics.depots AS depots ON depots.depot_id = vehicles.depot_id
        LEFT JOIN (
            SELECT vehicle_id, count(*) AS messages FROM logistics.vehicle_events
            WHERE event_at < CAST($as_of AS DATE) + 1 AND event_at >= CAST($as_of AS DATE) - 27
            GROUP BY vehicle_id
        ) AS recent ON recent.vehicle_id = scored.entity_id
        ORDER BY scored.score DESC, scored.entity_id
    """


FACTS = (
    Facts(
        "logistics.vehicles",
        """
        SELECT model, built_on, in_service_on, km_a_year
        FROM logistics.vehicles WHERE vehicle_id = $entity_id
        """,
    ),
    Facts(
        "logistics.depots",
        """
        SELECT depots.name FROM logistics.depots AS depots
        JOIN logistics.vehicles AS vehicles ON vehicles.depot_id = depots.depot_id
        WHERE vehicle_id = $entity_id
        """,
        labels={"name": words("Depot", "所属仓库")},
    ),
)
EVENTS = (
    Events(
        "logistics.vehicle_events",
        """
        SELECT event_at, code, value FROM logistics.vehicle_events
        WHERE vehicle_id = $entity_id AND event_at < $until
        ORDER BY event_at DESC LIMIT $most
        """,
        at="event_at",
        what="code",
        value="value",
    ),
    Events(
        "logistics.breakdowns",
        """
        SELECT happened_at, breakdown_id, repair_cost FROM logistics.breakdowns
        WHERE vehicle_id = $entity_id AND happened_at < $until
        ORDER BY happened_at DESC LIMIT $most
        """,
        at="happened_at",
        what="breakdown_id",
        value="repair_cost",
    ),
)
