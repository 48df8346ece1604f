"""Places on a flat map: as far apart as they are on the globe, and on the right tile."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboards.charts.chart import Axis, Chart
from dashboards.charts.geography import Plane, box_of, plane_of, projected, scale_bar, tiles

LATITUDES = some.floats(-70, 70)
LONGITUDES = some.floats(-179, 179)


def places(*points: tuple[float, float]) -> Chart:
    """A map of `(latitude, longitude)` pairs."""
    data = pl.DataFrame([(*point, "stop") for point in points], schema=["lat", "lon", "mark"], orient="row")
    return Chart("map", "map", "", "", data, Axis("lon", ""), Axis("lat", ""), mark="mark")


@given(LATITUDES, LONGITUDES, some.floats(-0.05, 0.05), some.floats(-0.05, 0.05))
def test_near_the_middle_a_unit_is_a_metre(
    latitude: float, longitude: float, north: float, east: float
) -> None:
    plane = Plane(latitude, longitude)
    flat = math.hypot(plane.x(longitude + east), plane.y(latitude + north))
    there, here = math.radians(latitude + north), math.radians(latitude)
    half = (
        math.sin((there - here) / 2) ** 2
        + math.cos(there) * math.cos(here) * math.sin(math.radians(east) / 2) ** 2
    )

    assert flat == pytest.approx(2 * 6_378_137 * math.asin(math.sqrt(half)), rel=0.01, abs=0.01)


def test_the_scale_bar_is_a_round_length_that_fits() -> None:
    box = box_of(places((51.5, 7.0), (51.6, 7.2)))
    length, words = scale_bar(box)

    assert (length, words) == (2000, "2 km")
    assert box.width / 5 / 2.5 <= length <= box.width / 5


@given(LATITUDES, LONGITUDES, some.floats(0.001, 5))
def test_every_place_lies_on_a_tile_of_its_own_number(latitude: float, longitude: float, span: float) -> None:
    chart = places((latitude, longitude), (latitude + span, min(180.0, longitude + span)))
    found = tiles(chart, "{z}/{x}/{y}")
    x, y = projected(chart, chart.data[:1])
    holding = [t for t in found if t.box.west <= x[0] <= t.box.east and t.box.south <= y[0] <= t.box.north]
    zoom = int(found[0].address.partition("/")[0])
    # The number of a tile after the wiki of OpenStreetMap, "Slippy map tilenames".
    column = (longitude + 180) / 360 * 2**zoom
    row = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**zoom

    assert 0 < len(found) <= 100
    assert any(
        abs(column - int(tile.address.split("/")[1]) - 0.5) <= 0.501
        and abs(row - int(tile.address.split("/")[2]) - 0.5) <= 0.501
        for tile in holding
    )


def test_one_place_alone_makes_a_map_too() -> None:
    chart = places((51.5, 7.0))
    assert plane_of(chart) == Plane(51.5, 7.0)
    assert box_of(chart).width == 400
