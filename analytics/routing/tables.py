"""The plans in the warehouse: which columns they have, and that they are there."""

import duckdb

from pipelines.records import ensure_table

PLANS, ROUTES, STOPS, UNSERVED = "plans.plans", "plans.routes", "plans.stops", "plans.unserved"

COLUMNS: dict[str, dict[str, str]] = {
    # One row per plan. The newest of a depot and day is in force; `replaces` is the one it was made from.
    PLANS: {
        "plan_id": "VARCHAR",
        "made_at": "TIMESTAMP",
        "depot_id": "VARCHAR",
        "day": "DATE",
        "replaces": "VARCHAR",
        "objective": "VARCHAR",
        "travel_source": "VARCHAR",
        "notes": "VARCHAR",  # JSON: list of sentences
        "seed": "BIGINT",
        "search_seconds": "DOUBLE",
        "snapshot_id": "BIGINT",
        "arrival_model": "VARCHAR",  # version of the model of the intervals, or how else they were made
        "vehicles": "BIGINT",
        "stops": "BIGINT",
        "unserved": "BIGINT",
        "late_stops": "BIGINT",
        "distance_km": "DOUBLE",
        "driving_hours": "DOUBLE",
        "duration_hours": "DOUBLE",
        "cost": "DOUBLE",
        "co2_kg": "DOUBLE",
        # The same figures of what is done today, and how that was made: assigned, or nearest neighbour.
        "in_use": "VARCHAR",  # JSON: {"how", "vehicles", "late_stops", "unserved", "distance_km", ...}
    },
    ROUTES: {
        "plan_id": "VARCHAR",
        "route": "BIGINT",
        "vehicle_id": "VARCHAR",
        "stops": "BIGINT",
        "starts_at": "TIMESTAMP",
        "ends_at": "TIMESTAMP",
        "shift_starts_at": "TIMESTAMP",
        "shift_ends_at": "TIMESTAMP",
        "distance_km": "DOUBLE",
        "driving_hours": "DOUBLE",
        "waiting_hours": "DOUBLE",
        "duration_hours": "DOUBLE",
        "load_share": "DOUBLE",  # of the fullest dimension at its fullest moment
        "cost": "DOUBLE",
        "co2_kg": "DOUBLE",
        "late_stops": "BIGINT",
    },
    STOPS: {
        "plan_id": "VARCHAR",
        "route": "BIGINT",
        "position": "BIGINT",
        "vehicle_id": "VARCHAR",
        "stop_id": "VARCHAR",
        "kind": "VARCHAR",
        "latitude": "DOUBLE",
        "longitude": "DOUBLE",
        "arrives_at": "TIMESTAMP",
        "lower_at": "TIMESTAMP",  # nine in ten arrivals lie between lower and upper
        "upper_at": "TIMESTAMP",
        "begins_at": "TIMESTAMP",  # of service, after waiting for the window
        "leaves_at": "TIMESTAMP",
        "opens_at": "TIMESTAMP",
        "closes_at": "TIMESTAMP",
        "leg_km": "DOUBLE",
        "leg_minutes": "DOUBLE",
        "waiting_minutes": "DOUBLE",
        "service_minutes": "DOUBLE",
        "load_share": "DOUBLE",  # when leaving the stop
        "load": "VARCHAR",  # JSON: dimension -> amount when leaving the stop
        "slack_minutes": "DOUBLE",  # how much later it may come without any stop of the route being late
        "late_minutes": "DOUBLE",
        "driven": "BOOLEAN",  # already served when the plan was made
    },
    UNSERVED: {
        "plan_id": "VARCHAR",
        "stop_id": "VARCHAR",
        "latitude": "DOUBLE",
        "longitude": "DOUBLE",
        "binds": "VARCHAR",  # window, capacity, skill, shift, distance, fleet, prize
        "detail": "VARCHAR",  # JSON: the numbers the reason quotes
    },
}

# Whose rows they are: column -> the column it refers to, as contracts say it of tables that are loaded.
REFERENCES: dict[str, dict[str, str]] = {
    PLANS: {"depot_id": "logistics.depots.depot_id"},
    ROUTES: {"plan_id": f"{PLANS}.plan_id"},
    STOPS: {"plan_id": f"{PLANS}.plan_id"},
    UNSERVED: {"plan_id": f"{PLANS}.plan_id"},
}


def ensure_plans(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the tables that are not there yet, and columns they lack, within the caller's transaction."""
    for table, columns in COLUMNS.items():
        ensure_table(connection, table, columns)
