"""Distances and areas against other formulas and known cities."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.routing.geography import cells, distances, great_circle
from analytics.routing.problem import Place

latitudes = st.floats(-85, 85)
longitudes = st.floats(-179, 179)
places = st.builds(Place, latitudes, longitudes)


@given(places, places)
def test_the_distance_is_that_of_the_angle_between_two_vectors(one: Place, other: Place) -> None:
    def vector(place: Place) -> np.ndarray:
        north, east = math.radians(place.latitude), math.radians(place.longitude)
        return np.array([math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)])

    a, b = vector(one), vector(other)
    angle = math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b))
    metres = distances([one, other])
    assert metres[0, 1] == pytest.approx(6_371_008.8 * angle, rel=1e-9, abs=0.01)
    assert metres[0, 1] == metres[1, 0]
    assert metres[0, 0] == 0


def test_hamburg_to_milano() -> None:
    assert great_circle(53.55, 9.99, 45.46, 9.19) / 1_000 == pytest.approx(901.5, abs=2)


def test_no_places_have_no_distances() -> None:
    assert distances([]).shape == (0, 0)


@given(latitudes, longitudes, st.integers(0, 2**32))
def test_one_area_is_never_wider_than_its_diagonal(latitude: float, longitude: float, seed: int) -> None:
    near = np.random.default_rng(seed).uniform(-0.1, 0.1, (200, 2))
    at = np.clip(latitude + near[:, 0], -85, 85), longitude + near[:, 1] / math.cos(math.radians(latitude))
    numbers = cells(*at, 4.0)
    for number in np.unique(numbers):
        inside = numbers == number
        span = great_circle(at[0][inside][:, None], at[1][inside][:, None], at[0][inside], at[1][inside])
        assert span.max() < 4_000 * 1.5
    assert len(np.unique(numbers)) > 4  # about 22 x 22 km
