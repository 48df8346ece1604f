"""Distances on the globe and areas of a map, for whole arrays at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import Place

Array = NDArray[np.float64]

EARTH_RADIUS = 6_371_008.8  # metres; the mean radius of WGS 84
_KM_PER_DEGREE = EARTH_RADIUS * np.pi / 180 / 1_000


def coordinates(places: Sequence[Place]) -> tuple[Array, Array]:
    """Latitudes and longitudes, degrees, of shape (n,) each."""
    both = np.array([(place.latitude, place.longitude) for place in places], dtype=np.float64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def great_circle(
    latitude: Array | float, longitude: Array | float, to_latitude: Array | float, to_longitude: Array | float
) -> Array:
    """Metres along the great circle (haversine formula); degrees in, shapes broadcast."""
    north, to_north = np.radians(latitude), np.radians(to_latitude)
    east, to_east = np.radians(longitude), np.radians(to_longitude)
    half_chord = (
        np.sin((to_north - north) / 2) ** 2
        + np.cos(north) * np.cos(to_north) * np.sin((to_east - east) / 2) ** 2
    )
    metres: Array = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(half_chord, 1.0)))
    return metres


def distances(places: Sequence[Place]) -> Array:
    """Great-circle metres between all places: (n, n), symmetric, zeros on the diagonal."""
    latitude, longitude = coordinates(places)
    return great_circle(latitude[:, None], longitude[:, None], latitude, longitude)


def cells(latitude: Array, longitude: Array, km: float) -> NDArray[np.int64]:
    """The number of the area that each point lies in: squares of about `km` that tile the globe.

    Rows are equal steps of latitude; a row is cut into columns of the same width in its middle. Two points
    get one number exactly if they lie in one square.
    """
    step = km / _KM_PER_DEGREE
    row = np.floor((latitude + 90) / step)
    middle = np.minimum((row + 0.5) * step - 90, 90.0)
    column = np.floor((longitude + 180) * np.maximum(np.cos(np.radians(middle)), 1e-6) / step)
    return (row * 10_000_000 + column).astype(np.int64)
