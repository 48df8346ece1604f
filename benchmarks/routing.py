"""Our routes beside bare PyVRP and OR-Tools on the 56 Solomon instances: least unrounded distance.

Ours (`analytics.routing.solve`, two threads), PyVRP alone (`pyvrp.solve`, one core) and OR-Tools' routing
with guided local search (one core) solve each instance in equal wall seconds of solving: ours alone, then the
two others side by side, each on a core of its own.
Every plan, and every published one, is judged by `benchmarks.routing_instances`, which shares no code with
the solvers. The reference of an instance is the best feasible plan ever seen: published, PyVRP run long with
several seeds, and any of this run; `--reference` keeps it in a file. Prints JSON: mean and worst gap to the
reference in percent, infeasible plans, and each instance.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.routing_instances import Instance, chosen, cost_of
from benchmarks.routing_peers import SOLVERS
from benchmarks.routing_reference import Reference
from benchmarks.shared import ROOT

SECONDS = (1.0, 10.0)
AIM = 0.5  # of bare PyVRP's mean gap


def run(instances: Sequence[Instance], solvers: Sequence[str], seconds: float, seed: int) -> dict[str, Any]:
    """Instance -> solver -> routes, interleaved so that whatever disturbs the machine disturbs all alike."""
    found: dict[str, Any] = {}
    others = [name for name in solvers if name != "ours"]
    with ProcessPoolExecutor(len(others), mp_context=get_context("spawn")) as pool:
        list(pool.map(warm, others))
        for instance in instances:
            routes = {"ours": SOLVERS["ours"](instance, seconds, seed)}
            begun = {name: pool.submit(SOLVERS[name], instance, seconds, seed) for name in others}
            routes |= {name: each.result() for name, each in begun.items()}
            found[instance.name] = routes
            costs = {name: cost_of(instance, each) for name, each in routes.items()}
            print(f"{instance.name} {seconds:g} s: {costs}", file=sys.stderr, flush=True)
    return found


def warm(name: str) -> None:
    """Imports are no solving."""
    SOLVERS[name](chosen(["R101"])[0], 0.1, 0)


def summary(
    instances: Sequence[Instance], found: dict[str, Any], solvers: Sequence[str], reference: Reference
) -> dict[str, Any]:
    """Gaps in percent; a solver's means are over its feasible plans, the others are counted."""
    each: dict[str, dict[str, Any]] = {}
    for instance in instances:
        best = reference.costs[instance.name]
        costs = {name: cost_of(instance, found[instance.name][name]) for name in solvers}
        each[instance.name] = {
            name: None if cost is None else {"cost": round(cost, 3), "gap": round(100 * (cost / best - 1), 3)}
            for name, cost in costs.items()
        }
    totals: dict[str, Any] = {}
    for name in solvers:
        gaps = [row[name]["gap"] for row in each.values() if row[name]]
        totals[name] = {
            "mean_gap": round(statistics.fmean(gaps), 4) if gaps else None,
            "worst_gap": max(gaps, default=None),
            "infeasible": len(instances) - len(gaps),
        }
    ours, bare = totals["ours"]["mean_gap"], totals["pyvrp"]["mean_gap"]
    share = round(ours / bare, 3) if ours is not None and bare else None
    reached = share is not None and share <= AIM
    return {
        "solvers": totals,
        "ours_of_pyvrp": share,
        "aim": AIM,
        "aim_reached": reached or ours == 0,
        "instances": each,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, nargs="+", default=list(SECONDS))
    parser.add_argument(
        "--instances", nargs="*", default=[], help="names or beginnings of names, such as R1 C204"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reference", type=Path, default=ROOT / "var" / "solomon_reference.json")
    parser.add_argument("--reference-seconds", type=float, default=30.0, help="of each long run, 0 for none")
    parser.add_argument("--reference-seeds", type=int, default=2, help="long runs of each instance")
    given = parser.parse_args()

    instances = chosen(given.instances)
    solvers = [name for name in SOLVERS if name != "ortools" or find_spec("ortools")]
    if len(solvers) < len(SOLVERS):
        print("OR-Tools is not installed and left out.", file=sys.stderr)
    reference = Reference(given.reference)
    reference.complete(instances, given.reference_seconds, given.reference_seeds)
    warm("ours")
    runs = {seconds: run(instances, solvers, seconds, given.seed) for seconds in given.seconds}
    for found in runs.values():
        for instance in instances:
            for name, routes in found[instance.name].items():
                reference.offer(instance, routes, name)
    reference.write()
    answer = {
        f"{seconds:g} s": summary(instances, found, solvers, reference) for seconds, found in runs.items()
    }
    kept = {instance.name: reference.said(instance.name) for instance in instances}
    print(json.dumps({"wall_seconds": answer, "seed": given.seed, "reference": kept}, indent=2))


if __name__ == "__main__":
    main()
