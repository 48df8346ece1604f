"""The stops that vehicles still have to reach today, with what people know them by."""

from analytics.task import Task
from dashboards.queries.cases import Events, Facts
from pipelines.warehouse import quoted
from pipelines.words import words

_THIS_TRIP = "trip_id = split_part($entity_id, '/', 1)"
_THIS_STOP = f"{_THIS_TRIP} AND position = TRY_CAST(split_part($entity_id, '/', 2) AS BIGINT)"


def arrivals_sql(task: Task) -> str:
    """Every stop scored at `$as_of`, the latest first, with depot, vehicle, place and expected arrival."""
    return f"""
        SELECT
            scored.*,
            depots.name AS depot, trips.vehicle_id, stops.stop_id, stops.place,
            stops.planned_at, stops.closes_at,
            stops.planned_at + to_minutes(CAST(round(scored.score) AS BIGINT)) AS expected_at
        FROM (FROM {quoted(task.predictions_table)} WHERE as_of = $as_of) AS scored
        LEFT JOIN logistics.trip_stops AS stops
            ON
                stops.trip_id = split_part(scored.entity_id, '/', 1)
                AND stops.position = TRY_CAST(split_part(scored.entity_id, '/', 2) AS BIGINT)
        LEFT JOIN logistics.trips AS trips ON trips.trip_id = stops.trip_id
        LEFT JOIN logistics.depots AS depots ON depots.depot_id = trips.depot_id
        ORDER BY scored.score DESC, scored.entity_id
    """


FACTS = (
    Facts(
        "logistics.trip_stops",
        f"""
        SELECT stop_id, place, parcels, kg, leg_km, planned_at, closes_at
        FROM logistics.trip_stops WHERE {_THIS_STOP}
        """,
    ),
    Facts(
        "logistics.trips",
        f"SELECT vehicle_id, left_at, weather, temperature_c FROM logistics.trips WHERE {_THIS_TRIP}",
    ),
    Facts(
        "logistics.depots",
        f"""
        SELECT depots.name FROM logistics.depots AS depots
        JOIN logistics.trips AS trips ON trips.depot_id = depots.depot_id
        WHERE {_THIS_TRIP}
        """,
        labels={"name": words("Depot", "所属仓库")},
    ),
)
EVENTS = (
    Events(
        "logistics.trip_stops",
        f"""
        SELECT arrived_at, place, position FROM logistics.trip_stops
        WHERE {_THIS_TRIP} AND arrived_at < $until
        ORDER BY arrived_at DESC LIMIT $most
        """,
        at="arrived_at",
        what="place",
        value="position",
    ),
)
