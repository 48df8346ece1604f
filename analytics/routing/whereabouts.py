"""Where the vehicles of a plan are at a moment of the day: what is behind each, and what it heads for.

What was really reached counts where it is known (`logistics.trip_stops`); a vehicle without such records is
taken to be as late behind its plan as reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from analytics.routing.plan_rows import seconds_at
from analytics.routing.problem import Problem
from analytics.routing.schedule import begins_at, lateness, leg_seconds
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Reached:
    """When a vehicle came to a stop and, where it is known, left it; naive UTC."""

    arrived_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Tour:
    """A way from the depot: rows of `plans.stops` in their order. `ends_at` is where the free way begins."""

    stops: tuple[Row, ...]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Whereabouts:
    """A vehicle at a moment: tours that are `done`, the one `under_way` if it is on one, rows `ahead` of it.

    The last stop of the tour under way may be the one it heads for, which stays its next. `free_at` is when
    it is free to go elsewhere: from that stop, or from the depot, before now where it is back already.
    `loaded` is how many of the stops ahead are on the tour under way, so that their goods are on board;
    `missed` are stops of that tour passed over: cancelled, or left for later. `shift` is its shift in the
    plan in force.
    """

    vehicle: str
    free_at: datetime
    ahead: tuple[Row, ...] = ()
    done: tuple[Tour, ...] = ()
    under_way: Tour | None = None
    loaded: int = 0
    missed: tuple[str, ...] = ()
    shift: tuple[datetime | None, datetime | None] = (None, None)

    @property
    def behind(self) -> list[Row]:
        """The stops it need not be sent to any more."""
        tours = (*self.done, *([self.under_way] if self.under_way else []))
        return [row for tour in tours for row in tour.stops]


@dataclass(frozen=True)
class Moment:
    """What is known of a vehicle at a moment: how late it is, what it reached, what is cancelled."""

    problem: Problem
    now: datetime
    cancelled: frozenset[str] = frozenset()
    delay: timedelta = timedelta()
    reached: Mapping[str, Reached] = field(default_factory=dict)  # by stop
    drives: bool = True  # False: no longer in the fleet, so it gets nowhere any more

    def of(self, vehicle: str, minutes: float, reached: Mapping[str, Reached]) -> "Moment":
        """What is known of one vehicle, so many minutes behind the plan."""
        drives = any(known.name == vehicle for known in self.problem.vehicles)
        return replace(self, delay=timedelta(minutes=minutes), reached=reached, drives=drives)


def reached_on(
    settings: Settings, depot_id: str, day: date, now: datetime, snapshot: int | None = None
) -> dict[str, dict[str, Reached]]:
    """What vehicles reached until `now`: vehicle -> stop -> when."""
    warehouse = Warehouse(settings)
    if not (warehouse.exists("logistics.trips") and warehouse.exists("logistics.trip_stops")):
        return {}
    rows = warehouse.query(
        """
        SELECT trips.vehicle_id, stops.stop_id, stops.arrived_at, stops.left_at
        FROM logistics.trips AS trips JOIN logistics.trip_stops AS stops ON stops.trip_id = trips.trip_id
        WHERE trips.depot_id = ? AND trips.day = ? AND stops.arrived_at <= ?
        """,
        [depot_id, day, now],
        snapshot=snapshot,
    )
    found: dict[str, dict[str, Reached]] = {}
    for vehicle, stop, arrived_at, left_at in rows.iter_rows():
        left = left_at if left_at and left_at <= now else None
        found.setdefault(vehicle, {})[stop] = Reached(arrived_at, left)
    return found


def whereabouts(vehicle: str, routes: Sequence[Row], stops: Sequence[Row], then: Moment) -> Whereabouts:
    """Where a vehicle is, given the rows of its tours and their stops in the plan in force."""
    routes = sorted(routes, key=lambda route: route["starts_at"])
    tours = [[row for row in stops if row["route"] == route["route"]] for route in routes]
    begun = [
        n for n, (route, tour) in enumerate(zip(routes, tours, strict=True)) if _begun(route, tour, then)
    ]
    shift = (routes[0]["shift_starts_at"], routes[0]["shift_ends_at"]) if routes else (None, None)
    if not begun:
        start = (routes[0]["starts_at"] if routes else then.now) + then.delay if then.delay else then.now
        ahead = [row for row in stops if row["stop_id"] not in then.cancelled]
        return Whereabouts(vehicle, max(then.now, start), tuple(ahead), shift=shift)
    current = begun[-1]
    done = [
        Tour(tuple(_done(row, then) or row for row in tour), route["starts_at"], route["ends_at"])
        for route, tour in zip(routes[:current], tours, strict=False)
    ]
    later = [row for tour in tours[current + 1 :] for row in tour if row["stop_id"] not in then.cancelled]
    found = _on_tour(vehicle, routes[current], tours[current], then)
    return replace(found, done=(*done, *found.done), ahead=(*found.ahead, *later), shift=shift)


def _begun(route: Row, stops: Sequence[Row], then: Moment) -> bool:
    if any(row["driven"] or row["stop_id"] in then.reached for row in stops):
        return True
    return bool(stops) and not then.reached and route["starts_at"] + then.delay <= then.now


def _on_tour(vehicle: str, route: Row, stops: Sequence[Row], then: Moment) -> Whereabouts:
    """The vehicle on a tour it has begun."""
    behind, ahead = list[Row](), list[Row]()
    free_at, at = route["starts_at"] + then.delay, ""
    late = timedelta()  # what was reached, or driven when the plan was made, is told without the delay
    for row in stops:
        done = _done(row, then)
        if done is not None:
            behind.append(done)
            free_at, at = done["leaves_at"], row["stop_id"]
            late = then.delay if then.reached or row["driven"] else timedelta()
        elif row["stop_id"] not in then.cancelled:
            ahead.append(row)
    if not ahead:  # on its way home, or there
        home = free_at + timedelta(seconds=way_home(then.problem, at, free_at))
        home += late if home > then.now else timedelta()
        return Whereabouts(vehicle, home, done=(Tour(tuple(behind), route["starts_at"], home),))
    if then.drives and free_at <= then.now:
        heading = _heading(ahead.pop(0), at, free_at, late, then)
        behind.append(heading)
        free_at, at = heading["leaves_at"], heading["stop_id"]
    elif not then.reached:
        free_at += late
    free_at = max(free_at, then.now)
    return Whereabouts(
        vehicle=vehicle,
        free_at=free_at,
        ahead=tuple(ahead),
        under_way=Tour(tuple(behind), route["starts_at"], free_at),
        loaded=len(ahead),
        missed=_missed(stops, behind),
    )


def _missed(stops: Sequence[Row], behind: Sequence[Row]) -> tuple[str, ...]:
    names, last = {row["stop_id"] for row in behind}, max((row["position"] for row in behind), default=0)
    return tuple(row["stop_id"] for row in stops if row["position"] < last and row["stop_id"] not in names)


def _done(row: Row, then: Moment) -> Row | None:
    """The row as it happened, if service there began by now; None if it did not."""
    if row["driven"]:
        return row
    real = then.reached.get(row["stop_id"])
    if real is not None:
        return _served(row, real.arrived_at, real.left_at, then)
    if then.reached or row["stop_id"] in then.cancelled or row["begins_at"] + then.delay > then.now:
        return None
    moments = {name: row[name] + then.delay for name in ("arrives_at", "begins_at", "leaves_at")}
    late = _late(row, moments["begins_at"], then)
    return {**row, **_PAST, **moments, "late_minutes": late, "driven": True}


def _served(row: Row, arrived_at: datetime, left_at: datetime | None, then: Moment) -> Row:
    moments = _from_arrival(row, arrived_at, then)
    if left_at is not None:
        moments |= {"leaves_at": left_at, "begins_at": min(moments["begins_at"], left_at)}
    late = _late(row, moments["begins_at"], then)
    return {**row, **_PAST, **moments, "late_minutes": late, "driven": True}


def _heading(row: Row, at: str, left_at: datetime, late: timedelta, then: Moment) -> Row:
    """The stop a vehicle is on its way to since `left_at`, with the times to expect; `late` comes on top."""
    expected = left_at + timedelta(seconds=_way(at, row["stop_id"], left_at, then, row["leg_minutes"]))
    moments = _from_arrival(row, max(expected + late, then.now), then)
    return {**row, **_PAST, **moments, "late_minutes": _late(row, moments["begins_at"], then)}


def _from_arrival(row: Row, arrives_at: datetime, then: Moment) -> dict[str, datetime]:
    """Arrival, begin of service and leaving, by the windows of the stop."""
    number = then.problem.stop_numbers.get(row["stop_id"])
    begins = arrives_at
    if number is not None:
        arrives = seconds_at(then.problem, arrives_at)
        wait = begins_at(then.problem.stops[number].windows, arrives) - arrives
        begins = arrives_at + timedelta(seconds=wait)
    service = timedelta(minutes=row["service_minutes"])
    return {"arrives_at": arrives_at, "begins_at": begins, "leaves_at": begins + service}


def _late(row: Row, begins: datetime, then: Moment) -> float:
    number = then.problem.stop_numbers.get(row["stop_id"])
    if number is None:
        return float(row["late_minutes"])
    return lateness(then.problem.stops[number].windows, seconds_at(then.problem, begins)) / 60


def way_home(problem: Problem, at: str, leaving: datetime) -> float:
    """Seconds from a stop to the depot; none from a stop that is no longer known."""
    number = problem.stop_numbers.get(at)
    if number is None:
        return 0.0
    return leg_seconds(problem.travel, problem.location(number), 0, seconds_at(problem, leaving))


def _way(at: str, to: str, left_at: datetime, then: Moment, planned_minutes: float) -> float:
    """Seconds from one stop (or the depot, "") to another; as planned where a stop is no longer known."""
    problem = then.problem
    target, origin = problem.stop_numbers.get(to), problem.stop_numbers.get(at)
    if target is None or (at and origin is None):
        return planned_minutes * 60
    first = 0 if origin is None else problem.location(origin)
    return leg_seconds(problem.travel, first, problem.location(target), seconds_at(problem, left_at))


# What a stop that is behind a vehicle no longer has: room to be later, an interval to come in.
_PAST: dict[str, Any] = {"slack_minutes": None, "lower_at": None, "upper_at": None}
