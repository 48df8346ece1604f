"""A plan as pictures: routes on a map, vehicles against their shifts, stops against their windows.

Shared by pages and reports. All moments are on the depot's clock.
"""

from collections.abc import Iterator
from datetime import datetime
from math import floor, hypot
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from dashboards.charts.chart import Axis, Chart, Tone
from dashboards.domains.logistics.plan_words import clock
from dashboards.numbers import integer, number
from dashboards.queries.routes import PlanRows
from dashboards.wording import Say, say

Row = dict[str, Any]
_MOMENTS = pl.Datetime("us")
_MAP = {
    "route": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "mark": pl.String,
    "label": pl.String,
    "told": pl.String,
}
_SPANS: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.String,
    "begin": _MOMENTS,
    "end": _MOMENTS,
    "what": pl.String,
    "lower": _MOMENTS,
    "upper": _MOMENTS,
    "told": pl.String,
}


def route_names(rows: PlanRows) -> dict[int, str]:
    """What each route is called: its vehicle, and which tour of the vehicle it is from the second on."""
    names: dict[int, str] = {}
    tours: dict[str, int] = {}
    for route, vehicle in rows.routes.select("route", "vehicle_id").iter_rows():
        tours[vehicle] = tours.get(vehicle, 0) + 1
        names[route] = vehicle if tours[vehicle] == 1 else f"{vehicle} ({tours[vehicle]})"
    return names


def route_map(rows: PlanRows, language: str, only: str = "") -> Chart:
    """The routes on a map; with `only` (a name of `route_names`) the others stay in the background."""
    _ = say(language)
    names = route_names(rows)
    data = pl.DataFrame([*_places(rows, _, language)], schema=_MAP)
    return Chart(
        name=f"map-{only}" if only else "map",
        kind="map",
        title=_("Route of {vehicle} on the map").format(vehicle=only) if only else _("Routes on the map"),
        sentence=_about_one(rows, names, only, _, language) if only else _about_all(rows, _, language),
        data=data.drop_nulls(["latitude", "longitude"]),
        x=Axis("longitude", _("Longitude")),
        y=Axis("latitude", _("Latitude")),
        group="route",
        mark="mark",
        label="label",
        told="told",
        tones={name: "muted" for name in ("", *names.values()) if name != only} if only else {},
    )


def _about_all(rows: PlanRows, _: Say, language: str) -> str:
    words = _("{stops} stops on {routes} routes; {late} late, {unserved} not served.")
    return words.format(
        stops=integer(rows.stops.height, language),
        routes=integer(rows.routes.height, language),
        late=integer(int(rows.stops["late_minutes"].gt(0).sum()), language),
        unserved=integer(rows.unserved.height, language),
    )


def _about_one(rows: PlanRows, names: dict[int, str], name: str, _: Say, language: str) -> str:
    route = rows.routes.row(list(names.values()).index(name), named=True)
    words = _("{stops} stops, {kilometres} km, on the road from {starts} to {ends}; {late} late.")
    return words.format(
        stops=integer(route["stops"], language),
        kilometres=number(route["distance_km"], language, 0),
        starts=clock(route["starts_at"], rows.zone),
        ends=clock(route["ends_at"], rows.zone),
        late=integer(route["late_stops"], language),
    )


def _places(rows: PlanRows, _: Say, language: str) -> Iterator[Row]:
    latitude, longitude = _depot_place(rows)
    home = {
        "latitude": latitude,
        "longitude": longitude,
        "mark": "depot",
        "told": rows.depot["name"],
    }
    for route, name in route_names(rows).items():
        yield {**home, "route": name}
        for stop in rows.stops.filter(pl.col("route") == route).iter_rows(named=True):
            yield {
                "route": name,
                "latitude": stop["latitude"],
                "longitude": stop["longitude"],
                "mark": "late" if stop["late_minutes"] > 0 else "stop",
                "label": str(stop["position"]),
                "told": "\n".join([f"{name} · {stop['position']}", *_told(stop, rows.zone, _, language)]),
            }
        yield {**home, "route": name}
    for stop in rows.unserved.iter_rows(named=True):
        yield {
            "route": "",
            "latitude": stop["latitude"],
            "longitude": stop["longitude"],
            "mark": "unserved",
            "label": "",
            "told": "\n".join((str(stop["stop_id"]), _("not served"))),
        }


