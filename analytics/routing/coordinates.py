"""Coordinates that cannot be right: (0, 0), and latitude and longitude in each other's column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.routing.geography import great_circle
from analytics.routing.problem import Place

_FAR = 400_000.0  # metres from the depot: nobody drives there and back in a shift
_NEAR = 150_000.0  # exchanged, it lies where the depot's other stops lie
_CHANCE = 2  # so many stops may be exchanged without the depot being so


@dataclass(frozen=True)
class Located:
    """Where things are, after mending. `nowhere` and `swapped` are indices into the places given."""

    depot: Place
    places: tuple[Place, ...]
    depot_swapped: bool
    swapped: tuple[int, ...]
    nowhere: tuple[int, ...]


def located(depot: Place, places: Sequence[Place]) -> Located:
    """Places with exchanged coordinates put right; those at (0, 0) or without a number are told apart.

    Exchanged are those far from the depot that lie near it the other way round. Where most places, and more
    than two, are such, it is the depot's own coordinates that are exchanged.
    """
    given = np.array([(place.latitude, place.longitude) for place in places], dtype=float).reshape(-1, 2)
    nowhere = ~np.isfinite(given).all(axis=1) | (np.abs(given) < 1e-6).all(axis=1)
    swapped = _swapped(depot, given) & ~nowhere
    turned = _turned(depot)
    of_depot = turned is not None and swapped.sum() > max(_CHANCE, (~nowhere).sum() / 2)
    if turned is not None and of_depot:
        depot = turned
        swapped = _swapped(depot, given) & ~nowhere
    given[swapped] = given[swapped][:, ::-1]
    return Located(
        depot,
        tuple(Place(float(latitude), float(longitude)) for latitude, longitude in given),
        bool(of_depot),
        tuple(np.flatnonzero(swapped).tolist()),
        tuple(np.flatnonzero(nowhere).tolist()),
    )


def is_nowhere(place: Place) -> bool:
    """Whether the place is at (0, 0), in the sea off Africa, where missing coordinates end up."""
    return not np.isfinite([place.latitude, place.longitude]).all() or (
        abs(place.latitude) < 1e-6 and abs(place.longitude) < 1e-6
    )


def _swapped(depot: Place, given: NDArray[np.float64]) -> NDArray[np.bool_]:
    latitude, longitude = given.T
    straight = great_circle(latitude, longitude, depot.latitude, depot.longitude)
    exchanged = great_circle(longitude, latitude, depot.latitude, depot.longitude)
    found: NDArray[np.bool_] = (straight > _FAR) & (exchanged < _NEAR) & (np.abs(longitude) <= 90)
    return found


def _turned(place: Place) -> Place | None:
    return Place(place.longitude, place.latitude) if abs(place.longitude) <= 90 else None
