"""Stops that belong together: goods fetched at one and brought to the other, a shipment to PyVRP."""

from typing import Any

from analytics.routing.problem import Problem, Stop, Window
from analytics.routing.scales import Scales
from analytics.routing.schedule import pickup_of
from connectors.errors import UsageError


def pairs_of(problem: Problem) -> list[tuple[int, int]]:
    """Stops of pickup and of delivery that belong together."""
    pairs = []
    for number, stop in enumerate(problem.stops):
        origin = pickup_of(problem, stop)
        if origin is None:
            continue
        source = problem.stops[origin]
        if origin == number or pickup_of(problem, source) is not None or any(source.delivery):
            raise UsageError(
                f"Stop {source.name} passes goods on to {stop.name} and receives some as well.",
                "Make it two stops at the same place.",
            )
        if any(stop.pickup):
            raise UsageError(
                f"Stop {stop.name} receives the goods of {source.name} and has its own to fetch.",
                "Make it two stops at the same place.",
            )
        pairs.append((origin, number))
    origins = [origin for origin, _ in pairs]
    twice = {problem.stops[origin].name for origin in origins if origins.count(origin) > 1}
    if twice:
        raise UsageError(
            f"The goods of {', '.join(sorted(twice))} go to more than one stop.",
            "Make it one pickup for each of them.",
        )
    return pairs


def _widest(stop: Stop) -> Window:
    return max(stop.windows or (Window(),), key=lambda span: span.closes - span.opens)


def never_meet(problem: Problem, origin: int, number: int, scales: Scales) -> bool:
    """Whether goods are wanted before they can be fetched: the solver takes no such pair."""
    (opens, _), (_, closes) = (scales.open(_widest(problem.stops[end])) for end in (origin, number))
    return closes < opens


def shipment(
    problem: Problem, pair: tuple[int, int], scales: Scales, weights: dict[int, tuple[int, bool]]
) -> Any:
    """A pair as a PyVRP shipment, with the weight of leaving out its stops."""
    import pyvrp

    ends = {}
    for number, end in zip(pair, ("pickup", "delivery"), strict=True):
        stop = problem.stops[number]
        opens, closes = scales.open(_widest(stop))
        ends[f"{end}_location"] = problem.location(number)
        ends[f"{end}_tw_early"], ends[f"{end}_tw_late"] = opens, closes
        ends[f"{end}_service_duration"] = int(scales.up(stop.service))
    return pyvrp.Shipment(
        **ends,
        amount=scales.load(problem.stops[pair[0]].pickup),
        prize=sum(weights[number][0] for number in pair),
        required=any(weights[number][1] for number in pair),
        name=problem.stops[pair[1]].name,
    )
