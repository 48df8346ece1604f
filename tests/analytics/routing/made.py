"""Small routing problems for tests: by hand and by hypothesis."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from analytics.routing.problem import Depot, Objective, Place, Problem, Stop, Travel, Vehicle, Window

Point = tuple[float, float]


def travel_between(points: list[Point], speed: float = 1.0) -> Travel:
    """Straight lines; a metre takes `1 / speed` seconds."""
    at = np.array(points, dtype=float)
    metres = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    return Travel(metres, (metres / speed)[None], "straight lines")


def a_problem(
    depots: list[Point], vehicles: list[Vehicle], stops: list[tuple[Point, Stop]], **others: Any
) -> Problem:
    points = [*depots, *(point for point, _ in stops)]
    return Problem(
        name="made",
        depots=tuple(Depot(f"d{k}", Place(y, x)) for k, (x, y) in enumerate(depots)),
        vehicles=tuple(vehicles),
        stops=tuple(stop for _, stop in stops),
        travel=others.pop("travel", None) or travel_between(points),
        **{"objective": "distance", **others},
    )


def a_stop(name: str, amount: float = 1.0, **others: Any) -> Stop:
    return Stop(name, Place(0.0, 0.0), (amount,), **others)


def a_vehicle(name: str = "v", room: float = 10.0, **others: Any) -> Vehicle:
    return Vehicle(name, **{"start": 0, "end": 0, "capacity": (room,), **others})


_COORDINATE = st.integers(0, 60)
_POINT = st.tuples(_COORDINATE, _COORDINATE)


@st.composite
def _windows(draw: st.DrawFn) -> tuple[Window, ...]:
    edges = sorted(draw(st.lists(st.integers(0, 400), min_size=0, max_size=4, unique=True)))
    return tuple(Window(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def problems(draw: st.DrawFn, most_stops: int = 6, *, pairs: bool = True) -> Problem:
    """One or two depots, up to three vehicles that may differ in all they have, stops with every feature."""
    depots = draw(st.lists(_POINT, min_size=1, max_size=2))
    pick = st.integers(0, len(depots) - 1)
    vehicles = []
    for k in range(draw(st.integers(1, 3))):
        opens = draw(st.integers(0, 60))
        vehicles.append(
            Vehicle(
                name=f"v{k}",
                start=draw(pick),
                end=draw(pick),
                capacity=(draw(st.integers(3, 12)), draw(st.integers(3, 12))),
                shift=Window(opens, opens + draw(st.integers(100, 500))),
                most_seconds=draw(st.sampled_from([1e9, 300.0])),
                most_metres=draw(st.sampled_from([1e9, 250.0])),
                fixed_cost=draw(st.integers(0, 20)),
                cost_per_km=draw(st.sampled_from([100.0, 250.0])),
                cost_per_hour=draw(st.sampled_from([0.0, 360.0])),
                skills=frozenset(draw(st.sets(st.sampled_from(["cold", "lift"])))),
                on_board=draw(st.sampled_from([(), (1, 0)])),
            )
        )
    stops: list[tuple[Point, Stop]] = []
    amount = st.integers(0, 4)
    for k in range(draw(st.integers(1, most_stops))):
        stop = Stop(
            name=f"s{k}",
            place=Place(0, 0),
            delivery=(draw(amount), draw(amount)),
            pickup=draw(st.sampled_from([(), (1, 0), (0, 2)])),
            windows=draw(_windows()),
            service=draw(st.integers(0, 10)),
            skills=frozenset(draw(st.sets(st.sampled_from(["cold", "lift"]), max_size=1))),
            priority=draw(st.integers(1, 3)),
            prize=draw(st.sampled_from([None, None, 15.0])),
        )
        stops.append((draw(_POINT), stop))
    if pairs and draw(st.booleans()):
        goods = (draw(st.integers(1, 4)), draw(st.integers(0, 4)))
        ends = [
            Stop("from", Place(0, 0), (0, 0), goods),
            Stop("to", Place(0, 0), (0, 0), picked_up_at="from"),
        ]
        stops += [(draw(_POINT), end) for end in ends]
    objectives: list[Objective] = ["distance", "cost", "vehicles"]
    return a_problem(
        depots, vehicles, stops, dimensions=("kg", "l"), objective=draw(st.sampled_from(objectives))
    )
