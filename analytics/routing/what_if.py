"""What would be if: the day's plan with one thing changed, searched from the plan in force, never stored."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from analytics.routing.added import added
from analytics.routing.in_use import assignments, in_use
from analytics.routing.plan import Frames, Origin, Plan, latest, plan_of
from analytics.routing.plan_rows import naive_utc, seconds_at
from analytics.routing.problem import FOREVER, Place, Problem, Route, Solution, Stop, Window
from analytics.routing.rest_of_day import without
from analytics.routing.traffic import Search, search
from connectors.errors import UsageError, did_you_mean
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

_SECONDS = 3.0


@dataclass(frozen=True)
class WithoutVehicle:
    """One vehicle less."""

    vehicle: str


@dataclass(frozen=True)
class LaterShift:
    """The shift of a vehicle, of all where none is named, is so much later (negative: earlier)."""

    vehicle: str
    minutes: float


@dataclass(frozen=True)
class NewStop:
    """One stop more, a delivery or something to fetch; moments are UTC where naive, None is always."""

    latitude: float
    longitude: float
    kg: float = 0.0
    litres: float = 0.0
    service_minutes: float = 5.0
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    pickup: bool = False
    stop_id: str = "new"


Change = WithoutVehicle | LaterShift | NewStop


def what_if(
    settings: Settings, depot_id: str, day: date, change: Change, *, seconds: float = _SECONDS
) -> Plan:
    """The plan of the whole day with the change; it is not stored."""
    return what_if_with(settings, depot_id, day, change, Search(seconds))


def what_if_with(settings: Settings, depot_id: str, day: date, change: Change, how: Search) -> Plan:
    """As `what_if`, with a search of one's own."""
    from analytics.routing.publishing import cancelled_before
    from analytics.routing.reading import problem_of

    warehouse = Warehouse(settings)  # held to the end, so that the lake is opened once
    snapshot = warehouse.snapshot()
    problem = problem_of(settings, depot_id, day, snapshot=snapshot)
    old = latest(settings, depot_id, day, snapshot=snapshot)
    if old is not None:
        problem = without(problem, cancelled_before(settings, old, snapshot=snapshot))
    changed = _changed(settings, problem, change, snapshot)
    solution = search(changed, how, start_from(changed, old) if old else None)
    today = in_use(problem, assignments(settings, depot_id, day, snapshot))
    return plan_of(settings, changed, solution, Origin(depot_id, day, snapshot), compared=today)


def start_from(problem: Problem, plan: Frames) -> Solution:
    """The routes of a stored plan in a problem, without vehicles and stops that it does not have."""
    vehicles = {vehicle.name: number for number, vehicle in enumerate(problem.vehicles)}
    orders: dict[int, list[int]] = {}
    for row in plan.stops.sort("route", "position").rows(named=True):
        number = problem.stop_numbers.get(row["stop_id"])
        if number is not None and row["vehicle_id"] in vehicles:
            orders.setdefault(vehicles[row["vehicle_id"]], []).append(number)
    routes = tuple(Route(vehicle, tuple(stops)) for vehicle, stops in orders.items())
    driven = {number for stops in orders.values() for number in stops}
    left = tuple(number for number in range(len(problem.stops)) if number not in driven)
    return Solution(routes, left, 0.0, 0.0, 0.0, feasible=False)


def _changed(settings: Settings, problem: Problem, change: Change, snapshot: int) -> Problem:
    match change:
        case WithoutVehicle(name):
            _check(problem, name)
            vehicles = tuple(vehicle for vehicle in problem.vehicles if vehicle.name != name)
            return replace(problem, vehicles=vehicles)
        case LaterShift(name, minutes):
            return _shifted(problem, name, minutes * 60)
        case NewStop():
            return added(settings, problem, [_stop(problem, change)], snapshot=snapshot)


def _shifted(problem: Problem, name: str, seconds: float) -> Problem:
    if name:
        _check(problem, name)
    vehicles = tuple(
        replace(vehicle, shift=_later(vehicle.shift, seconds)) if name in {"", vehicle.name} else vehicle
        for vehicle in problem.vehicles
    )
    # The hours of the depot are those of its shifts, so they move along.
    shifts = [vehicle.shift for vehicle in vehicles]
    hours = Window(min(shift.opens for shift in shifts), max(shift.closes for shift in shifts))
    depots = (replace(problem.depots[0], window=hours), *problem.depots[1:])
    return replace(problem, vehicles=vehicles, depots=depots)


def _later(window: Window, seconds: float) -> Window:
    return Window(max(0.0, window.opens + seconds), min(FOREVER, max(0.0, window.closes + seconds)))


def _stop(problem: Problem, new: NewStop) -> Stop:
    if new.stop_id in problem.stop_numbers:
        raise UsageError(f"There is a stop «{new.stop_id}» already.", "Give the new one another name.")
    by_name = {"kg": new.kg, "l": new.litres}
    amounts = tuple(by_name.get(name, 0.0) for name in problem.dimensions)
    nothing = (0.0,) * len(amounts)
    opens = 0.0 if new.opens_at is None else seconds_at(problem, naive_utc(new.opens_at))
    closes = float(FOREVER) if new.closes_at is None else seconds_at(problem, naive_utc(new.closes_at))
    if closes < opens:
        raise UsageError("The window closes before it opens.", "Give the later moment second.")
    return Stop(
        name=new.stop_id,
        place=Place(new.latitude, new.longitude),
        delivery=nothing if new.pickup else amounts,
        pickup=amounts if new.pickup else nothing,
        windows=(Window(opens, closes),) if new.opens_at or new.closes_at else (),
        service=60.0 * new.service_minutes,
    )


def _check(problem: Problem, vehicle: str) -> None:
    names = [known.name for known in problem.vehicles]
    if vehicle not in names:
        raise UsageError(f"There is no vehicle «{vehicle}».", did_you_mean(vehicle, names))
