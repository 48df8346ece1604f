"""The stops of a problem from the rows of the warehouse, mended where they contradict themselves."""

from collections.abc import Sequence
from dataclasses import replace

from analytics.routing.coordinates import located
from analytics.routing.problem import Place, Stop
from analytics.routing.remarks import Remarks
from analytics.routing.rows import Row, Spans
from analytics.routing.windows import ordered_windows


def stops_of(
    rows: Sequence[Row], spans: Spans, depot: Place, ends: float, remarks: Remarks
) -> tuple[Place, list[Stop]]:
    """The depot's place, which may be mended too, and the stops that can be planned.

    `rows` are those of logistics.stops, `spans` the windows by stop in seconds of the day, `ends` the last
    second on which anybody drives. What is left out or mended is remarked.
    """
    rows = _once_each(rows, remarks)
    depot, placed = _placed(rows, depot, remarks)
    stops = [_stop(row, place, spans.get(row["stop_id"], ()), ends, remarks) for row, place in placed]
    return depot, _paired(stops, {row["stop_id"] for row in rows}, remarks)


def _once_each(rows: Sequence[Row], remarks: Remarks) -> list[Row]:
    first: dict[str, Row] = {}
    for row in rows:
        if first.setdefault(row["stop_id"], row) is not row:
            remarks.add("A stop that comes more than once was taken as first given", row["stop_id"])
    return list(first.values())


def _placed(rows: Sequence[Row], depot: Place, remarks: Remarks) -> tuple[Place, list[tuple[Row, Place]]]:
    """Rows with their places, without those that lie nowhere."""
    found = located(depot, [Place(_number(row["latitude"]), _number(row["longitude"])) for row in rows])
    if found.depot_swapped:
        remarks.add("Latitude and longitude of the depot were exchanged: put right")
    if found.swapped:
        names = (rows[number]["stop_id"] for number in found.swapped)
        remarks.add("Latitude and longitude of a stop were exchanged: put right", *names)
    if found.nowhere:
        names = (rows[number]["stop_id"] for number in found.nowhere)
        remarks.add("Left out, for its coordinates are missing or (0, 0)", *names)
    nowhere = set(found.nowhere)
    both = zip(rows, found.places, strict=True)
    return found.depot, [pair for number, pair in enumerate(both) if number not in nowhere]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _stop(
    row: Row, place: Place, spans: Sequence[tuple[float, float]], ends: float, remarks: Remarks
) -> Stop:
    windows, about = ordered_windows(spans, ends)
    remarks.add_all(about, row["stop_id"])
    goods, nothing = (row["kg"] or 0.0, row["litres"] or 0.0), (0.0, 0.0)
    is_pickup = row["kind"] == "pickup"
    return Stop(
        name=row["stop_id"],
        place=place,
        delivery=nothing if is_pickup else goods,
        pickup=goods if is_pickup else nothing,
        windows=windows,
        service=60.0 * (row["service_minutes"] or 0.0),
        skills=skills_of(row["skills"]),
        priority=row["priority"] or 2,
        prize=row["prize"],
        picked_up_at=row["picked_up_at"] or "",
    )


def skills_of(text: str | None) -> frozenset[str]:
    """«lift|cold» as a set."""
    return frozenset(filter(None, (text or "").split("|")))


def _paired(stops: Sequence[Stop], known: set[str], remarks: Remarks) -> list[Stop]:
    """Stops whose goods come from another stop, where that one is a pickup of this day and gives to no other.

    Goods of a stop that is not there are taken to lie in the depot: they were fetched on another day. If that
    stop is there but was left out, nothing can be brought, and this one is left out too.
    """
    by_name = {stop.name: stop for stop in stops}
    taken: set[str] = set()
    paired = []
    for stop in stops:
        giver = by_name.get(stop.picked_up_at)
        if not stop.picked_up_at:
            paired.append(stop)
        elif giver is None and stop.picked_up_at in known:
            remarks.add("Left out, for the stop where its goods are picked up is left out", stop.name)
        elif why := _unpaired(stop, giver, taken):
            remarks.add(f"{why}: its goods are taken to come from the depot", stop.name)
            paired.append(replace(stop, picked_up_at=""))
        elif giver is not None:
            taken.add(giver.name)
            if giver.pickup != stop.delivery:
                remarks.add("Brings another amount than is picked up for it, which is what counts", stop.name)
            paired.append(replace(stop, delivery=giver.pickup))
    return paired


def _unpaired(stop: Stop, giver: Stop | None, taken: set[str]) -> str:
    """Why a stop cannot receive from the one it names; empty if it can."""
    if any(stop.pickup):
        return "A pickup that names a stop where its goods are picked up"
    if giver is None:
        return "The stop where its goods are picked up is not among the day's stops"
    if not any(giver.pickup):
        return "The stop where its goods are picked up picks nothing up"
    if giver.name in taken:
        return "The stop where its goods are picked up already gives them to another one"
    return ""
