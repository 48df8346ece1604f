"""Plans in the warehouse: written in one transaction, found again by their number or their depot and day."""

from datetime import date

import duckdb
import polars as pl

from analytics.routing.plan import Frames
from analytics.routing.tables import COLUMNS, PLANS, ROUTES, STOPS, UNSERVED, ensure_plans
from connectors.errors import AssistantError, did_you_mean
from pipelines.records import insert
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted


def publish(settings: Settings, plan: Frames) -> str:
    """Stores a plan, from now on in force for its depot and day; returns its number."""
    parts = {PLANS: plan.plans, ROUTES: plan.routes, STOPS: plan.stops, UNSERVED: plan.unserved}

    def write(connection: duckdb.DuckDBPyConnection) -> None:
        ensure_plans(connection)
        for table, rows in parts.items():
            if rows.height:
                insert(connection, table, rows, COLUMNS[table])

    Warehouse(settings).write(write)
    return plan.plan_id


def newest(settings: Settings, depot_id: str, day: date, *, snapshot: int | None = None) -> str | None:
    """The number of the plan in force for a depot and day; None where there is none."""
    warehouse = Warehouse(settings)
    if not warehouse.exists(PLANS):
        return None
    found = warehouse.query(
        f"SELECT plan_id FROM {quoted(PLANS)} WHERE depot_id = ? AND day = ? ORDER BY made_at DESC LIMIT 1",
        [depot_id, day],
        snapshot=snapshot,
    )
    return str(found["plan_id"][0]) if found.height else None


def cancelled_before(settings: Settings, plan: Frames, *, snapshot: int | None = None) -> frozenset[str]:
    """The stops that were cancelled when this plan, or one that it follows from, was made.

    They are those of the plans it replaces, directly or through others, that it does not have itself.
    """
    rows = Warehouse(settings).query(
        f"""
        WITH RECURSIVE before AS (
            SELECT replaces FROM {quoted(PLANS)} WHERE plan_id = ?
            UNION
            SELECT plans.replaces FROM {quoted(PLANS)} AS plans JOIN before ON plans.plan_id = before.replaces
        )
        SELECT stop_id FROM {quoted(STOPS)} WHERE plan_id IN (SELECT replaces FROM before)
        UNION
        SELECT stop_id FROM {quoted(UNSERVED)} WHERE plan_id IN (SELECT replaces FROM before)
        """,
        [plan.plan_id],
        snapshot=snapshot,
    )
    return frozenset(rows["stop_id"]).difference(plan.stops["stop_id"], plan.unserved["stop_id"])


def stored(settings: Settings, plan_id: str, *, snapshot: int | None = None) -> Frames:
    """The rows of a plan; raises AssistantError where there is none of that number."""
    warehouse = Warehouse(settings)
    if not warehouse.exists(PLANS):
        raise AssistantError("There is no plan yet.", "Make one with `sda routes solve DEPOT`.")
    order = {ROUTES: " ORDER BY route", STOPS: " ORDER BY route, position"}
    with warehouse.reading(snapshot) as connection:
        parts = {
            table: connection.execute(
                f"SELECT {', '.join(map(quoted, COLUMNS[table]))} FROM {quoted(table)} "
                f"WHERE plan_id = ?{order.get(table, '')}",
                [plan_id],
            ).pl()
            for table in (PLANS, ROUTES, STOPS, UNSERVED)
        }
    if parts[PLANS].is_empty():
        known = plans(settings)["plan_id"].to_list()
        raise AssistantError(f"There is no plan «{plan_id}».", did_you_mean(plan_id, known))
    return Frames(parts[PLANS], parts[ROUTES], parts[STOPS], parts[UNSERVED])


def plans(settings: Settings) -> pl.DataFrame:
    """All plans, the newest first: rows of `plans.plans` with `in_force`."""
    warehouse = Warehouse(settings)
    if not warehouse.exists(PLANS):
        return pl.DataFrame(schema={"plan_id": pl.String})
    newest = "made_at DESC, plan_id DESC"
    return warehouse.query(
        f"SELECT *, row_number() OVER (PARTITION BY depot_id, day ORDER BY {newest}) = 1 AS in_force "
        f"FROM {quoted(PLANS)} ORDER BY day DESC, depot_id, {newest}"
    )
