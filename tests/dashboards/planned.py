"""Made plans, forecasts and proposals: two routes with a late stop, one stop left out, two articles."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from analytics.forecasting.tables import COLUMNS as FORECASTS
from analytics.forecasting.tables import DEMAND, POLICIES, PROPOSALS, ensure_forecasts
from analytics.routing.tables import COLUMNS as PLAN_TABLES
from analytics.routing.tables import PLANS, ROUTES, STOPS, UNSERVED, ensure_plans
from pipelines.warehouse import quoted

DAY, UNPLANNED = date(2026, 11, 2), date(2026, 11, 3)
AS_OF = date(2026, 10, 31)
MADE = datetime(2026, 11, 1, 18)
CUSTOMER = "Zzyzx <b>Bold</b>"  # as in the furnished home: a name that must not be seen, with HTML in it
STREET = "1 Secret Lane"
VEHICLES = ("V001", "V002")
EACH = 4  # stops of a route
Rows = list[dict[str, Any]]


def logistics_rows() -> dict[str, Rows]:
    """The depot, its vehicles, the stops of two days, articles and 60 days of demand."""
    vans = [
        {
            "vehicle_id": vehicle, "depot_id": "D1", "capacity_kg": 800.0, "capacity_l": 5000.0,
            "shift_start": "07:00", "shift_end": "17:00", "fixed_cost": 60, "cost_per_km": 0.4,
            "cost_per_hour": 20, "co2_g_per_km": 210.0,
        }
        for vehicle in VEHICLES
    ]  # fmt: skip
    return {
        "logistics.depots": [
            {"depot_id": "D1", "name": "North", "opened_on": date(2020, 1, 5), "latitude": 51.50,
             "longitude": 7.45, "timezone": "Europe/Berlin"}
        ],
        "logistics.fleet": vans,
        "logistics.stops": [*(_stop(n, DAY) for n in range(9)), *(_stop(n, UNPLANNED) for n in range(9))],
        "logistics.articles": [
            {"sku": f"A{n}", "name": f"Article {n} <i>", "family": ("tools", "paper")[n % 2],
             "supplier": "Acme", "unit_cost": 2.5, "holding_rate": 0.2, "order_cost": 20,
             "shortage_cost": 5, "pack_size": 10}
            for n in range(2)
        ],
        "logistics.demand": [
            {"sku": f"A{n}", "depot_id": "D1", "day": AS_OF - timedelta(days=day), "quantity": 3 + day % 7}
            for n in range(2)
            for day in range(60)
            if day % 7  # days without demand are not in the table
        ],
    }  # fmt: skip


def _stop(number: int, day: date) -> dict[str, Any]:
    return {
        "stop_id": f"{day:%d}-{number}", "depot_id": "D1", "day": day, "kind": "delivery",
        "customer": CUSTOMER, "street": STREET, "latitude": 51.50 + 0.02 * (number % 3 - 1),
        "longitude": 7.45 + 0.03 * (number // 3 - 1) + 0.01, "place": "shop", "parcels": 2, "kg": 40.0,
        "litres": 100.0, "service_minutes": 6.0, "priority": 2,
        "ordered_at": datetime(2026, 10, 31, 9), "assigned_vehicle": VEHICLES[number % 2],
        "assigned_position": number // 2 + 1,
    }  # fmt: skip


def furnish_plans(connection: duckdb.DuckDBPyConnection) -> None:
    """Two plans for `DAY`, the newer one in force; forecasts, proposals and a backtest."""
    ensure_plans(connection)
    ensure_forecasts(connection)
    rows: dict[str, Rows] = {
        PLANS: [_plan("old", MADE - timedelta(hours=2), 150.0), _plan("new", MADE, 100.0)],
        ROUTES: [_route("new", number, vehicle) for number, vehicle in enumerate(VEHICLES, 1)],
        STOPS: [
            _planned(route, vehicle, position)
            for route, vehicle in enumerate(VEHICLES, 1)
            for position in range(1, EACH + 1)
        ],
        UNSERVED: [
            {"plan_id": "new", "stop_id": "02-8", "latitude": 51.52, "longitude": 7.49,
             "binds": "capacity",
             "detail": json.dumps({"dimension": "kg", "needs": 950, "most": 800})}
        ],
        DEMAND: [
            {"made_at": MADE, "as_of": AS_OF, "sku": sku, "depot_id": "D1",
             "day": AS_OF + timedelta(days=day), "mean": 6.0, "lower": 2.0, "upper": 11.0,
             "method": "AutoETS", "snapshot_id": 1}
            for sku in ("A0", "A1")
            for day in range(1, 15)
        ],
        PROPOSALS: [
            _proposal("A0", 40, 120.0, 0.82, "below_point", MADE),
            _proposal("A1", 0, 0.0, 0.01, "covers", MADE),
            _proposal("A1", 90, 245.0, 0.9, "below_point", MADE - timedelta(days=1)),
        ],
        POLICIES: [_judged("ours", 0.981, 800.0), _judged("in_use", 0.952, 1000.0)],
    }  # fmt: skip
    for table, given in rows.items():
        columns = list((PLAN_TABLES | FORECASTS)[table])
        marks = ", ".join("?" * len(columns))
        for row in given:
            connection.execute(f"INSERT INTO {quoted(table)} VALUES ({marks})", [row.get(c) for c in columns])


def _plan(name: str, made: datetime, kilometres: float) -> dict[str, Any]:
    figures = {
        "vehicles": 2, "stops": 2 * EACH, "unserved": 1, "late_stops": 1, "distance_km": kilometres,
        "driving_hours": 3.0, "duration_hours": 8.0, "cost": 400.0, "co2_kg": 21.0,
    }  # fmt: skip
    today = figures | {
        "how": "assigned", "distance_km": 125.0, "late_stops": 3, "cost": 400.0,
        "broken": {"capacity": 1, "shift": 0},
    }  # fmt: skip
    return figures | {
        "plan_id": name, "made_at": made, "depot_id": "D1", "day": DAY, "objective": "cost",
        "travel_source": "speeds learned from 1234 legs of past trips, by hour and area",
        "notes": json.dumps(["Windows that overlap were merged: S1, S2 and 3 more."]),
        "seed": 0, "search_seconds": 2.0, "snapshot_id": 1, "arrival_model": "v1",
        "in_use": json.dumps(today),
    }  # fmt: skip


def _route(plan: str, number: int, vehicle: str) -> dict[str, Any]:
    return {
        "plan_id": plan, "route": number, "vehicle_id": vehicle, "stops": EACH,
        "starts_at": datetime(2026, 11, 2, 7), "ends_at": datetime(2026, 11, 2, 11),
        "shift_starts_at": datetime(2026, 11, 2, 6), "shift_ends_at": datetime(2026, 11, 2, 16),
        "distance_km": 50.0, "driving_hours": 1.5, "waiting_hours": 0.5, "duration_hours": 4.0,
        "load_share": 0.7, "cost": 200.0, "co2_kg": 10.5, "late_stops": number - 1,
    }  # fmt: skip


def _planned(route: int, vehicle: str, position: int) -> dict[str, Any]:
    number = 4 * (route - 1) + position - 1
    at = datetime(2026, 11, 2, 7) + timedelta(minutes=50 * position)
    stop = _stop(number, DAY)
    late = 5.0 if (route, position) == (2, 3) else 0.0
    return {
        "plan_id": "new", "route": route, "position": position, "vehicle_id": vehicle,
        "stop_id": stop["stop_id"], "kind": "delivery", "latitude": stop["latitude"],
        "longitude": stop["longitude"], "arrives_at": at, "lower_at": at - timedelta(minutes=9),
        "upper_at": at + timedelta(minutes=16), "begins_at": at + timedelta(minutes=10),
        "leaves_at": at + timedelta(minutes=16), "opens_at": datetime(2026, 11, 2, 7, 30),
        "closes_at": at + timedelta(minutes=30), "leg_km": 12.5, "leg_minutes": 22.0,
        "waiting_minutes": 10.0, "service_minutes": 6.0, "load_share": 1 - position / 5,
        "load": '{"kg": 40.0}', "slack_minutes": 20.0, "late_minutes": late, "driven": False,
    }  # fmt: skip


def _proposal(
    sku: str, quantity: int, cost: float, urgency: float, why: str, made: datetime
) -> dict[str, Any]:
    return {
        "made_at": made, "as_of": AS_OF, "sku": sku, "depot_id": "D1", "quantity": quantity,
        "wanted": quantity, "cost": cost, "on_hand": 12.0, "on_order": 3.0, "reorder_point": 22.0,
        "order_up_to": 60.0, "service_level": 0.95, "lead_days": 4.0, "expected_demand": 31.0,
        "days_left": 2.5, "urgency": urgency, "saving": 1.0, "why": why, "snapshot_id": 1,
    }  # fmt: skip


def _judged(policy: str, fill_rate: float, cost: float) -> dict[str, Any]:
    return {
        "made_at": MADE, "policy": policy, "days": 180, "articles": 2, "fill_rate": fill_rate,
        "stock_out_days": 7, "holding_cost": cost / 2, "order_cost": cost / 4, "shortage_cost": cost / 4,
        "total_cost": cost, "mean_stock": 30.0, "orders": 40,
    }  # fmt: skip
