"""What planning costs beside the search itself: reading, travel times, set-up, writing.

    python benchmarks/planning.py [--stops 1000] [--vans 80] [--trips 2500] [--rounds 5]

A lake of its own with synthetic, seeded tables: so many stops of one day, each with a window or two and a
place in the plan in use, and past trips to learn speeds from. In each round the day's problem is read (its
travel matrix timed apart), solved for one iteration, beside bare PyVRP for one iteration on the same data,
made a plan and published. Medians over the rounds, seconds; the lake is open before the clock starts, as in a
session that has just shown a page. `overhead` is reading + set-up beyond bare PyVRP + writing. Beside it:
what the rows and reasons of the plan take, and what is done today (`today`), driven in thought. `matrix` has
one entry for each source of times.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from analytics.routing import reading
from analytics.routing.in_use import assignments, in_use
from analytics.routing.plan import Origin, plan_of
from analytics.routing.problem import Place, Problem
from analytics.routing.publishing import publish
from analytics.routing.reading import problem_of
from analytics.routing.solve import solve
from analytics.routing.translate import translate
from analytics.routing.travel import travel_for
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.routing.lake import BEGINS, DAY, DEPOT, fill, stop, van, window

SPREAD = 0.1, 0.16  # degrees north and east, standard deviations: a city
STOPS_A_TRIP = 14
LEARNED, MATRIX_FILE, DISTANCE = "learned speeds", "matrix file", "distance"
Times = dict[str, list[float]]


def measured(given: argparse.Namespace, home: Path) -> dict[str, Any]:
    """Fills the lake and times the rounds."""
    settings = Settings(home=home, config=home / "assistant.toml", threads=given.threads)
    fill(settings, tables(given.stops, given.vans, given.trips))
    warehouse = Warehouse(settings)
    warehouse.snapshot()  # opens the lake, and it stays open as long as the warehouse is held
    matrices = matrix_settings(settings, problem_of(settings, DEPOT["depot_id"], DAY))
    times: Times = {}
    for _ in range(given.rounds):
        one_round(settings, matrices, times)
    seconds = {name: round(statistics.median(values), 3) for name, values in times.items()}
    overhead = {
        "reading": seconds["reading"],
        "set_up": seconds["one iteration"] - seconds["bare PyVRP"],
        "writing": seconds["writing"],
    }
    del warehouse
    return {
        **vars(given),
        "past_legs": given.trips * STOPS_A_TRIP,
        "overhead": {name: round(value, 3) for name, value in overhead.items()}
        | {"together": round(sum(overhead.values()), 3), "aim": 0.5},
        "matrix": {name: seconds[f"matrix: {name}"] for name in matrices} | {"aim": 2.0},
        "one_iteration": {"ours": seconds["one iteration"], "bare_pyvrp": seconds["bare PyVRP"]},
        "beside": {"plan": seconds["plan"], "today": seconds["today"]},
    }


def one_round(settings: Settings, matrices: dict[str, Settings], times: Times) -> None:
    """Everything once, in the order in which a day is planned."""
    import pyvrp
    from pyvrp.stop import MaxIterations

    def timed(name: str, call: Callable[[], Any]) -> Any:
        begins = time.perf_counter()
        result = call()
        times.setdefault(name, []).append(time.perf_counter() - begins)
        return result

    depot_id = DEPOT["depot_id"]
    # The matrix is timed within the reading: a difference of two runs would be mostly noise.
    with mock.patch.object(
        reading, "travel_for", lambda *a, **k: timed("within", partial(travel_for, *a, **k))
    ):
        problem: Problem = timed("problem", lambda: problem_of(settings, depot_id, DAY))
    times.setdefault("reading", []).append(times["problem"][-1] - times["within"][-1])
    for name, source in matrices.items():
        asked = partial(
            travel_for, source, names=named(problem), timezone=problem.timezone, places=places(problem)
        )
        timed(f"matrix: {name}", partial(asked, begins=None if name == DISTANCE else problem.begins))
    solution = timed("one iteration", lambda: solve(problem, iterations=1, threads=1))
    data = translate(problem).data
    timed("bare PyVRP", lambda: pyvrp.solve(data, MaxIterations(1), seed=0, display=False))
    today = timed("today", lambda: in_use(problem, assignments(settings, depot_id, DAY, None)))
    origin = Origin(depot_id, DAY)
    plan = timed("plan", lambda: plan_of(settings, problem, solution, origin, compared=today))
    timed("writing", lambda: publish(settings, plan))


def places(problem: Problem) -> list[Place]:
    """Those of the depots, then those of the stops."""
    return [*(depot.place for depot in problem.depots), *(stop.place for stop in problem.stops)]


def named(problem: Problem) -> list[str]:
    """Their names, in the same order."""
    return [*(depot.name for depot in problem.depots), *(stop.name for stop in problem.stops)]


def matrix_settings(settings: Settings, problem: Problem) -> dict[str, Settings]:
    """Settings that lead to each source of travel times; writes the matrix file."""
    at = np.array(named(problem))
    first, second = (
        side.ravel() for side in np.meshgrid(np.arange(len(at)), np.arange(len(at)), indexing="ij")
    )
    travel = problem.travel
    pl.DataFrame(
        {
            "from": at[first],
            "to": at[second],
            "metres": travel.metres[first, second].round(1),
            "seconds": travel.seconds[0][first, second].round(1),
        }
    ).write_csv(settings.config.parent / "ways.csv")
    own = settings.routing.model_copy(update={"matrix": "ways.csv"})
    return {
        LEARNED: settings,
        MATRIX_FILE: settings.model_copy(update={"routing": own}),
        DISTANCE: settings,
    }


def tables(stops: int, vans: int, trips: int) -> dict[str, Any]:
    """The rows of the carrier's tables; seeded."""
    random = np.random.default_rng(4)
    ids = [f"S{number:05}" for number in range(stops)]
    spots = np.array([DEPOT["latitude"], DEPOT["longitude"]]) + random.normal(0, SPREAD, (stops, 2))
    kg, opens = random.gamma(2, 6, stops), random.integers(8, 13, stops)
    slices = np.argsort(np.arctan2(*(spots - spots.mean(axis=0)).T)).tolist()  # of the map, one a van
    shifts = [("06:30", "15:30"), ("08:00", "17:00"), ("10:00", "19:00")]
    windows = [window(name, hour, hour + 4) for name, hour in zip(ids, opens.tolist(), strict=True)]
    again = [window(name, hour + 5, 18) for name, hour in list(zip(ids, opens.tolist(), strict=True))[::4]]
    return {
        "fleet": [
            van(f"V{number:03}", shift_start=start, shift_end=end)
            for number in range(vans)
            for start, end in [shifts[number % len(shifts)]]
        ],
        "stops": [
            stop(
                ids[number],
                latitude=float(spots[number, 0]),
                longitude=float(spots[number, 1]),
                kg=float(kg[number]),
                assigned_vehicle=f"V{place * vans // stops:03}",
                assigned_position=place + 1,
            )
            for place, number in enumerate(slices)
        ],
        "stop_windows": windows + again,
        **past(trips, random),
    }


