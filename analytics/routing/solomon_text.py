"""Solomon (1987) and Gehring-Homberger text: the fleet, then a row per customer, the depot as customer 0."""

from collections.abc import Sequence

from analytics.routing.problem import Depot, Place, Stop, Vehicle
from analytics.routing.text_parts import At, Parts, brought_or_fetched, returns_note, straight_lines
from connectors.errors import UsageError

_COLUMNS = "number, x, y, demand, ready time, due date, service time"


def is_solomon(lines: Sequence[str]) -> bool:
    """Whether the text has the headings of the format."""
    headings = {line.split()[0].upper() for line in lines if line.split()}
    return "VEHICLE" in headings and bool(headings & {"CUSTOMER", "CUST"})


def solomon_parts(file: str, lines: Sequence[str]) -> Parts:
    """The parts of a Solomon text. Raises UsageError naming the line that is wrong."""
    words = [(At(file, number), line.split()) for number, line in enumerate(lines, 1)]
    rows = [(at, row) for at, row in words if row]
    fleet = next(k for k, (_, row) in enumerate(rows) if row[0].upper() == "VEHICLE")
    first = next((k for k, (_, row) in enumerate(rows) if row[0].upper() in {"CUSTOMER", "CUST"}), len(rows))
    if first < fleet:
        raise rows[fleet][0].wrong("the section VEHICLE comes after CUSTOMER.", "Put VEHICLE first.")
    number, capacity = _fleet(file, rows[fleet:first])
    name = " ".join(rows[0][1]) if fleet > 0 else ""
    while first < len(rows) and not _is_row(rows[first][1]):  # the headings of the columns
        first += 1
    if len(rows) - first < 1:
        raise UsageError(f"{file} has no rows after CUSTOMER.", f"Each row: {_COLUMNS}.")

    places, stops, seen = [], [], set()
    depots: list[Depot] = []
    for at, row in rows[first:]:
        if len(row) != 7:
            raise at.wrong(f"it has {len(row)} values instead of 7.", f"Each row: {_COLUMNS}.")
        x, y = at.number(row[1], "x"), at.number(row[2], "y")
        if row[0] in seen:
            raise at.wrong(f"customer {row[0]} is there twice.")
        seen.add(row[0])
        at.number(row[0], "The customer number")
        demand, window = at.number(row[3], "The demand"), at.window(row[4], row[5])
        service = at.not_negative(row[6], "The service time")
        places.append(Place(y, x))
        if not depots:
            depots.append(Depot(row[0], places[-1], window))
            continue
        delivery, pickup = brought_or_fetched(demand)
        stops.append(Stop(row[0], places[-1], delivery, pickup, (window,), service))
    depot = depots[0]
    vehicles = tuple(
        Vehicle(str(number), 0, 0, (capacity,), depot.window)
        for number in range(1, min(number, len(stops)) + 1)
    )
    return Parts(name, (depot,), vehicles, tuple(stops), straight_lines(places), notes=returns_note(stops))


def _fleet(file: str, rows: Sequence[tuple[At, list[str]]]) -> tuple[int, float]:
    for at, row in rows:
        if _is_row(row):
            if len(row) != 2:
                raise at.wrong("the fleet has two values: number of vehicles and capacity.")
            return at.count(row[0], "The number of vehicles"), at.not_negative(row[1], "The capacity")
    raise UsageError(
        f"{file} does not say how many vehicles there are.", "Give number and capacity after VEHICLE."
    )


def _is_row(row: Sequence[str]) -> bool:
    """Whether it holds values rather than headings."""
    return row[0].lstrip("+-")[:1].isdigit()
