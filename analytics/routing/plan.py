"""A plan: what the search found, with everything that people drive by and compare."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Event
from typing import Any
from uuid import uuid4

import polars as pl

from analytics.routing.figures import Figures, figures_of
from analytics.routing.in_use import InUse, assignments, in_use
from analytics.routing.plan_rows import Past, frame, past_rows, route_row, stop_rows
from analytics.routing.problem import Objective, Problem, Solution
from analytics.routing.schedule import timed
from analytics.routing.tables import PLANS, ROUTES, STOPS, UNSERVED
from analytics.routing.traffic import Progress, Search, search
from analytics.routing.unserved import reasons
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


@dataclass(frozen=True)
class Frames:
    """The rows of a plan in the four tables `plans.*`; `plans` has one."""

    plans: pl.DataFrame
    routes: pl.DataFrame
    stops: pl.DataFrame
    unserved: pl.DataFrame

    @property
    def plan_id(self) -> str:
        return str(self.plans["plan_id"][0])


@dataclass(frozen=True)
class Plan(Frames):
    """A plan just made: its rows, and what they were made from."""

    problem: Problem
    solution: Solution

    @property
    def figures(self) -> Figures:
        return figures_of(self.routes.rows(named=True), len(self.solution.unserved))


@dataclass(frozen=True)
class Origin:
    """Whose plan it is, and what it was made from."""

    depot_id: str
    day: date
    snapshot: int | None = None
    replaces: str = ""


def plan_day(
    settings: Settings,
    depot_id: str,
    day: date,
    *,
    seconds: float | None = None,
    seed: int = 0,
    on_progress: Progress | None = None,
    stop: Event | None = None,
) -> Plan:
    """Plans a depot's day and publishes the plan; without `seconds` the search takes those of the settings.

    When `stop` is set, the best plan so far is published. Raises AssistantError where there is nothing to
    plan.
    """
    how = Search(seconds or settings.routing.seconds, seed=seed, on_progress=on_progress, stop=stop)
    return plan_with(settings, depot_id, day, how)


def plan_with(
    settings: Settings, depot_id: str, day: date, how: Search, objective: Objective | None = None
) -> Plan:
    """Reads the day's problem, searches, compares with what is done today and publishes the plan."""
    from analytics.routing.publishing import publish
    from analytics.routing.reading import problem_of

    warehouse = Warehouse(settings)  # held to the end, so that the lake is opened once
    snapshot = warehouse.snapshot()
    problem = problem_of(settings, depot_id, day, snapshot=snapshot, objective=objective)
    solution = search(problem, how)
    today = in_use(problem, assignments(settings, depot_id, day, snapshot))
    plan = plan_of(settings, problem, solution, Origin(depot_id, day, snapshot), compared=today)
    publish(settings, plan)
    return plan


def plan_of(
    settings: Settings,
    problem: Problem,
    solution: Solution,
    origin: Origin,
    *,
    compared: InUse | None = None,
    under_way: Mapping[str, Past] | None = None,
    done: Sequence[Past] = (),
) -> Plan:
    """The rows of a plan, not stored yet. A plan that comes from no snapshot has no intervals of arrival.

    `compared` is what is done today. Where the plan is for the rest of a day, `under_way` is what vehicles,
    by name, have behind them of the tour they are on, and `done` are whole tours.
    """
    plan_id = f"{origin.depot_id}-{origin.day:%Y%m%d}-{uuid4().hex[:8]}"
    routes, stops = _driven(problem, solution, under_way or {}, done)
    left_out = [
        {
            "stop_id": problem.stops[reason.stop].name,
            "latitude": problem.stops[reason.stop].place.latitude,
            "longitude": problem.stops[reason.stop].place.longitude,
            "binds": reason.binds,
            "detail": json.dumps(reason.detail, ensure_ascii=False),
        }
        for reason in reasons(problem, solution)
    ]
    figures = figures_of(routes, len(solution.unserved))
    driven = frame(ROUTES, [{**row, "plan_id": plan_id} for row in routes])
    visits, made_by = _with_intervals(
        settings, origin, driven, frame(STOPS, [{**row, "plan_id": plan_id} for row in stops])
    )
    head = {
        "plan_id": plan_id,
        "made_at": datetime.now(UTC).replace(tzinfo=None),
        "depot_id": origin.depot_id,
        "day": origin.day,
        "replaces": origin.replaces or None,
        "objective": problem.objective,
        "travel_source": problem.travel.source,
        "notes": json.dumps([*problem.notes, *problem.travel.notes], ensure_ascii=False),
        "seed": solution.seed,
        "search_seconds": solution.search_seconds,
        "snapshot_id": origin.snapshot,
        "arrival_model": made_by or None,
        "in_use": json.dumps(compared.against(figures)) if compared else None,
        **figures.as_json(),
    }
    return Plan(
        plans=frame(PLANS, [head]),
        routes=driven,
        stops=visits,
        unserved=frame(UNSERVED, [{**row, "plan_id": plan_id} for row in left_out]),
        problem=problem,
        solution=solution,
    )


def latest(settings: Settings, depot_id: str, day: date, *, snapshot: int | None = None) -> Frames | None:
    """The plan in force for a depot and day; None where there is none."""
    from analytics.routing.publishing import newest, stored

    warehouse = Warehouse(settings)  # held, so that the lake is opened once
    at = warehouse.snapshot() if snapshot is None else snapshot
    plan_id = newest(settings, depot_id, day, snapshot=at)
    return stored(settings, plan_id, snapshot=at) if plan_id else None


def _with_intervals(
    settings: Settings, origin: Origin, routes: pl.DataFrame, stops: pl.DataFrame
) -> tuple[pl.DataFrame, str]:
    """The stops with the intervals of their arrival, and what made them: "" where there are none.

    What trips like this one did may lie beside what the plan's own travel times say: the interval holds both.
    """
    if origin.snapshot is None:
        return stops, ""
    from analytics.routing.arrivals import expected  # loads models

    found, made_by = expected(
        settings, routes, stops, depot_id=origin.depot_id, day=origin.day, snapshot=origin.snapshot
    )
    bounds = stops.select("stop_id").join(found, on="stop_id", how="left", maintain_order="left")
    known = bounds["lower_at"].is_not_null()
    return stops.with_columns(
        lower_at=pl.when(known).then(pl.min_horizontal(bounds["lower_at"], "arrives_at")),
        upper_at=pl.when(known).then(pl.max_horizontal(bounds["upper_at"], "arrives_at")),
    ), made_by


def _driven(
    problem: Problem, solution: Solution, under_way: Mapping[str, Past], done: Sequence[Past]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of routes and stops, by vehicle and time; what is behind a vehicle belongs to its first route."""
    timings = [timed(problem, route) for route in solution.routes]
    timings.sort(key=lambda route: (problem.vehicles[route.route.vehicle].name, route.starts))
    waiting = dict(under_way)
    routes, stops = list[dict[str, Any]](), list[dict[str, Any]]()
    for number, route in enumerate(timings, 1):
        behind = waiting.pop(problem.vehicles[route.route.vehicle].name, None)
        routes.append(route_row(problem, number, route, behind))
        stops.extend(stop_rows(problem, number, route, behind))
    for number, tour in enumerate((*done, *waiting.values()), len(routes) + 1):
        routes.append(tour.row(number))
        stops.extend(past_rows(number, tour))
    return routes, stops