def past(trips: int, random: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Trips of the months before: through the city, slower at eight than at noon."""
    of_trip, position = np.repeat(np.arange(trips), STOPS_A_TRIP), np.tile(np.arange(STOPS_A_TRIP), trips)
    spots = random.normal(0, SPREAD, (trips, STOPS_A_TRIP, 2))
    legs = np.diff(spots, axis=1, prepend=np.zeros((trips, 1, 2))) * [111.2, 66.0]
    km = 1.3 * np.linalg.norm(legs, axis=2) + 0.2
    left = pl.Series([BEGINS - timedelta(days=1 + n % 120) + timedelta(hours=7) for n in range(trips)])
    kmh = 25 + 2 * np.arange(STOPS_A_TRIP)
    driving = km / kmh * 3_600 * np.exp(random.normal(0, 0.2, km.shape))
    arrives = np.cumsum(driving + 240, axis=1) - 240
    trip_ids = pl.Series([f"R{number:05}" for number in range(trips)])
    at = left.gather(of_trip)
    return {
        "trips": pl.DataFrame(
            {"trip_id": trip_ids, "left_at": left, "day": left.dt.date(), "depot_id": DEPOT["depot_id"]}
        ).with_columns(vehicle_id=pl.Series([f"V{number % 40:03}" for number in range(trips)])),
        "trip_stops": pl.DataFrame(
            {
                "trip_id": trip_ids.gather(of_trip),
                "position": position + 1,
                "latitude": DEPOT["latitude"] + spots[..., 0].ravel(),
                "longitude": DEPOT["longitude"] + spots[..., 1].ravel(),
                "leg_km": km.ravel(),
                "arrived_at": at + pl.Series(arrives.ravel() * 1e6).cast(pl.Duration("us")),
                "left_at": at + pl.Series((arrives.ravel() + 240) * 1e6).cast(pl.Duration("us")),
            }
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stops", type=int, default=1000)
    parser.add_argument("--vans", type=int, default=80)
    parser.add_argument("--trips", type=int, default=2500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(given, Path(folder)), indent=2))


if __name__ == "__main__":
    main()
