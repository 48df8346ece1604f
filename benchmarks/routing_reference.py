"""The best plan known of each instance, in a JSON file, so that the long runs are made once."""

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.routing_instances import Instance, Routes, cost_of, published
from benchmarks.routing_peers import bare_pyvrp

_FIRST_SEED = 101  # of the long runs, none that a measured run takes


class Reference:
    """Instance -> the best feasible routes ever offered, and who found them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.costs: dict[str, float] = {}
        self._best: dict[str, dict[str, Any]] = {}
        self._known: dict[str, Any] = {}
        if path.exists():
            self._known = json.loads(path.read_text(encoding="utf-8"))

    def offer(self, instance: Instance, routes: Routes | None, source: str) -> None:
        """Takes routes that keep every rule and are shorter than the best so far."""
        cost = cost_of(instance, routes)
        if cost is not None and cost < self.costs.get(instance.name, float("inf")) - 1e-6:
            self.costs[instance.name] = cost
            self._best[instance.name] = {"source": source, "routes": routes}

    def complete(self, instances: Sequence[Instance], seconds: float, seeds: int) -> None:
        """Published routes, what the file has, and long runs where it has none as long; two at a time."""
        for instance in instances:
            known = self._known.get(instance.name, {})
            self.offer(instance, known.get("routes"), known.get("source", ""))
            self.offer(instance, published(instance), "published")
        due = [
            (instance, seconds, _FIRST_SEED + number)
            for instance in instances
            for number in range(seeds)
            if seconds > self._known.get(instance.name, {}).get("long", {}).get(str(number), 0)
        ]
        if not due:
            return
        print(f"{len(due)} long runs of {seconds:g} s, two at a time", file=sys.stderr, flush=True)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            for (instance, took, seed), routes in zip(due, pool.map(_long, due), strict=True):
                self.offer(instance, routes, "PyVRP run long")
                runs = self._known.setdefault(instance.name, {}).setdefault("long", {})
                runs[str(seed - _FIRST_SEED)] = took
                self.write()

    def said(self, name: str) -> dict[str, Any]:
        return {"cost": round(self.costs[name], 4), "source": self._best[name]["source"]}

    def write(self) -> None:
        for name, best in self._best.items():
            self._known[name] = {**self._known.get(name, {}), **best, "cost": self.costs[name]}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self._known), encoding="utf-8")


def _long(job: tuple[Instance, float, int]) -> Routes | None:
    return bare_pyvrp(*job)