def _depot_place(rows: PlanRows) -> tuple[float | None, float | None]:
    """Where the depot is; its coordinates exchanged where only that brings it near the stops, as planned."""
    latitude, longitude = rows.depot["latitude"], rows.depot["longitude"]
    stops = rows.stops.drop_nulls(["latitude", "longitude"])
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return None, None
    if stops.is_empty():
        return latitude, longitude
    north, east = (float(stops[each].mean() or 0) for each in ("latitude", "longitude"))  # type: ignore[arg-type]
    given = hypot(latitude - north, longitude - east)
    exchanged = hypot(longitude - north, latitude - east)
    return (longitude, latitude) if 10 * exchanged < given else (latitude, longitude)


def _told(stop: Row, zone: str, _: Say, language: str) -> Iterator[str]:
    """What stands under the pointer at a stop."""
    yield str(stop["stop_id"])
    yield _("Arrival {interval}").format(interval=arrival(stop, zone))
    if stop["closes_at"]:
        yield _("Window {window}").format(window=window(stop, zone))
    if stop["late_minutes"] > 0:
        yield _("{minutes} minutes late").format(minutes=number(stop["late_minutes"], language, 0))


def arrival(stop: Row, zone: str) -> str:
    """`09:31 (09:22–09:45)`: when the vehicle comes, and the interval it keeps nine times in ten."""
    at = clock(stop["arrives_at"], zone)
    if stop["lower_at"] is None or stop["upper_at"] is None:
        return at
    return f"{at} ({clock(stop['lower_at'], zone)}–{clock(stop['upper_at'], zone)})"


def window(stop: Row, zone: str) -> str:
    """`09:00–12:00`; a side that is open is left out, "" for a stop that is always open."""
    opens, closes = (clock(at, zone) if at else "" for at in (stop["opens_at"], stop["closes_at"]))
    return f"{opens}–{closes}" if opens or closes else ""


def vehicle_timeline(rows: PlanRows, language: str) -> Chart:
    """Each vehicle's day against its shift: driving, waiting, service, and the stops that are late."""
    _ = say(language)
    waiting = float(rows.routes["waiting_hours"].sum() or 0)
    sentence = _("{driving} hours of driving and {waiting} hours of waiting in all.").format(
        driving=number(float(rows.routes["driving_hours"].sum() or 0), language, 1),
        waiting=number(waiting, language, 1),
    )
    routes = rows.routes.to_dicts()
    spans = [*_shifts(rows, _), *(span for route in routes for span in _day(rows, route, _, language))]
    return _gantt("vehicles", _("Vehicles against their shifts"), sentence, spans, (_("shift"),), _)


def window_timeline(rows: PlanRows, route: int, language: str) -> Chart:
    """The stops of one route against their windows, with the interval that each arrival lies in."""
    _ = say(language)
    stops = rows.stops.filter(pl.col("route") == route).to_dicts()
    late = sum(stop["late_minutes"] > 0 for stop in stops)
    slack = [floor(stop["slack_minutes"]) for stop in stops if stop["slack_minutes"] is not None]
    sentence = ""
    if late:
        sentence = _("{late} of {stops} stops are late.").format(late=late, stops=len(stops))
    elif slack and slack[0] < 1:
        sentence = _("No stop is late, but there is no time to spare on leaving.")
    elif slack:
        sentence = _("A delay of up to {minutes} minutes on leaving makes no stop late.").format(
            minutes=number(slack[0], language, 0)
        )
    spans = [span for stop in stops for span in _at_stop(stop, rows.zone, _, language)]
    return _gantt(f"windows-{route}", _("Stops against their windows"), sentence, spans, (_("window"),), _)


