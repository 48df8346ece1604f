"""Where a stop that is left out could go: every place of a plan, and the rules it would break there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics.routing.look import MORE, Look, Rule
from analytics.routing.problem import Problem, Route, Solution
from analytics.routing.schedule import Timed, evaluated, pickup_of, timed

Job = tuple[int, ...]  # one stop, or where goods are fetched and where they are brought
BOUND = "only: "  # begins skills that are no equipment: goods on board of one vehicle, loading at the depot
# Of each kind of place, how many are timed at most, and after how many as expected no further one is.
_TRIED, _TIMED = 25, 3


@dataclass(frozen=True)
class Place:
    """A route with a job in it. `broken`: the rules it breaks that the route without it keeps.

    `others` means that stops of the route before become late; `extra` is what it costs more, in the terms of
    the objective.
    """

    timed: Timed
    before: Timed | None
    broken: frozenset[Rule]
    extra: float


@dataclass(frozen=True)
class _Candidate:
    """A place before it is timed: what it would break at least, and how many metres it adds."""

    route: Route
    before: Timed | None
    breaks: frozenset[Rule]
    metres: float


@dataclass(frozen=True)
class Planned:
    """A problem with the routes of a solution, timed."""

    problem: Problem
    routes: tuple[Timed, ...]

    def places(self, job: Job) -> list[Place]:
        """Places of the job that break no rule or a single one: of each kind the shortest detours.

        Of every place in the plan and on vehicles that do not drive, a look at leaving at once says what it
        breaks at least; only then the shortest ways are timed.
        """
        kinds: dict[frozenset[Rule], list[_Candidate]] = {}
        for candidate in self._candidates(job):
            if len(candidate.breaks) <= 1 and "others" not in candidate.breaks:
                kinds.setdefault(candidate.breaks, []).append(candidate)
        found = []
        for breaks, candidates in kinds.items():
            confirmed = 0
            for candidate in sorted(candidates, key=lambda candidate: candidate.metres)[:_TRIED]:
                here = place(self.problem, candidate.route, job, candidate.before)
                found.append(here)
                confirmed += here.broken == breaks
                if confirmed == _TIMED:
                    break
        return found

    def _candidates(self, job: Job) -> Iterator[_Candidate]:
        for before, looked in zip(self.routes, self._looks, strict=True):
            number = before.route.vehicle
            if _bound_elsewhere(self.problem, number, job):
                continue
            unfit = _unfit(self.problem, number, job, before)
            if len(unfit) > 1:
                continue
            for stops in _orders(before.route.stops, job):
                breaks, metres = looked.at(stops, job)
                yield _Candidate(Route(number, stops), before, breaks | unfit, metres - before.metres)
        for number in self._idle:
            if not _bound_elsewhere(self.problem, number, job):
                look = Look(self.problem, Route(number, ()), self._quickest)
                yield _Candidate(Route(number, job), None, *look.at(job, job))

    @cached_property
    def _looks(self) -> "list[Look]":
        return [Look(self.problem, before.route, self._quickest) for before in self.routes]

    @cached_property
    def _quickest(self) -> NDArray[np.float64]:
        seconds: NDArray[np.float64] = self.problem.travel.seconds.min(axis=0)
        return seconds

    @cached_property
    def _idle(self) -> tuple[int, ...]:
        """One vehicle of each kind that does not drive."""
        driving = {route.route.vehicle for route in self.routes}
        return _kinds(self.problem, [n for n in range(len(self.problem.vehicles)) if n not in driving])


def planned(problem: Problem, solution: Solution) -> Planned:
    """The routes of a solution with their times."""
    return Planned(problem, tuple(timed(problem, route) for route in solution.routes))


def jobs(problem: Problem, numbers: Sequence[int]) -> list[Job]:
    """The stops left out, each pair of fetching and bringing as one."""
    pairs = {number: pickup_of(problem, problem.stops[number]) for number in numbers}
    fetched = {start for start in pairs.values() if start is not None}
    found = [(number,) if (start := pairs[number]) is None else (start, number) for number in numbers]
    return [job for job in found if len(job) == 2 or job[0] not in fetched]


def alone(problem: Problem, job: Job) -> Iterator[Place]:
    """The job as the only one of a route, once for each kind of vehicle that it is not bound away from."""
    for number in _kinds(problem, range(len(problem.vehicles))):
        if not _bound_elsewhere(problem, number, job):
            yield place(problem, Route(number, job), job, None)


def any_time(problem: Problem, job: Job) -> Problem:
    """The problem with the windows of the job's stops gone."""
    stops = list(problem.stops)
    for number in job:
        stops[number] = replace(stops[number], windows=())
    return replace(problem, stops=tuple(stops))


def place(problem: Problem, route: Route, job: Job, before: Timed | None) -> Place:
    """The route with the job in it, against the route before."""
    after = timed(problem, route)
    return Place(
        after,
        before,
        _broken(problem, job, before, after),
        worth(problem, after) - (worth(problem, before) if before else 0.0),
    )


