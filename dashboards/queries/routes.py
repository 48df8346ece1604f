"""Plans in force with what people know their stops by.

Customers and streets are not masked here: pass them through `pipelines.access` before they are shown.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from analytics.routing.tables import PLANS, ROUTES, STOPS, UNSERVED
from dashboards.queries.reading import Read, has_table
from pipelines.warehouse import quoted

DEPOTS, KNOWN_STOPS, FLEET = "logistics.depots", "logistics.stops", "logistics.fleet"
# What `logistics.stops` adds to a row of a plan.
KNOWN = (
    *("customer", "street", "place", "parcels", "kg", "litres", "priority", "skills"),
    *("picked_up_at", "assigned_vehicle"),
)


@dataclass(frozen=True, eq=False)
class PlanRows:
    """One plan: its row of `plans.plans`, and its routes, stops and unserved stops with what `KNOWN` adds.

    `depot` holds name, latitude, longitude and timezone.
    """

    plan: dict[str, Any]
    routes: pl.DataFrame
    stops: pl.DataFrame
    unserved: pl.DataFrame
    depot: dict[str, Any]

    @property
    def zone(self) -> str:
        """The clock of the depot; UTC where it names none that exists."""
        try:
            return ZoneInfo(self.depot["timezone"] or "").key
        except (ValueError, ZoneInfoNotFoundError):
            return "UTC"


def planning_days(read: Read) -> pl.DataFrame:
    """`depot_id, depot, day, stops, plan_id, made_at, unserved`: days with stops or a plan, newest first.

    Without a plan `plan_id` is null. `unserved` are the stops that the plan leaves out.
    """
    parts = ["SELECT NULL::VARCHAR AS depot_id, NULL::DATE AS day, 0::BIGINT AS stops WHERE false"]
    if has_table(read, KNOWN_STOPS):
        parts.append(f"SELECT depot_id, day, count(*) AS stops FROM {quoted(KNOWN_STOPS)} GROUP BY ALL")
    if has_table(read, PLANS):
        parts.append(f"SELECT DISTINCT depot_id, day, 0 AS stops FROM {quoted(PLANS)}")
        plans = _in_force()
    else:
        nothing = "NULL AS plan_id, NULL AS made_at, 0 AS unserved"
        plans = f"SELECT NULL::VARCHAR AS depot_id, NULL::DATE AS day, {nothing}"
    names = quoted(DEPOTS) if has_table(read, DEPOTS) else "(SELECT NULL AS depot_id, NULL AS name)"
    return read(
        f"""
        SELECT days.depot_id, coalesce(any_value(depots.name), days.depot_id) AS depot, days.day,
            CAST(sum(days.stops) AS BIGINT) AS stops,
            any_value(plans.plan_id) AS plan_id, any_value(plans.made_at) AS made_at,
            CAST(coalesce(any_value(plans.unserved), 0) AS BIGINT) AS unserved
        FROM ({" UNION ALL ".join(parts)}) AS days
        LEFT JOIN ({plans}) AS plans USING (depot_id, day)
        LEFT JOIN {names} AS depots ON depots.depot_id = days.depot_id
        GROUP BY days.depot_id, days.day
        ORDER BY days.day DESC, days.depot_id
        """,
        {},
    )


def plan_in_force(read: Read, depot_id: str, day: date) -> PlanRows | None:
    """The newest plan of a depot and day; None where there is none."""
    if not has_table(read, PLANS):
        return None
    found = read(
        f"FROM ({_in_force()}) WHERE depot_id = $depot AND day = $day", {"depot": depot_id, "day": day}
    )
    if found.is_empty():
        return None
    plan = found.row(0, named=True)
    rows = {
        table: read(f"SELECT * FROM {quoted(table)} WHERE plan_id = $plan", {"plan": plan["plan_id"]})
        for table in (ROUTES, STOPS, UNSERVED)
    }
    return plan_rows(read, plan, rows[ROUTES], rows[STOPS], rows[UNSERVED])


def plan_rows(
    read: Read, plan: dict[str, Any], routes: pl.DataFrame, stops: pl.DataFrame, unserved: pl.DataFrame
) -> PlanRows:
    """A plan, stored or only tried out, with what is known of its depot and stops."""
    known = _known_stops(read, [*stops["stop_id"], *unserved["stop_id"]])
    return PlanRows(
        plan=plan,
        routes=routes.sort("route"),
        stops=stops.join(known, on="stop_id", how="left").sort("route", "position"),
        unserved=unserved.join(known, on="stop_id", how="left").sort("stop_id"),
        depot=_depot(read, str(plan["depot_id"])),
    )


def fleet_of(read: Read, depot_id: str) -> list[str]:
    """The vehicles of a depot."""
    sql = f"SELECT vehicle_id FROM {quoted(FLEET)} WHERE depot_id = $depot ORDER BY vehicle_id"
    return read(sql, {"depot": depot_id})["vehicle_id"].to_list() if has_table(read, FLEET) else []


def _in_force() -> str:
    newest = "row_number() OVER (PARTITION BY depot_id, day ORDER BY made_at DESC, plan_id DESC) = 1"
    return f"SELECT * FROM {quoted(PLANS)} QUALIFY {newest}"


def _known_stops(read: Read, stops: list[str]) -> pl.DataFrame:
    """`stop_id` and `KNOWN` of those stops that are in the warehouse."""
    columns = ", ".join(KNOWN)
    if not has_table(read, KNOWN_STOPS):
        return pl.DataFrame(schema=dict.fromkeys(("stop_id", *KNOWN), pl.String))
    return read(
        f"SELECT stop_id, {columns} FROM {quoted(KNOWN_STOPS)} WHERE list_contains($stops, stop_id)",
        {"stops": stops},
    )


def _depot(read: Read, depot_id: str) -> dict[str, Any]:
    sql = f"SELECT name, latitude, longitude, timezone FROM {quoted(DEPOTS)} WHERE depot_id = $depot"
    found = read(sql, {"depot": depot_id}) if has_table(read, DEPOTS) else pl.DataFrame()
    if found.is_empty():
        return {"name": depot_id, "latitude": None, "longitude": None, "timezone": "UTC"}
    return found.row(0, named=True)
