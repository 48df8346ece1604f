"""Solomon instances as plain numbers, their published routes, and an independent judge of any routes."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.shared import Array, data_file

Routes = list[list[int]]  # customer numbers of each route, the depot left out
_ALMOST = 1e-6


@dataclass(frozen=True)
class Instance:
    """An instance; rows 0 is the depot. `opens`, `closes`, `service`, `demand` have shape (n,)."""

    name: str
    path: Path
    vehicles: int
    capacity: float
    distance: Array
    demand: Array
    opens: Array
    closes: Array
    service: Array


def chosen(beginnings: Sequence[str]) -> list[Instance]:
    """The instances whose name begins with any of these; all without."""
    folder = data_file("logistics", "solomon_vrptw_100", "instances")
    names = sorted(path.stem for path in folder.glob("*.txt"))
    kept = [name for name in names if not beginnings or name.startswith(tuple(beginnings))]
    if not kept:
        sys.exit(f"No instance begins with {', '.join(beginnings)}. There are {', '.join(names)}.")
    return [_read(folder / f"{name}.txt") for name in kept]


def published(instance: Instance) -> Routes | None:
    """The published routes of an instance, where there are any."""
    path = instance.path.parents[1] / "solutions" / instance.path.name
    if not path.exists():
        return None
    lines = re.findall(r"^Route\s+\d+\s*:\s*([\d ]+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return [[int(word) for word in line.split()] for line in lines]


def cost_of(instance: Instance, routes: Routes | None) -> float | None:
    """The distance of routes that keep every rule; None where one is broken, or there are none."""
    if routes is None or len(routes) > instance.vehicles:
        return None
    if sorted(customer for route in routes for customer in route) != list(range(1, len(instance.demand))):
        return None
    total = 0.0
    for route in routes:
        now, here = instance.opens[0], 0
        if instance.demand[route].sum() > instance.capacity:
            return None
        for customer in [*route, 0]:
            total += instance.distance[here, customer]
            now = max(
                now + instance.service[here] + instance.distance[here, customer], instance.opens[customer]
            )
            if now > instance.closes[customer] + _ALMOST:
                return None
            here = customer
    return float(total)


def _read(path: Path) -> Instance:
    numbers = [
        [float(word) for word in line.split()]
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.fullmatch(r"[\d.\s]+", line) and line.strip()
    ]
    vehicles, capacity = numbers[0]
    rows = np.array(numbers[1:])
    apart = rows[:, np.newaxis, 1:3] - rows[np.newaxis, :, 1:3]
    return Instance(
        name=path.stem,
        path=path,
        vehicles=int(vehicles),
        capacity=capacity,
        distance=np.sqrt((apart**2).sum(axis=2)),
        demand=rows[:, 3],
        opens=rows[:, 4],
        closes=rows[:, 5],
        service=rows[:, 6],
    )
