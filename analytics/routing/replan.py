"""Planning again during the day: what is driven stays, the rest follows from where everybody is.

Fixed are the stops where service has begun and the stop a vehicle is on its way to. Goods on a vehicle stay
there. New orders go to vehicles that still load, or come home in time to load again, or, where something is
to be fetched, to anyone. The search begins with the plan in force.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import polars as pl

from analytics.routing.added import added
from analytics.routing.in_use import assignments, in_use
from analytics.routing.insertion import completed
from analytics.routing.plan import Frames, Origin, Plan, latest, plan_of
from analytics.routing.plan_rows import at, naive_utc
from analytics.routing.problem import Place, Problem, Route, Solution, Stop
from analytics.routing.rest_of_day import Rest, rest_of_day, with_second_tours, with_ways_home, without
from analytics.routing.schedule import evaluated, pickup_of, timed
from analytics.routing.traffic import Search, quality, search
from analytics.routing.whereabouts import Moment, Reached, Whereabouts, reached_on, whereabouts
from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

_SECONDS = 5.0


@dataclass(frozen=True)
class News:
    """What has happened by `now` (UTC where naive): minutes vehicles are behind the plan, stops cancelled.

    What stops were ordered meanwhile, and what was reached, is in the warehouse. A cancelled stop stays so
    in the plans that follow.
    """

    now: datetime
    delays: Mapping[str, float] = field(default_factory=dict)
    cancelled: Collection[str] = ()


def replan(
    settings: Settings,
    depot_id: str,
    day: date,
    now: datetime,
    *,
    delays: Mapping[str, float] | None = None,
    cancelled: Collection[str] = (),
    seconds: float = _SECONDS,
) -> Plan:
    """A plan for the rest of the day, published in place of the one in force, with what is driven by `now`.

    `delays` are minutes behind the plan in force, by vehicle. Raises AssistantError where there is no plan.
    """
    return replan_with(settings, depot_id, day, News(now, delays or {}, cancelled), Search(seconds))


def replan_with(settings: Settings, depot_id: str, day: date, news: News, how: Search) -> Plan:
    """As `replan`, with a search of one's own."""
    from analytics.routing import publishing
    from analytics.routing.reading import problem_of

    warehouse = Warehouse(settings)  # held to the end, so that the lake is opened once
    snapshot = warehouse.snapshot()
    now = naive_utc(news.now)
    old = latest(settings, depot_id, day, snapshot=snapshot)
    if old is None:
        raise AssistantError(
            f"There is no plan of {depot_id} for {day} to start from.",
            f"Make one with `sda routes solve {depot_id}@{day}`.",
        )
    problem = problem_of(settings, depot_id, day, snapshot=snapshot)
    _check(problem, old, news)
    gone = _gone(problem, old)
    unknown = _not_known_yet(settings, depot_id, day, now, snapshot) - _planned(old)
    whole = added(settings, problem, gone, snapshot=snapshot) if gone else problem
    reached = reached_on(settings, depot_id, day, now, snapshot)
    cancelled = frozenset(news.cancelled) | {stop.name for stop in gone}
    cancelled |= publishing.cancelled_before(settings, old, snapshot=snapshot)
    orphans = _orphans(problem, cancelled - _served(old, reached)) - cancelled
    if orphans:
        note = "Left out, for the stop where its goods are picked up is left out"
        whole = replace(whole, notes=(*whole.notes, f"{note}: {', '.join(sorted(orphans))}."))
        cancelled |= orphans
    then = Moment(whole, now, cancelled)
    found = [
        _whereabouts(vehicle, old, then.of(vehicle, news.delays.get(vehicle, 0.0), reached.get(vehicle, {})))
        for vehicle in _vehicles(problem, old)
    ]
    rest = rest_of_day(whole, found, now, cancelled | unknown)
    solution = with_ways_home(rest.problem, _searched(rest, how))
    remaining, solution = with_second_tours(rest.problem, solution)
    origin = Origin(depot_id, day, snapshot, old.plan_id)
    behind = {row["stop_id"] for at in found for row in at.behind}
    wanted = without(problem, (cancelled | unknown) - behind)
    today = in_use(wanted, assignments(settings, depot_id, day, snapshot))
    plan = plan_of(
        settings, remaining, solution, origin, compared=today, under_way=rest.under_way, done=rest.done
    )
    plan = _with_whole_shifts(plan, problem)
    publishing.publish(settings, plan)
    return plan


def _with_whole_shifts(plan: Plan, problem: Problem) -> Plan:
    """The plan with the shifts of the day, not what was left of them when it was made."""
    shifts = {vehicle.name: vehicle.shift for vehicle in problem.vehicles}
    known = pl.col("vehicle_id")
    opens = {name: at(problem, shift.opens) for name, shift in shifts.items()}
    closes = {name: at(problem, shift.closes) for name, shift in shifts.items()}
    return replace(
        plan,
        routes=plan.routes.with_columns(
            shift_starts_at=known.replace_strict(opens, default=pl.col("shift_starts_at")),
            shift_ends_at=known.replace_strict(closes, default=pl.col("shift_ends_at")),
        ),
    )


