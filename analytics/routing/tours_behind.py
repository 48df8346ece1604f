"""What vehicles have behind them in the sums of a plan: whole tours, and the begin of the one under way."""

from collections.abc import Sequence
from dataclasses import replace

from analytics.routing.plan_rows import Past, seconds_at
from analytics.routing.problem import Problem, Vehicle
from analytics.routing.schedule import leg_seconds
from analytics.routing.whereabouts import Tour, Whereabouts


def done_tours(problem: Problem, vehicle: Vehicle, at: Whereabouts) -> list[Past]:
    """The tours a vehicle is back from, or on its way home, with that way."""
    tours = list[Past]()
    for tour in at.done:
        if not tour.stops:
            continue
        last = problem.stop_numbers.get(tour.stops[-1]["stop_id"])
        metres = seconds = 0.0
        if last is not None:
            home = (problem.location(last), vehicle.end)
            metres = float(problem.travel.metres[home])
            seconds = leg_seconds(problem.travel, *home, seconds_at(problem, tour.stops[-1]["leaves_at"]))
        tours.append(_past(_after(vehicle, tours), at, tour, metres, seconds))
    return tours


def tour_under_way(vehicle: Vehicle, at: Whereabouts) -> Past | None:
    """What is behind of the tour a vehicle is on, up to where it is free to go; None for one at the depot."""
    if at.under_way is None or not at.under_way.stops:
        return None
    return _past(_after(vehicle, at.done), at, at.under_way, 0.0, 0.0)


def _after(vehicle: Vehicle, tours: Sequence[Past | Tour]) -> Vehicle:
    """The vehicle on a tour after others: using it is paid for."""
    return replace(vehicle, fixed_cost=0.0) if tours else vehicle


def _past(vehicle: Vehicle, at: Whereabouts, tour: Tour, metres: float, seconds: float) -> Past:
    """A tour with a last way of so many metres and seconds after its stops."""
    return Past(
        vehicle=vehicle,
        stops=tour.stops,
        starts_at=tour.starts_at,
        ends_at=tour.ends_at,
        shift=at.shift,
        metres=sum(row["leg_km"] for row in tour.stops) * 1_000 + metres,
        driving=sum(row["leg_minutes"] for row in tour.stops) * 60 + seconds,
        waiting=sum(row["waiting_minutes"] for row in tour.stops) * 60,
        load_share=max((row["load_share"] for row in tour.stops), default=0.0),
    )