def _gantt(name: str, title: str, sentence: str, spans: list[Row], ground: tuple[str, ...], _: Say) -> Chart:
    data = pl.DataFrame(spans, schema=_SPANS)
    occurring = set(data["what"])
    tones: dict[str, Tone] = {
        _("shift"): "muted",
        _("window"): "muted",
        _("driving"): "calm",
        _("waiting"): "watch",
        _("service"): "plain",
        _("late"): "alert",
    }
    return Chart(
        name=name,
        kind="gantt",
        title=title,
        sentence=sentence,
        data=data,
        x=Axis("begin", _("Time of day"), "clock"),
        y=Axis("row", _("Vehicle"), "text"),
        x_end="end",
        group="what",
        lower="lower",
        upper="upper",
        told="told",
        ground=tuple(each for each in ground if each in occurring),
        tones=tones,
    )


def _shifts(rows: PlanRows, _: Say) -> Iterator[Row]:
    """One span per vehicle; from leaving to coming home where a vehicle has no shift."""
    for vehicle in rows.routes.unique("vehicle_id", keep="first", maintain_order=True).to_dicts():
        begin, end = vehicle["shift_starts_at"], vehicle["shift_ends_at"]
        yield _span(
            vehicle["vehicle_id"],
            begin or vehicle["starts_at"],
            end or vehicle["ends_at"],
            _("shift"),
            rows.zone,
        )


def _day(rows: PlanRows, route: Row, _: Say, language: str) -> Iterator[Row]:
    """What a vehicle does from leaving the depot to coming home, one span after the other."""
    vehicle, zone, left = route["vehicle_id"], rows.zone, route["starts_at"]
    for stop in rows.stops.filter(pl.col("route") == route["route"]).iter_rows(named=True):
        told = "\n".join(_told(stop, zone, _, language))
        yield _span(vehicle, left, stop["arrives_at"], _("driving"), zone, told)
        if stop["begins_at"] > stop["arrives_at"]:
            yield _span(vehicle, stop["arrives_at"], stop["begins_at"], _("waiting"), zone, told)
        serving = _("late") if stop["late_minutes"] > 0 else _("service")
        yield _span(vehicle, stop["begins_at"], stop["leaves_at"], serving, zone, told)
        left = stop["leaves_at"]
    yield _span(vehicle, left, route["ends_at"], _("driving"), zone)


def _at_stop(stop: Row, zone: str, _: Say, language: str) -> Iterator[Row]:
    """A stop's window, waiting and service."""
    row = f"{stop['position']} · {stop['stop_id']}"
    told = "\n".join([*_told(stop, zone, _, language)][1:])
    if stop["opens_at"] and stop["closes_at"]:
        yield _span(row, stop["opens_at"], stop["closes_at"], _("window"), zone, told)
    if stop["begins_at"] > stop["arrives_at"]:
        yield _span(row, stop["arrives_at"], stop["begins_at"], _("waiting"), zone, told)
    serving = _span(
        row,
        stop["begins_at"],
        stop["leaves_at"],
        _("late") if stop["late_minutes"] > 0 else _("service"),
        zone,
        told,
    )
    bounds = {each: _local(stop[f"{each}_at"], zone) for each in ("lower", "upper")}
    yield serving | bounds


def _span(row: str, begin: datetime, end: datetime, what: str, zone: str, told: str = "") -> Row:
    return {
        "row": row,
        "begin": _local(begin, zone),
        "end": _local(end, zone),
        "what": what,
        "lower": None,
        "upper": None,
        "told": told,
    }


def _local(moment: datetime | None, zone: str) -> datetime | None:
    """A moment of the lake (naive UTC) as the clocks of `zone` show it."""
    if moment is None:
        return None
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
