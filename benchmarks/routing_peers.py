"""Who solves in the routing benchmark: each takes an instance, wall seconds of solving and a seed."""

from collections.abc import Callable
from typing import Any

import numpy as np

from analytics.routing.files import read_problem
from analytics.routing.solve import solve
from benchmarks.routing_instances import Instance, Routes

Solver = Callable[[Instance, float, int], Routes | None]
_SCALE = 10_000  # PyVRP and OR-Tools count in integers


def ours(instance: Instance, seconds: float, seed: int) -> Routes | None:
    """What `sda routes solve` does, with two threads."""
    problem = read_problem(instance.path)
    found = solve(problem, seconds=seconds, seed=seed, threads=2)
    return [[int(problem.stops[stop].name) for stop in route.stops] for route in found.routes]


def bare_pyvrp(instance: Instance, seconds: float, seed: int) -> Routes | None:
    """PyVRP as it comes, one core. The times are rounded up, so what it calls feasible is."""
    import pyvrp
    from pyvrp.stop import MaxRuntime

    metres, times = _integers(instance)
    opens, closes, service = (
        (values * _SCALE).astype(int).tolist()
        for values in (instance.opens, instance.closes, instance.service)
    )
    customers = range(1, len(instance.demand))
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in instance.demand],
        clients=[
            pyvrp.Client(
                customer,
                delivery=[int(instance.demand[customer])],
                service_duration=service[customer],
                tw_early=opens[customer],
                tw_late=closes[customer],
            )
            for customer in customers
        ],
        depots=[pyvrp.Depot(0)],
        vehicle_types=[
            pyvrp.VehicleType(
                instance.vehicles, [int(instance.capacity)], tw_early=opens[0], tw_late=closes[0]
            )
        ],
        distance_matrices=[metres],
        duration_matrices=[times],
    )
    result = pyvrp.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False, display=False)
    return [
        [activity.idx + 1 for activity in route if activity.is_client()] for route in result.best.routes()
    ]


def ortools(instance: Instance, seconds: float, seed: int) -> Routes | None:
    """OR-Tools' routing: parallel insertion, then guided local search; one core. It takes no seed."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    del seed
    metres, times = (values.tolist() for values in _integers(instance))
    service = (instance.service * _SCALE).astype(int).tolist()
    manager = pywrapcp.RoutingIndexManager(len(instance.demand), instance.vehicles, 0)
    routing = pywrapcp.RoutingModel(manager)
    node = manager.IndexToNode
    takes = [[time + at for time in row] for row, at in zip(times, service, strict=True)]
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(metres))
    demand = routing.RegisterUnaryTransitVector(instance.demand.astype(int).tolist())
    routing.AddDimension(demand, 0, int(instance.capacity), True, "load")
    horizon = int(instance.closes[0] * _SCALE)
    routing.AddDimension(routing.RegisterTransitMatrix(takes), horizon, horizon, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for customer in range(1, len(instance.demand)):
        window = int(instance.opens[customer] * _SCALE), int(instance.closes[customer] * _SCALE)
        clock.CumulVar(manager.NodeToIndex(customer)).SetRange(*window)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(seconds * 1_000))
    answer = routing.SolveWithParameters(parameters)
    return None if answer is None else _driven(routing, answer, node, instance.vehicles)


def _driven(routing: Any, answer: Any, node: Callable[[int], int], vehicles: int) -> Routes:
    routes: Routes = []
    for vehicle in range(vehicles):
        route, place = [], routing.Start(vehicle)
        while not routing.IsEnd(place):
            if node(place):
                route.append(node(place))
            place = answer.Value(routing.NextVar(place))
        if route:
            routes.append(route)
    return routes


def _integers(instance: Instance) -> tuple[Any, Any]:
    """Distances to the nearest and times up, in ten-thousandths."""
    scaled = instance.distance * _SCALE
    return np.rint(scaled).astype(np.int64), np.ceil(scaled - 1e-6).astype(np.int64)


SOLVERS: dict[str, Solver] = {"ours": ours, "pyvrp": bare_pyvrp, "ortools": ortools}