def worth(problem: Problem, route: Timed) -> float:
    """What a route costs in the terms of the objective."""
    return route.cost if problem.objective == "cost" else route.metres


def needs_skills(problem: Problem, job: Job) -> frozenset[str]:
    """The equipment that the stops of a job need together."""
    skills = frozenset().union(*(problem.stops[number].skills for number in job))
    return frozenset(skill for skill in skills if not skill.startswith(BOUND))


def completed(problem: Problem, solution: Solution) -> Solution:
    """The solution with each stop that was left out where it fits and is worth it, the most urgent first.

    A search that ends early may leave a stop out that still fits; said reasons must be true.
    """
    if not solution.unserved:
        return solution
    routes = {route.vehicle: timed(problem, route) for route in solution.routes}
    left = list(solution.unserved)
    for job in sorted(jobs(problem, left), key=lambda job: _urgency(problem, job)):
        best = cheapest(Planned(problem, tuple(routes.values())).places(job))
        worth = prize_of(problem, job)
        if best and (worth is None or best.extra < worth):
            routes[best.timed.route.vehicle] = best.timed
            left = [number for number in left if number not in job]
    if len(left) == len(solution.unserved):
        return solution
    together = tuple(route.route for route in routes.values())
    return evaluated(problem, replace(solution, routes=together, unserved=tuple(left)))


def prize_of(problem: Problem, job: Job) -> float | None:
    """What serving a job is worth; None where it must be served."""
    prizes = [problem.stops[number].prize for number in job]
    return None if None in prizes else sum(prize or 0.0 for prize in prizes)


def _urgency(problem: Problem, job: Job) -> tuple[bool, int]:
    return prize_of(problem, job) is not None, min(problem.stops[number].priority for number in job)


def cheapest(places: Iterable[Place], broken: frozenset[Rule] = frozenset()) -> Place | None:
    """The place that costs least of those that break just these rules; None where there is none."""
    fitting = (found for found in places if found.broken == broken)
    return min(fitting, key=lambda found: found.extra, default=None)


def _orders(stops: tuple[int, ...], job: Job) -> Iterator[tuple[int, ...]]:
    first, *rest = job
    for position in range(len(stops) + 1):
        if not rest:
            yield (*stops[:position], first, *stops[position:])
            continue
        for later in range(position, len(stops) + 1):
            yield (*stops[:position], first, *stops[position:later], rest[0], *stops[later:])


def _kinds(problem: Problem, numbers: Sequence[int]) -> tuple[int, ...]:
    kinds = {replace(problem.vehicles[number], name=""): number for number in reversed(numbers)}
    return tuple(sorted(kinds.values()))


def _bound_elsewhere(problem: Problem, vehicle: int, job: Job) -> bool:
    """Whether the job's goods are on another vehicle, or where this one does not come by."""
    skills = {skill for number in job for skill in problem.stops[number].skills if skill.startswith(BOUND)}
    return not skills <= problem.vehicles[vehicle].skills


def _unfit(problem: Problem, number: int, job: Job, before: Timed) -> frozenset[Rule]:
    """What is broken wherever on the route the job goes: equipment, room for what comes from the depot."""
    vehicle = problem.vehicles[number]
    found: set[Rule] = set()
    if needs_skills(problem, job) - vehicle.skills:
        found.add("skill")
    if len(job) == 1:
        brought = problem.stops[job[0]].delivery
        full = zip(before.load_at_start, brought, vehicle.capacity, strict=False)
        if any(load + more > max(room, load) + MORE for load, more, room in full):
            found.add("capacity")
    return frozenset(found)


def _broken(problem: Problem, job: Job, before: Timed | None, after: Timed) -> frozenset[Rule]:
    vehicle = problem.vehicles[after.route.vehicle]
    late_before = {visit.stop: visit.late for visit in before.visits} if before else {}
    own = [visit for visit in after.visits if visit.stop in job]
    others = [visit for visit in after.visits if visit.stop not in job]
    load_before = before.most_load if before else (0.0,) * len(vehicle.capacity)
    broken: dict[Rule, bool] = {
        "skill": bool(needs_skills(problem, job) - vehicle.skills),
        "capacity": any(
            load > max(room, then) + MORE
            for load, room, then in zip(after.most_load, vehicle.capacity, load_before, strict=True)
        ),
        "window": any(visit.late > MORE for visit in own),
        "distance": after.metres > max(vehicle.most_metres, before.metres if before else 0.0) + MORE,
        "shift": overtime(problem, after) > (overtime(problem, before) if before else 0.0) + MORE,
        "others": any(visit.late > late_before.get(visit.stop, 0.0) + MORE for visit in others),
    }
    return frozenset(rule for rule, is_broken in broken.items() if is_broken)


def overtime(problem: Problem, route: Timed) -> float:
    """Seconds beyond the end of the shift or the longest duty, whichever is more."""
    vehicle = problem.vehicles[route.route.vehicle]
    return max(route.late_home, route.duration - vehicle.most_seconds, 0.0)
