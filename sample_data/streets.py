"""The two cities that are delivered to: addresses, distances, how fast one gets on, and who drives where."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sample_data.world import Bools, Floats, Ints, Texts, pick

PLACES = ("home", "shop", "office", "site")
DETOUR = 1.32  # a street is longer than the line as the crow flies
KM_A_DEGREE = 111.2


@dataclass(frozen=True)
class City:
    """A depot and the quarter of its city (a compass bearing in radians) where traffic is worst."""

    depot_id: str
    latitude: float
    longitude: float
    timezone: str
    worst: float


CITIES_SERVED = (
    City("D01", 53.55, 9.99, "Europe/Berlin", -1.8),  # the harbour in the south
    City("D05", 45.46, 9.19, "Europe/Rome", 0.6),
)


@dataclass(frozen=True)
class Addresses:
    """Places that order again and again; kilometres east and north of the depot."""

    latitude: Floats
    longitude: Floats
    east: Floats
    north: Floats
    place: Texts
    effort: Floats  # how much longer than usual a stop takes here

    def __len__(self) -> int:
        return len(self.east)

    def take(self, chosen: Ints) -> "Addresses":
        """Some of them."""
        return Addresses(**{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})


def addresses(rng: np.random.Generator, city: City, count: int) -> Addresses:
    """Addresses thin out with the distance from the centre; most lie in a few towns around it."""
    towns = rng.normal(0, 9.0, (9, 2))
    centre = towns[rng.integers(0, len(towns), count)] * (rng.random(count) < 0.7)[:, None]
    east, north = (centre + rng.normal(0, 1, (count, 2)) * rng.gamma(2.0, 2.6, count)[:, None]).T
    latitude = (city.latitude + north / KM_A_DEGREE).round(4)
    longitude = (city.longitude + east / KM_A_DEGREE / np.cos(np.radians(city.latitude))).round(4)
    return Addresses(
        latitude=latitude,
        longitude=longitude,
        east=east,
        north=north,
        place=pick(rng, PLACES, count, (0.5, 0.25, 0.17, 0.08)),
        effort=np.exp(rng.normal(0, 0.28, count)),
    )


def kilometres(east: Floats, north: Floats, to_east: Floats, to_north: Floats) -> Floats:
    """The way by street between points given in kilometres."""
    way: Floats = DETOUR * np.hypot(to_east - east, to_north - north) + 0.2
    return way


def free_speed(city: City, east: Floats, north: Floats) -> Floats:
    """Kilometres an hour at a quiet hour around a point: the centre is slow, so is the worst quarter."""
    out = np.hypot(east, north)
    bearing = np.arctan2(north, east)
    worst = np.cos(bearing - city.worst) > 0.75
    speed: Floats = (22.0 + 21.0 * (1 - np.exp(-out / 9.0))) * np.where(worst, 0.80, 1.0)
    return speed


def rush(local_hour: Floats, saturday: Bools) -> Floats:
    """The share of the quiet speed that is left at an hour of the day."""
    morning = 0.36 * np.exp(-(((local_hour - 8.1) / 1.1) ** 2))
    evening = 0.40 * np.exp(-(((local_hour - 17.2) / 1.3) ** 2))
    share: Floats = 1 - (morning + evening) * np.where(saturday, 0.25, 1.0)
    return share


def dispatched(rng: np.random.Generator, stops: Addresses, vans: int) -> list[Ints]:
    """The rounds of a plain dispatcher: slices of the map, one a van, each driven to the next nearest."""
    bearing = (np.arctan2(stops.north, stops.east) + rng.uniform(0, 2 * np.pi)) % (2 * np.pi)
    return [to_the_nearest(stops, part) for part in np.array_split(np.argsort(bearing), vans)]


def to_the_nearest(stops: Addresses, chosen: Sequence[int] | Ints) -> Ints:
    """The chosen stops, from the depot on always the nearest one that is left."""
    left, order, east, north = list(chosen), [], 0.0, 0.0
    while left:
        away = np.hypot(stops.east[left] - east, stops.north[left] - north)
        nearest = left.pop(int(np.argmin(away)))
        order.append(nearest)
        east, north = stops.east[nearest], stops.north[nearest]
    return np.asarray(order, dtype=np.int64)
