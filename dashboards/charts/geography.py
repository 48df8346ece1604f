"""Places on a flat map: web Mercator around their middle, a scale bar, and the tiles that lie below.

The projection is the one that tile servers use (EPSG:3857), shrunk so that a unit is about a metre at the
middle of the map.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from dashboards.charts.chart import Chart

EARTH = 6_378_137.0  # radius, metres
NORTHMOST = 85.05  # degrees; beyond it the projection has no place
_LONG, _TALL = 2.2, 0.75  # the widest and the tallest shape a map is shown in, width by height
_MOST_TILES = 100
_FINEST = 17


@dataclass(frozen=True)
class Box:
    """A piece of the plane."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        return self.east - self.west

    @property
    def height(self) -> float:
        return self.north - self.south


@dataclass(frozen=True)
class Tile:
    """One picture of the ground: where it is fetched and where it lies."""

    address: str
    box: Box


@dataclass(frozen=True)
class Plane:
    """The plane around `latitude`, `longitude` (degrees)."""

    latitude: float
    longitude: float

    @property
    def shrink(self) -> float:
        return math.cos(math.radians(self.latitude))

    def x(self, longitude: float) -> float:
        return EARTH * self.shrink * math.radians(longitude - self.longitude)

    def y(self, latitude: float) -> float:
        return EARTH * self.shrink * (_upward(latitude) - _upward(self.latitude))


def plane_of(chart: Chart) -> Plane:
    """The plane around the places of a map."""
    south, north = _ends(chart.data[chart.y.column])
    west, east = _ends(chart.data[chart.x.column])
    return Plane((south + north) / 2, (west + east) / 2)


def projected(chart: Chart, part: pl.DataFrame) -> tuple[list[float], list[float]]:
    """The rows of `part` as x and y on the plane of the whole map."""
    plane = plane_of(chart)
    x = [plane.x(each) for each in part[chart.x.column]]
    return x, [plane.y(each) for each in part[chart.y.column]]


def box_of(chart: Chart) -> Box:
    """What holds all places in the foreground with some air around them; at least 400 metres wide."""
    behind = [group for group, tone in chart.tones.items() if tone == "muted"]
    before = chart.data.filter(~pl.col(chart.group).is_in(behind)) if chart.group else chart.data
    x, y = projected(chart, chart.data if before.is_empty() else before)
    air = max(200.0, 0.06 * max(max(x) - min(x), max(y) - min(y)))
    return Box(min(x) - air, min(y) - air, max(x) + air, max(y) + air)


def scale_bar(box: Box) -> tuple[float, str]:
    """The length of a scale bar, about a fifth of the map, in metres and as written."""
    aim = box.width / 5
    power = 10.0 ** math.floor(math.log10(aim))
    length = max(step * power for step in (1, 2, 5) if step * power <= aim)
    return length, f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"


def tiles(chart: Chart, server: str) -> list[Tile]:
    """The tiles that lie below a map in whatever shape it is shown, as fine as a hundred of them can be."""
    plane, box = plane_of(chart), _in_any_shape(box_of(chart))
    for zoom in range(_FINEST, -1, -1):
        columns, rows = _columns(plane, box, zoom), _rows(plane, box, zoom)
        if len(columns) * len(rows) <= _MOST_TILES:
            return [_tile(plane, server, zoom, column, row) for column in columns for row in rows]
    return []


def _in_any_shape(box: Box) -> Box:
    wider = max(0.0, _LONG * box.height - box.width) / 2
    higher = max(0.0, box.width / _TALL - box.height) / 2
    return Box(box.west - wider, box.south - higher, box.east + wider, box.north + higher)


def _columns(plane: Plane, box: Box, zoom: int) -> range:
    unit = 2 * math.pi * EARTH * plane.shrink / 2**zoom
    middle = (plane.longitude + 180) / 360 * 2**zoom
    first, last = math.floor(middle + box.west / unit), math.floor(middle + box.east / unit)
    return range(max(0, first), min(2**zoom - 1, last) + 1)


def _rows(plane: Plane, box: Box, zoom: int) -> range:
    unit = 2 * math.pi * EARTH * plane.shrink / 2**zoom
    middle = (1 - _upward(plane.latitude) / math.pi) / 2 * 2**zoom
    first, last = math.floor(middle - box.north / unit), math.floor(middle - box.south / unit)
    return range(max(0, first), min(2**zoom - 1, last) + 1)


def _tile(plane: Plane, server: str, zoom: int, column: int, row: int) -> Tile:
    address = server
    for name, value in (("{z}", str(zoom)), ("{x}", str(column)), ("{y}", str(row)), ("{s}", "a")):
        address = address.replace(name, value)
    unit = 2 * math.pi * EARTH * plane.shrink / 2**zoom
    west = (column - (plane.longitude + 180) / 360 * 2**zoom) * unit
    north = ((1 - _upward(plane.latitude) / math.pi) / 2 * 2**zoom - row) * unit
    return Tile(address, Box(west, north - unit, west + unit, north))


def _upward(latitude: float) -> float:
    held = max(-NORTHMOST, min(NORTHMOST, latitude))
    return math.asinh(math.tan(math.radians(held)))


def _ends(values: Iterable[float]) -> tuple[float, float]:
    found = list(values)
    return min(found), max(found)
