"""Plans as `sda routes` prints them: one document for programs, a few lines for people."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flows.answer import table
from flows.progress import progress

if TYPE_CHECKING:
    from analytics.routing.plan import Frames, Plan
    from analytics.routing.problem import Problem, Solution
    from analytics.routing.unserved import Unserved

_OFTEN_ENOUGH = 0.3  # seconds between two lines of progress


def best_so_far() -> Callable[[float, float], None]:
    """A listener of a search: says the best cost, and after how many seconds it was found."""
    last = -_OFTEN_ENOUGH

    def listen(seconds: float, cost: float) -> None:
        nonlocal last
        if time.monotonic() - last >= _OFTEN_ENOUGH:
            last = time.monotonic()
            progress(f"  {seconds:6.1f} s  best cost {cost:,.2f}")

    return listen


def solved(problem: "Problem", solution: "Solution", found: "list[Unserved]") -> dict[str, Any]:
    """The plan of a file, in its units."""
    names = _names(problem)
    return {
        "cost": solution.cost,
        "distance": solution.metres,
        "duration": solution.seconds,
        "routes": [[names[number] for number in route.stops] for route in solution.routes],
        "feasible": solution.feasible,
        "late_stops": [names[number] for number in solution.late],
        "unserved": [names[number] for number in solution.unserved],
        "reasons": [
            {"stop": names[reason.stop], "binds": reason.binds, "detail": reason.detail} for reason in found
        ],
        "objective": problem.objective,
        "travel_source": problem.travel.source,
        "notes": [*problem.notes, *problem.travel.notes],
        "seed": solution.seed,
        "iterations": solution.iterations,
        "seconds": solution.search_seconds,
    }


def published(plan: "Plan") -> dict[str, Any]:
    """A plan of the warehouse in the same words, its whole day: what is driven is part of a replanned one."""
    head, stops = plan.plans.row(0, named=True), plan.stops.rows(named=True)
    routes = plan.routes.rows(named=True)
    return {
        "plan_id": plan.plan_id,
        "depot": head["depot_id"],
        "day": head["day"],
        "replaces": head["replaces"],
        "cost": head["cost"] if head["objective"] == "cost" else head["distance_km"],
        "distance": head["distance_km"],
        "duration": head["duration_hours"],
        "routes": [[s["stop_id"] for s in stops if s["route"] == route["route"]] for route in routes],
        "feasible": plan.solution.feasible,
        "late_stops": [stop["stop_id"] for stop in stops if stop["late_minutes"] > 0],
        "unserved": plan.unserved["stop_id"].to_list(),
        "vehicles": [route["vehicle_id"] for route in routes],
        "driven": [stop["stop_id"] for stop in stops if stop["driven"]],
        "reasons": _reasons(plan),
        "objective": head["objective"],
        "units": {"distance": "km", "duration": "hours"},
        "travel_source": head["travel_source"],
        "notes": json.loads(head["notes"]),
        "seed": head["seed"],
        "iterations": plan.solution.iterations,
        "seconds": head["search_seconds"],
        "money": head["cost"],
        "co2_kg": head["co2_kg"],
        "in_use": json.loads(head["in_use"]) if head["in_use"] else None,
    }


def file_text(document: dict[str, Any]) -> str:
    """A solved file, for people."""
    from dashboards.domains.logistics.plan_words import plain_reason
    from dashboards.wording import say

    lines = [_headline(document)]
    for number, stops in enumerate(document["routes"], 1):
        lines.append(f"  {number}: {' '.join(map(str, stops))}")
    lines += [
        f"  not served: {row['stop']}. {plain_reason(row['binds'], say('en'))}" for row in document["reasons"]
    ]
    return "\n".join([*lines, *_notes(document["notes"])])


def plan_text(plan: "Frames", zone: str) -> str:
    """A plan of the warehouse, for people: its routes, what is left out and why, what it saves."""
    from dashboards.domains.logistics.plan_words import clock, unserved_reason

    head = plan.plans.row(0, named=True)
    lines = [
        f"Plan {plan.plan_id}: {head['depot_id']} on {head['day']}",
        f"  {head['distance_km']:,.1f} km, {head['duration_hours']:,.1f} hours, cost {head['cost']:,.2f}",
        f"  {head['vehicles']} vehicles, {head['stops']} stops, {head['co2_kg']:,.1f} kg CO2",
        f"  late stops {head['late_stops']}, not served {head['unserved']}",
        f"  travel times: {head['travel_source']}",
    ]
    if head["in_use"]:
        lines.append(_saving(json.loads(head["in_use"])))
    rows = [
        {
            "vehicle": row["vehicle_id"],
            "stops": row["stops"],
            "leaves": clock(row["starts_at"], zone),
            "back": clock(row["ends_at"], zone),
            "km": row["distance_km"],
            "load": f"{row['load_share']:.0%}",
            "late": row["late_stops"],
        }
        for row in plan.routes.rows(named=True)
    ]
    lines.append(table(rows, "No vehicle drives."))
    lines += [
        f"  {row['stop_id']}: {unserved_reason(row['binds'], row['detail'], 'en', zone)}"
        for row in plan.unserved.rows(named=True)
    ]
    return "\n".join([*lines, *_notes(json.loads(head["notes"] or "[]"))])


def _headline(document: dict[str, Any]) -> str:
    state = "feasible" if document["feasible"] else "not feasible"
    return (
        f"{state}: cost {document['cost']:,.2f}, distance {document['distance']:,.2f}, "
        f"duration {document['duration']:,.2f}, {len(document['routes'])} routes"
    )


def _saving(today: dict[str, Any]) -> str:
    how = {
        "assigned": "the plan in use",
        "nearest neighbour": "today's assignment, driven to the nearest next",
        "rule": "vehicle after vehicle driving to the nearest stop that fits",
    }[today["how"]]
    saved = today["saved"]
    return (
        f"  against {how} ({today['distance_km']:,.1f} km, cost {today['cost']:,.2f}, "
        f"{today['late_stops']} late, {today['unserved']} not served) it saves "
        f"{saved['distance_km']:,.1f} km, {saved['duration_hours']:,.1f} hours, "
        f"{saved['cost']:,.2f} and {saved['late_stops']} late stops"
    )


def _notes(notes: list[str]) -> list[str]:
    return [f"  note: {note}" for note in notes]


def _names(problem: "Problem") -> list[str | int]:
    """The names of the stops; numbers where a benchmark file numbers them."""
    names = [stop.name for stop in problem.stops]
    numbered = problem.begins is None and all(name.isdecimal() for name in names)
    return [int(name) for name in names] if numbered else list(names)


def document_of(plan: "Frames") -> dict[str, Any]:
    """A stored plan as one document: its figures, routes with their stops, and what is left out."""
    head, stops = plan.plans.row(0, named=True), plan.stops.rows(named=True)
    return {
        **head,
        "notes": json.loads(head["notes"] or "[]"),
        "in_use": json.loads(head["in_use"]) if head["in_use"] else None,
        "routes": [
            {**route, "visits": [_visit(stop) for stop in stops if stop["route"] == route["route"]]}
            for route in plan.routes.rows(named=True)
        ],
        "reasons": _reasons(plan),
    }


def _reasons(plan: "Frames") -> list[dict[str, Any]]:
    return [
        {"stop": row["stop_id"], "binds": row["binds"], "detail": json.loads(row["detail"] or "{}")}
        for row in plan.unserved.rows(named=True)
    ]


def _visit(stop: dict[str, Any]) -> dict[str, Any]:
    return {**stop, "load": json.loads(stop["load"])}
