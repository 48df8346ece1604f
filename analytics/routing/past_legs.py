"""The legs of past trips, as the warehouse knows them: from leaving one stop to arriving at the next."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.routing.geography import coordinates, great_circle
from analytics.routing.problem import Place

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

_MOST_TRIPS = 2_500  # the newest; more say nothing new about a depot's surroundings
_NEAR = 0.5  # degrees around the places within which a depot's trips are theirs
_CREDIBLE_SPEED = 0.5, 45.0  # m/s over a whole leg
_CREDIBLE_DETOUR = 0.9, 6.0


@dataclass(frozen=True)
class Legs:
    """Shape (n,) each."""

    metres: Array  # driven
    straight: Array  # metres of the great circle
    seconds: Array
    hour: Codes  # of leaving, on the clock of the place
    weekend: Codes  # 0 or 1
    latitude: Array  # of the middle
    longitude: Array
    vehicle: Codes

    def __len__(self) -> int:
        return len(self.metres)

    @property
    def middle(self) -> tuple[Array, Array]:
        return self.latitude, self.longitude

    def longer_than(self, metres: float) -> "Legs":
        """Legs whose great circle is longer."""
        kept = self.straight > metres
        return Legs(*(getattr(self, field.name)[kept] for field in fields(self)))


def past_legs(
    connection: duckdb.DuckDBPyConnection, places: Sequence[Place], before: datetime, timezone: str
) -> Legs:
    """The credible legs of the newest trips from depots near the places, all over before `before` (UTC).

    Nothing recorded at `before` or later is read: neither trips nor arrivals.
    """
    latitude, longitude = coordinates(places)
    box = {
        "south": latitude.min() - _NEAR,
        "north": latitude.max() + _NEAR,
        "west": longitude.min() - _NEAR,
        "east": longitude.max() + _NEAR,
    }
    rows = connection.execute(
        _LEGS, {**box, "before": before, "trips": _MOST_TRIPS, "timezone": timezone}
    ).pl()
    return _credible(rows)


_LEGS = """
WITH recent AS (
    SELECT trips.trip_id, trips.vehicle_id, trips.left_at, depots.latitude, depots.longitude
    FROM logistics.trips AS trips
    JOIN logistics.depots AS depots ON depots.depot_id = trips.depot_id
    WHERE
        trips.left_at < $before
        AND depots.latitude BETWEEN $south AND $north
        AND depots.longitude BETWEEN $west AND $east
    ORDER BY trips.left_at DESC, trips.trip_id
    LIMIT $trips
),

visits AS (
    SELECT trip_id, 0 AS position, latitude, longitude, NULL AS leg_km, NULL AS arrived_at, left_at
    FROM recent
    UNION ALL
    SELECT
        stops.trip_id,
        stops.position,
        stops.latitude,
        stops.longitude,
        stops.leg_km,
        stops.arrived_at,
        stops.left_at
    FROM logistics.trip_stops AS stops
    WHERE stops.arrived_at < $before AND stops.trip_id IN (SELECT trip_id FROM recent)
)

SELECT
    dense_rank() OVER (ORDER BY recent.vehicle_id) AS vehicle,
    there.leg_km * 1000 AS metres,
    here.latitude AS latitude,
    here.longitude AS longitude,
    there.latitude AS to_latitude,
    there.longitude AS to_longitude,
    epoch(there.arrived_at) - epoch(here.left_at) AS seconds,
    hour(timezone($timezone, timezone('UTC', here.left_at))) AS hour,
    CAST(isodow(timezone($timezone, timezone('UTC', here.left_at))) > 5 AS INTEGER) AS weekend
FROM visits AS there
JOIN visits AS here ON here.trip_id = there.trip_id AND here.position = there.position - 1
JOIN recent ON recent.trip_id = there.trip_id
WHERE there.position > 0 AND there.arrived_at > here.left_at
ORDER BY there.trip_id, there.position
"""


def _credible(rows: pl.DataFrame) -> Legs:
    """Without legs that nobody can have driven: from a wrong place, at a wrong hour, with a wrong length."""
    start = rows["latitude"].to_numpy(), rows["longitude"].to_numpy()
    end = rows["to_latitude"].to_numpy(), rows["to_longitude"].to_numpy()
    straight = great_circle(*start, *end)
    metres, seconds = rows["metres"].to_numpy(), rows["seconds"].to_numpy()
    speed, detour = metres / np.maximum(seconds, 1), metres / np.maximum(straight, 1)
    kept = (
        (_CREDIBLE_SPEED[0] < speed)
        & (speed < _CREDIBLE_SPEED[1])
        & (_CREDIBLE_DETOUR[0] < detour)
        & (detour < _CREDIBLE_DETOUR[1])
    )
    legs = Legs(
        metres,
        straight,
        seconds,
        rows["hour"].cast(pl.Int64).to_numpy(),
        rows["weekend"].cast(pl.Int64).to_numpy(),
        (start[0] + end[0]) / 2,
        (start[1] + end[1]) / 2,
        rows["vehicle"].cast(pl.Int64).to_numpy(),
    )
    return Legs(*(getattr(legs, field.name)[kept] for field in fields(legs)))
