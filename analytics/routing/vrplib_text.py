"""VRPLIB and CVRPLIB text, read by the library vrplib after each line was checked.

Understood are capacities, windows, service times, backhauls (fetched to the depot, in any order), prizes
(a stop with one may be left out), several depots, limits of a route, and distances as coordinates or as an
explicit matrix. Anything else that would change the problem is an error, never ignored.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import FOREVER, Depot, Place, Stop, Vehicle, Window
from analytics.routing.text_parts import At, Parts, brought_or_fetched, returns_note, straight_lines
from connectors.errors import UsageError

_ROUNDED: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "EUC_2D": lambda metres: metres,
    "FLOOR_2D": np.floor,
    "CEIL_2D": np.ceil,
    "EXACT_2D": lambda metres: np.round(metres * 1_000),
}
_PER_NODE = {"NODE_COORD": 2, "DEMAND": 1, "TIME_WINDOW": 2, "SERVICE_TIME": 1, "BACKHAUL": 1, "PRIZE": 1}
_NEVER_NEGATIVE = ("SERVICE_TIME", "BACKHAUL")
_OTHERS = ("EDGE_WEIGHT", "DEPOT", "VEHICLES_DEPOT")
_LIMITS = ("VEHICLES_MAX_DISTANCE", "VEHICLES_MAX_DURATION", "DISTANCE")
_TYPES = ("CVRP", "VRPTW", "DCVRP", "DVRP", "MDVRP", "MDVRPTW", "VRPSPD", "VRPMPD", "PCVRP", "PCVRPTW", "VRP")


class _Sections:
    """The text cut into specifications and sections, each with the line it stands on."""

    def __init__(self, file: str, lines: Sequence[str]) -> None:
        self.file = file
        self.specifications: dict[str, tuple[At, str]] = {}
        self.rows: dict[str, list[tuple[At, list[str]]]] = {}
        self.heads: dict[str, At] = {}
        section = ""
        for number, line in enumerate(lines, 1):
            text, at = line.strip(), At(file, number, section)
            if text == "EOF":
                break
            if not text or text.startswith("#"):
                continue
            if "_SECTION" in text:
                section = text.strip(" :").removesuffix("_SECTION")
                if section in self.rows:
                    raise at.wrong(f"the section {section} is there twice.")
                self.rows[section], self.heads[section] = [], At(file, number, section)
            elif section:
                self.rows[section].append((at, text.split()))
            elif ":" in text:
                key, value = (part.strip() for part in text.split(":", 1))
                self.specifications[key.upper()] = (at, value)
            else:
                raise at.wrong("it is neither 'KEY : value' nor within a section.", "See the VRPLIB format.")

    def word(self, key: str, otherwise: str = "") -> str:
        return self.specifications[key][1] if key in self.specifications else otherwise

    def place_of(self, key: str) -> At:
        return self.specifications[key][0] if key in self.specifications else At(self.file, 1)


def vrplib_parts(file: str, lines: Sequence[str]) -> Parts:
    """The parts of a VRPLIB text. Raises UsageError naming line and section that are wrong."""
    text = _Sections(file, lines)
    size = _size(text)
    _check(text, size)
    depots, instance = _depots(text, size), _parsed(text, lines)
    customers = [node for node in range(size) if node not in set(depots)]
    if not customers:
        raise UsageError(f"{file} has depots only.", "Add nodes that are not in DEPOT_SECTION.")
    metres, places, explicit = _distances(text, instance, size)
    windows = _windows(text, size)
    order = [*depots, *customers]
    stops = [_stop(node, places[node], windows[node], instance) for node in customers]
    return Parts(
        name=text.word("NAME"),
        depots=tuple(Depot(str(node + 1), places[node], windows[node] or Window()) for node in depots),
        vehicles=_vehicles(text, depots, [windows[node] or Window() for node in depots], len(customers)),
        stops=tuple(stops),
        metres=np.ascontiguousarray(metres[np.ix_(order, order)]),
        explicit=explicit,
        notes=returns_note([stop for stop in stops if "backhaul" not in instance]),
    )


def _size(text: _Sections) -> int:
    if "DIMENSION" not in text.specifications:
        raise UsageError(
            f"{text.file} has neither the headings of a Solomon file nor DIMENSION of a VRPLIB file.",
            "Give a Solomon, Gehring-Homberger or VRPLIB file.",
        )
    at, word = text.specifications["DIMENSION"]
    return at.count(word, "DIMENSION")


def _check(text: _Sections, size: int) -> None:
    """Every section is known, has a row per node in their order, and holds numbers."""
    kind = text.word("TYPE", "CVRP").upper()
    if kind not in _TYPES:
        raise text.place_of("TYPE").wrong(
            f"problems of type {kind} are not read.", f"Read: {', '.join(_TYPES)}."
        )
    for key in ("DEMAND", "PRIZE", *_NEVER_NEGATIVE):  # as KEY : value they hold for every node
        if key in text.specifications:
            at, word = text.specifications[key]
            _value(at, key, word)
    for section, rows in text.rows.items():
        if section not in {*_PER_NODE, *_OTHERS}:
            known = ", ".join((*_PER_NODE, *_OTHERS))
            raise text.heads[section].wrong("this section is not understood.", f"Understood: {known}.")
        if section in _PER_NODE:
            _check_nodes(text.heads[section], rows, size, _PER_NODE[section])
        for at, row in rows:
            for word in row:
                _value(at, section, word)


def _value(at: At, key: str, word: str) -> None:
    (at.not_negative if key in _NEVER_NEGATIVE else at.number)(word, "A value")


def _depots(text: _Sections, size: int) -> list[int]:
    """The nodes that are depots; the first one where the file has no section for them."""
    if "DEPOT" not in text.rows:
        return [0]
    depots: list[int] = []
    for at, word in ((at, word) for at, row in text.rows["DEPOT"] for word in row):
        node = at.number(word, "The depot")
        if node == -1:
            break
        if node != int(node) or not 1 <= node <= size or node - 1 in depots:
            raise at.wrong(f"depot {word} is not one of the {size} nodes, or named twice.")
        depots.append(int(node) - 1)
    if not depots:
        raise text.heads["DEPOT"].wrong("it names no depot.", "Name each depot once, then -1.")
    return depots


def _check_nodes(head: At, rows: Sequence[tuple[At, list[str]]], size: int, values: int) -> None:
    for number, (at, row) in enumerate(rows, 1):
        if len(row) != values + 1:
            raise at.wrong(f"it has {len(row)} values instead of {values + 1}.")
        if at.number(row[0], "The node") != number:
            raise at.wrong(
                f"node {row[0]} stands where node {number} was expected.", "Order the rows by node."
            )
    if len(rows) != size:
        raise head.wrong(f"it has {len(rows)} rows, DIMENSION says {size}.", "Correct one of them.")


def _parsed(text: _Sections, lines: Sequence[str]) -> dict[str, Any]:
    import vrplib.parse

    try:
        return dict(vrplib.parse.parse_vrplib("\n".join(lines), compute_edge_weights=False))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        RuntimeError,
        AttributeError,
        OverflowError,
    ) as error:
        head = text.heads.get("EDGE_WEIGHT", At(text.file, 1))
        raise head.wrong(f"it cannot be read: {error}", "See the VRPLIB format.") from None


def _distances(
    text: _Sections, instance: dict[str, Any], size: int
) -> tuple[NDArray[np.float64], list[Place], bool]:
    kind = text.word("EDGE_WEIGHT_TYPE", "EUC_2D").upper()
    places = [Place(0.0, 0.0)] * size
    if "node_coord" in instance:
        places = [Place(float(y), float(x)) for x, y in np.asarray(instance["node_coord"], dtype=np.float64)]
    if "edge_weight" in instance:
        metres = np.asarray(instance["edge_weight"], dtype=np.float64)
        if metres.shape != (size, size):
            shape = " x ".join(map(str, metres.shape))
            raise text.heads["EDGE_WEIGHT"].wrong(f"the matrix is {shape}, not {size} x {size}.")
        if (metres < 0).any():
            raise text.heads["EDGE_WEIGHT"].wrong("a distance is negative.")
        return metres, places, True
    if kind not in _ROUNDED:
        known = f"Read: {', '.join(_ROUNDED)}, EXPLICIT with EDGE_WEIGHT_SECTION."
        raise text.place_of("EDGE_WEIGHT_TYPE").wrong(f"distances of type {kind} are not read.", known)
    if "node_coord" not in instance:
        raise UsageError(f"{text.file} has no NODE_COORD_SECTION.", "Add it, or EDGE_WEIGHT_SECTION.")
    return np.asarray(_ROUNDED[kind](straight_lines(places)), dtype=np.float64), places, False


def _windows(text: _Sections, size: int) -> list[Window | None]:
    if "TIME_WINDOW" not in text.rows:
        return [None] * size
    return [at.window(row[1], row[2]) for at, row in text.rows["TIME_WINDOW"]]


def _stop(node: int, place: Place, window: Window | None, instance: dict[str, Any]) -> Stop:
    def of(section: str) -> float:
        values = np.atleast_1d(np.asarray(instance.get(section, 0.0), dtype=np.float64))
        return float(values[node] if len(values) > 1 else values[0])

    delivery, pickup = brought_or_fetched(of("demand"))
    prize = of("prize")
    return Stop(
        name=str(node + 1),
        place=place,
        delivery=delivery,
        pickup=(pickup[0] + of("backhaul"),),
        windows=(window,) if window else (),
        service=of("service_time"),
        prize=prize if prize > 0 else None,
    )


def _vehicles(
    text: _Sections, depots: Sequence[int], hours: Sequence[Window], most: int
) -> tuple[Vehicle, ...]:
    """As many as the file says, at most one per customer and depot. Without a number: as many as needed."""
    starts = _starts(text, depots, most)
    capacity = float(FOREVER)
    if "CAPACITY" in text.specifications:
        at, word = text.specifications["CAPACITY"]
        capacity = at.not_negative(word, "CAPACITY")
    limits = {key: float(FOREVER) for key in _LIMITS}
    for key in _LIMITS:
        if key in text.specifications:
            at, word = text.specifications[key]
            limits[key] = at.not_negative(word, key)
    return tuple(
        Vehicle(
            name=str(number),
            start=start,
            end=start,
            capacity=(capacity,),
            shift=hours[start],
            most_seconds=min(limits["VEHICLES_MAX_DURATION"], limits["DISTANCE"]),  # DISTANCE counts service
            most_metres=limits["VEHICLES_MAX_DISTANCE"],
        )
        for number, start in enumerate(starts, 1)
    )


def _starts(text: _Sections, depots: Sequence[int], most: int) -> list[int]:
    """For each vehicle the depot it starts from, an index into the depots."""
    if "VEHICLES_DEPOT" in text.rows:
        starts = []
        for at, row in text.rows["VEHICLES_DEPOT"]:
            node = int(at.number(row[-1], "The depot")) - 1
            if node not in depots:
                raise at.wrong(f"vehicle {row[0]} starts at node {row[-1]}, which is no depot.")
            starts.append(list(depots).index(node))
        if not starts:
            raise text.heads["VEHICLES_DEPOT"].wrong("it names no vehicle.", "Give each vehicle its depot.")
        return starts
    each = most
    if "VEHICLES" in text.specifications:
        at, word = text.specifications["VEHICLES"]
        each = min(most, at.count(word, "VEHICLES"))
    return [start for start in range(len(depots)) for _ in range(each)]
