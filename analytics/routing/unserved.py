"""Why a stop is not in the plan: the rule that binds, proved by letting it fall.

A stop is first put on a route of its own: if no vehicle can serve it even so, the reason is the rule without
which one could. Else it is put at every place of the plan: the reason is the rule without which it would fit
there (and, where it is optional, be worth it: else its prize is the reason). Where no single rule is enough,
only one more vehicle would help. Times are those of `schedule.timed`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any, Literal

from analytics.routing.insertion import (
    Job,
    Place,
    Planned,
    alone,
    any_time,
    cheapest,
    jobs,
    needs_skills,
    overtime,
    planned,
    prize_of,
)
from analytics.routing.look import Rule
from analytics.routing.problem import FOREVER, Problem, Solution
from analytics.routing.schedule import home_by

Binds = Literal["window", "capacity", "skill", "shift", "distance", "fleet", "prize"]
# Which rule is named first where each of several would be enough: what the stop asks for before what the
# fleet gives.
_ORDER: tuple[Rule, ...] = ("skill", "capacity", "window", "distance", "shift")


@dataclass(frozen=True)
class Unserved:
    """A stop left out and the rule that binds; `detail` holds the numbers, moments as ISO 8601 in UTC.

    `vehicles` in the detail says that the stop would fit alone, and how many vehicles are taken up; `and`
    names rules that would have to fall as well, `or` such as would do as well; `pair` both stops where goods
    are fetched for another one.
    """

    stop: int
    binds: Binds
    detail: dict[str, Any] = field(default_factory=dict)


def reasons(problem: Problem, solution: Solution) -> list[Unserved]:
    """The reason of each stop left out, in their order.

    A required stop that fits as it is has none: `insertion.completed` puts it into the plan first.
    """
    if not solution.unserved:
        return []
    plan = planned(problem, solution)
    found = {
        number: Unserved(number, reason[0], reason[1] | _pair(problem, job))
        for job in jobs(problem, solution.unserved)
        if (reason := _by_itself(problem, job) or _in_the_plan(plan, job))
        for number in job
    }
    return [found[number] for number in solution.unserved if number in found]


def _pair(problem: Problem, job: Job) -> dict[str, Any]:
    """The stops of a pair, where goods are fetched and where they are brought: they fit together or not."""
    return {"pair": [problem.stops[number].name for number in job]} if len(job) > 1 else {}


Reason = tuple[Binds, dict[str, Any]]
Ways = Mapping[frozenset[Rule], Place]


def _by_itself(problem: Problem, job: Job) -> Reason | None:
    """The reason why no vehicle can serve the job on a route of its own; None where one can."""
    ways = _ways([*alone(problem, job)], [*alone(any_time(problem, job), job)])
    if not problem.vehicles:  # of the rest of a day: every shift is over
        return "shift", {}
    if not ways:  # its goods are where no vehicle comes by
        return "fleet", {"vehicles": len({vehicle.name for vehicle in problem.vehicles})}
    least = min(len(rules) for rules in ways)
    if not least:
        return None
    enough = sorted((rules for rules in ways if len(rules) == least), key=_precedence)
    first, *further = sorted(enough[0], key=_ORDER.index)
    detail = _ALONE[first](problem, job)
    if further:
        detail["and"] = further
    elif len(enough) > 1:
        detail = _unquoted(first, detail) | {"or": [rule for rules in enough[1:] for rule in rules]}
    return _named(first), detail


def _in_the_plan(plan: Planned, job: Job) -> Reason | None:
    """The reason why a job that could be served alone is not; None where it is required and fits."""
    problem, prize = plan.problem, prize_of(plan.problem, job)
    ways: dict[frozenset[Rule], Place] = {}
    for found in plan.places(job):
        _keep(ways, found.broken, found)
    if frozenset() in ways:
        return None if prize is None else _not_worth_it(prize, [ways[frozenset()]])
    if any(problem.stops[number].windows for number in job):
        freed = cheapest(Planned(any_time(problem, job), plan.routes).places(job))
        if freed is not None:
            _keep(ways, frozenset({"window"}), freed)
    enough = {rules: found for rules, found in ways.items() if len(rules) == 1 and "others" not in rules}
    taken = {"vehicles": len({vehicle.name for vehicle in problem.vehicles})}
    if not enough:
        return "fleet", taken
    if prize is not None and all(found.extra >= prize for found in enough.values()):
        return _not_worth_it(prize, enough.values())
    rules, *others = sorted(enough, key=_precedence)
    (first,) = rules
    more = {"or": [rule for other in others for rule in other]} if others else {}
    return _named(first), taken | _taken_up(plan, job, first, enough[rules]) | more


def _not_worth_it(prize: float, places: Iterable[Place]) -> Reason:
    return "prize", {"prize": prize, "cost": min(found.extra for found in places)}


def _ways(bound: Iterable[Place], free: Iterable[Place]) -> Ways:
    """For each set of rules that has to fall, the cheapest place; `free` are places without windows."""
    kept: dict[frozenset[Rule], Place] = {}
    for found in bound:
        _keep(kept, found.broken, found)
    if frozenset() in kept:
        return kept
    freed: dict[frozenset[Rule], Place] = {}
    for found in free:
        _keep(freed, found.broken | {"window"}, found)
    return freed | kept


def _keep(ways: dict[frozenset[Rule], Place], rules: frozenset[Rule], found: Place) -> None:
    if rules not in ways or found.extra < ways[rules].extra:
        ways[rules] = found


def _precedence(rules: frozenset[Rule]) -> list[int]:
    return sorted(map(_ORDER.index, rules))


def _named(rule: Rule) -> Binds:
    assert rule != "others"  # noqa: S101 - never alone, and never where a job is alone
    return rule


def _unquoted(rule: Rule, detail: dict[str, Any]) -> dict[str, Any]:
    """Without the numbers whose sentence says that no vehicle can: here some could, but for another rule."""
    dropped = {"skill": ("missing",), "capacity": ("most",), "window": ("earliest",), "shift": ("back",)}
    return {name: value for name, value in detail.items() if name not in dropped.get(rule, ())}


# The numbers of a rule for a job on a route of its own. They speak of all vehicles: where some vehicle keeps
# this rule, and only others stop it, there are none to quote.


def _window(problem: Problem, job: Job) -> dict[str, Any]:
    places = [*alone(problem, job)]
    late = [
        visit
        for found in places
        if found.broken == {"window"}
        for visit in found.timed.visits
        if visit.late > 0
    ]
    if late:
        stop = min(late, key=lambda visit: visit.arrives).stop
        every = [visit for found in places for visit in found.timed.visits if visit.stop == stop]
        if any(not visit.late for visit in every):
            return {}
        earliest, closes = min(visit.arrives for visit in every), problem.stops[stop].windows[-1].closes
        return {"earliest": moment(problem, earliest), "closes": moment(problem, closes)}
    if any("window" not in found.broken and not found.timed.late_home for found in places):
        return {}
    windows = [window for number in job for window in problem.stops[number].windows]
    return {  # in time, but too late to be back
        "opens": moment(problem, min(window.opens for window in windows)),
        "closes": moment(problem, max(window.closes for window in windows)),
        "ends": moment(problem, _last_shift(problem)),
    }


def _capacity(problem: Problem, job: Job) -> dict[str, Any]:
    needs = _amounts(problem, job)
    most = [max(vehicle.capacity[d] for vehicle in problem.vehicles) for d in range(len(needs))]
    over = [d for d in range(len(needs)) if needs[d] > most[d]]
    if any(_holds(vehicle.capacity, needs) for vehicle in problem.vehicles):
        return {}
    if not over:  # each amount fits some vehicle, but all together none
        return {"amounts": dict(zip(problem.dimensions, needs, strict=True))}
    d = max(over, key=lambda d: needs[d] / max(most[d], 1e-9))
    return {"dimension": problem.dimensions[d], "needs": needs[d], "most": most[d]}


def _skill(problem: Problem, job: Job) -> dict[str, Any]:
    needs = needs_skills(problem, job)
    if any(needs <= vehicle.skills for vehicle in problem.vehicles):
        return {}
    nowhere = needs.difference(*(vehicle.skills for vehicle in problem.vehicles))
    return {"missing": sorted(nowhere or needs)}


def _shift(problem: Problem, job: Job) -> dict[str, Any]:
    routes = [found.timed for found in alone(problem, job) if found.broken == {"shift"}]
    back = [route.ends for route in routes if route.late_home > 0]
    if back or not routes:
        ends, last = min(back, default=FOREVER), _last_shift(problem)
        return {"back": moment(problem, ends), "ends": moment(problem, last)} if ends > last else {}
    needs = min(route.duration for route in routes)
    most = max(vehicle.most_seconds for vehicle in problem.vehicles)
    return {"needs_hours": needs / 3_600, "most_hours": most / 3_600} if needs > most else {}


def _distance(problem: Problem, job: Job) -> dict[str, Any]:
    needs = min(found.timed.metres for found in alone(problem, job))
    most = max(vehicle.most_metres for vehicle in problem.vehicles)
    return {"needs_km": needs / 1_000, "most_km": most / 1_000} if needs > most else {}


_ALONE = {"window": _window, "capacity": _capacity, "skill": _skill, "shift": _shift, "distance": _distance}


def _taken_up(plan: Planned, job: Job, rule: Rule, found: Place) -> dict[str, Any]:
    """The numbers of a rule that binds only because of the other stops, at the cheapest place without it."""
    problem, after = plan.problem, found.timed
    vehicle = problem.vehicles[after.route.vehicle]
    match rule:
        case "capacity":
            over = [load - room for load, room in zip(after.most_load, vehicle.capacity, strict=True)]
            d = max(range(len(over)), key=lambda d: over[d] / max(vehicle.capacity[d], 1e-9))
            needs = _amounts(problem, job)[d]
            free = {"needs": needs, "free": needs - over[d]}
            return {"vehicle": vehicle.name, "dimension": problem.dimensions[d]} | free
        case "skill":
            needs_all = needs_skills(problem, job)
            return {"needed": sorted(needs_all), "able": sum(needs_all <= v.skills for v in problem.vehicles)}
        case "shift":
            return {"vehicle": vehicle.name, "overtime_minutes": overtime(problem, after) / 60}
        case "distance":
            return {"vehicle": vehicle.name, "over_km": (after.metres - vehicle.most_metres) / 1_000}
        case _:
            visit = next(visit for visit in after.visits if visit.stop == job[-1])
            return {"vehicle": vehicle.name, "arrives": moment(problem, visit.arrives)}


def _holds(capacity: Sequence[float], needs: Sequence[float]) -> bool:
    return all(amount <= room for amount, room in zip(needs, capacity, strict=True))


def _amounts(problem: Problem, job: Job) -> list[float]:
    """What a job puts on board at most, by dimension."""
    stop = problem.stops[job[0]]
    nothing = (0.0,) * len(problem.dimensions)
    rows = zip(stop.delivery or nothing, stop.pickup or nothing, strict=True)
    return [max(brought, fetched) for brought, fetched in rows]


def _last_shift(problem: Problem) -> float:
    return max(home_by(problem, vehicle).closes for vehicle in problem.vehicles)


def moment(problem: Problem, seconds: float) -> str | float | None:
    """A moment of a plan as ISO 8601 in UTC; in the seconds of the problem where it has no calendar."""
    if seconds >= FOREVER:
        return None
    if problem.begins is None:
        return seconds
    begins = problem.begins if problem.begins.tzinfo is None else problem.begins.astimezone(UTC)
    return (begins.replace(tzinfo=None) + timedelta(seconds=round(seconds))).isoformat()
