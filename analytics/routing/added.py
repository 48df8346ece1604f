"""Stops that are not in the warehouse put into a problem read from it."""

from collections.abc import Sequence
from dataclasses import replace

from analytics.routing.problem import Problem, Stop
from analytics.routing.travel import travel_for
from pipelines.settings import Settings


def added(
    settings: Settings, problem: Problem, stops: Sequence[Stop], *, snapshot: int | None = None
) -> Problem:
    """The problem with further stops at its end, and the travel to them."""
    every = (*problem.stops, *stops)
    names = [*(depot.name for depot in problem.depots), *(stop.name for stop in every)]
    travel = travel_for(
        settings,
        [*(depot.place for depot in problem.depots), *(stop.place for stop in every)],
        problem.begins,
        snapshot=snapshot,
        names=names,
        timezone=problem.timezone,
    )
    return replace(problem, stops=every, travel=travel)