def _searched(rest: Rest, how: Search) -> Solution:
    """The best plan found for the rest; never worse than to go on as planned, as far as there is room."""
    as_planned = completed(rest.problem, evaluated(rest.problem, _with_room(rest.problem, rest.start)))
    if not rest.problem.stops:
        return as_planned
    found = search(rest.problem, how, as_planned)
    best = min(found, as_planned, key=lambda solution: quality(rest.problem, solution))
    return replace(
        best,
        seed=found.seed,
        iterations=found.iterations,
        search_seconds=found.search_seconds,
        log=found.log,
    )


def _with_room(problem: Problem, solution: Solution) -> Solution:
    """The solution without what there is no longer room to fetch: goods of cancelled stops stay on board."""
    routes = tuple(_lightened(problem, route) for route in solution.routes)
    driven = {number for route in routes for number in route.stops}
    left = tuple(number for number in range(len(problem.stops)) if number not in driven)
    return replace(solution, routes=routes, unserved=left)


def _lightened(problem: Problem, route: Route) -> Route:
    while "capacity" in timed(problem, route).broken:
        fetched = {number for number in route.stops if any(problem.stops[number].pickup)}
        lighter = [replace(route, stops=_left(problem, route, number)) for number in sorted(fetched)]
        if not lighter:
            return route
        route = min(lighter, key=lambda other: _overload(problem, other))
    return route


def _left(problem: Problem, route: Route, fetched: int) -> tuple[int, ...]:
    """The stops of a route without one that fetches, and the one its goods are for."""
    return tuple(
        number
        for number in route.stops
        if number != fetched and pickup_of(problem, problem.stops[number]) != fetched
    )


def _overload(problem: Problem, route: Route) -> tuple[float, float]:
    after, capacity = timed(problem, route), problem.vehicles[route.vehicle].capacity
    over = (max(0.0, load - room) for load, room in zip(after.most_load, capacity, strict=True))
    return sum(over), after.metres


def _whereabouts(vehicle: str, old: Frames, then: Moment) -> Whereabouts:
    own = pl.col("vehicle_id") == vehicle
    routes, stops = old.routes.filter(own), old.stops.filter(own).sort("route", "position")
    return whereabouts(vehicle, routes.rows(named=True), stops.rows(named=True), then)


def _vehicles(problem: Problem, old: Frames) -> list[str]:
    """Those of the fleet, and those of the plan that are no longer in it."""
    return list(dict.fromkeys([*(vehicle.name for vehicle in problem.vehicles), *old.routes["vehicle_id"]]))


def _planned(old: Frames) -> set[str]:
    return {*old.stops["stop_id"], *old.unserved["stop_id"]}


def _served(old: Frames, reached: Mapping[str, Mapping[str, Reached]]) -> set[str]:
    """Stops that were served for certain, whoever cancels them now."""
    return {*old.stops.filter("driven")["stop_id"], *(stop for stops in reached.values() for stop in stops)}


def _orphans(problem: Problem, cancelled: Collection[str]) -> frozenset[str]:
    """Stops whose goods would have been fetched at one that is cancelled."""
    return frozenset(stop.name for stop in problem.stops if stop.picked_up_at in cancelled)


def _gone(problem: Problem, old: Frames) -> list[Stop]:
    """Stops of the plan that are no longer ordered: places where vehicles have been or are heading for."""
    nothing = (0.0,) * len(problem.dimensions)
    return [
        Stop(row["stop_id"], Place(row["latitude"], row["longitude"]), nothing)
        for row in old.stops.rows(named=True)
        if row["stop_id"] not in problem.stop_numbers
    ]


def _not_known_yet(
    settings: Settings, depot_id: str, day: date, now: datetime, snapshot: int
) -> frozenset[str]:
    """Stops that are ordered after `now`."""
    rows = Warehouse(settings).query(
        "SELECT stop_id FROM logistics.stops WHERE depot_id = ? AND day = ? AND ordered_at > ?",
        [depot_id, day, now],
        snapshot=snapshot,
    )
    return frozenset(rows["stop_id"])


def _check(problem: Problem, old: Frames, news: News) -> None:
    """Raises UsageError for a vehicle or a stop that nobody knows."""
    vehicles = _vehicles(problem, old)
    for name in news.delays:
        if name not in vehicles:
            raise UsageError(f"There is no vehicle «{name}».", did_you_mean(name, vehicles))
    stops = _planned(old) | problem.stop_numbers.keys()
    for name in news.cancelled:
        if name not in stops:
            raise UsageError(f"There is no stop «{name}» on that day.", did_you_mean(name, stops))
