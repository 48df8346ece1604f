"""Speeds learned from past trips: by hour of the day, weekday or weekend, and area.

A leg of a past trip goes from leaving one stop (or the depot) to arriving at the next. Its time is taken as

    seconds = overhead + road metres x pace(hour and kind of day, area, area at that time of day)
    road metres = access + great-circle metres x detour(area)

where overhead and access are what every leg has however short it is: parking, starting, the way round the
block. Who drives is allowed for: a quick driver makes no quick hour. All effects are shrunken medians
(`effects`), so outliers (a lunch break) and areas with few trips do not mislead. In the end the pace is
scaled so that all times together come out right, for a plan adds them up. The area of a leg is that of its
middle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analytics.routing import effects
from analytics.routing.geography import cells, coordinates, great_circle
from analytics.routing.past_legs import Legs
from analytics.routing.periods import merged_periods
from analytics.routing.problem import Place, Travel

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

LEAST_LEGS = 200
AREA_KM = 4.0
HOURS_AHEAD = 30  # a night shift that begins on the day ends before
_LEAST_METRES = 300.0  # shorter legs say more about parking than about speed
_WALKING = 0.72  # seconds per metre: no overhead makes a way slower than on foot
_MOST_OVERHEAD = 300.0  # seconds
_MOST_ACCESS = 1_000.0  # metres
_TURNS = 3
_CREDIBLE = 2.0  # a leg that took twice as long as legs like it, or half, had another reason
_PARTS_OF_DAY = np.repeat(np.arange(5), [6, 4, 5, 4, 5])  # of the hours: 0-6, 6-10, 10-15, 15-19, 19-24


@dataclass(frozen=True)
class Speeds:
    """What was learned; `travel` applies it."""

    legs: int
    road: effects.Fit  # log road metres per metre of the great circle, beyond `access`
    access: float  # metres of road that every leg has however short it is
    pace: effects.Fit  # log seconds per road metre, beyond `overhead`
    overhead: float  # seconds
    scale: float

    def travel(self, places: Sequence[Place], begins: datetime, timezone: str) -> Travel:
        """Travel between the places in the hours after `begins` (UTC), n x n per period of alike speeds."""
        latitude, longitude = coordinates(places)
        straight = great_circle(latitude[:, None], longitude[:, None], latitude, longitude)
        areas, at = np.unique(
            cells((latitude[:, None] + latitude) / 2, (longitude[:, None] + longitude) / 2, AREA_KM),
            return_inverse=True,
        )
        at = at.reshape(straight.shape)
        metres = self.by_road(straight, self.log_road(areas)[at])
        starting = self.starting(metres)
        hours, weekends = _clock(begins, timezone)
        seen = np.maximum(self.pace.effects["hour"].cases_of(_hours(hours, weekends)[:, 0]), 1e-3)
        starts, paces = merged_periods(self.log_pace(areas, hours, weekends), seen)
        seconds = np.empty((len(paces), *metres.shape))  # large: filled in place
        for matrix, pace in zip(seconds, paces, strict=True):
            np.take(np.exp(pace), at, out=matrix)
            np.multiply(matrix, metres, out=matrix)
            np.add(matrix, starting, out=matrix)
        source = f"speeds learned from {self.legs:,} legs of past trips, by hour and area"
        return Travel(metres, seconds, source, tuple(3600.0 * start for start in starts))

    def by_road(self, straight: Array, log_road: Array) -> Array:
        """Metres by road for metres of the great circle."""
        metres: Array = np.minimum(self.access, straight) + straight * np.exp(log_road)
        return metres

    def starting(self, metres: Array) -> Array:
        """Seconds that a leg of such length has beside driving."""
        return np.minimum(self.overhead, _WALKING * metres)

    def log_road(self, areas: Codes) -> Array:
        """Log of road metres per metre of the great circle; never below 0."""
        log_road: Array = np.maximum(self.road.at({"area": areas}), 0.0)
        return log_road

    def log_pace(self, areas: Codes, hour: Codes, weekend: Codes) -> Array:
        """Log of seconds per road metre; shapes broadcast."""
        log_pace: Array = self.pace.at(_groups(areas, hour, weekend)) + np.log(self.scale)
        return log_pace


def learn(legs: Legs) -> Speeds | None:
    """Speeds from past legs; None where fewer than `LEAST_LEGS` are long enough to show a speed."""
    legs = legs.longer_than(_LEAST_METRES)
    if len(legs) < LEAST_LEGS:
        return None
    area = cells(*legs.middle, AREA_KM)
    # Who drives explains first: a shift that a quick driver has is not a quick hour. Plans are for anybody.
    groups = {"vehicle": legs.vehicle} | _groups(area, legs.hour, legs.weekend)
    access, road = _beyond_start(legs.straight, legs.metres, {"area": area}, _MOST_ACCESS)
    overhead, pace = _beyond_start(legs.metres, legs.seconds, groups, _MOST_OVERHEAD)
    expected = legs.metres * np.exp(pace.at(_groups(area, legs.hour, legs.weekend)))
    driving = legs.seconds - overhead
    # Medians lie below means: what makes the times of all credible legs together come out right.
    credible = np.abs(np.log(np.maximum(driving, 1) / expected)) < np.log(_CREDIBLE)
    scale = driving[credible].sum() / expected[credible].sum() if credible.any() else 1.0
    return Speeds(len(legs), road, access, pace, overhead, float(scale))


def _beyond_start(
    lengths: Array, values: Array, groups: dict[str, Codes], most: float
) -> tuple[float, effects.Fit]:
    """What every leg has however short, and the log of what it has per length beyond that, by group.

    Found in turn: the start is where the line through all legs, against what their groups let expect of a
    leg of such length, meets no length.
    """
    start = 0.0
    fit = effects.fitted(np.log(values / lengths), groups)
    for _ in range(_TURNS):
        start = float(np.clip(_start_of_line(lengths * np.exp(fit.at(groups)), values), 0, most))
        beyond = np.maximum(values - start, 0.2 * values)
        fit = effects.fitted(np.log(beyond / lengths), groups)
    return start, fit


def _start_of_line(x: Array, y: Array) -> float:
    """Where the line through the medians of twenty classes of x meets x = 0 (slope by Theil and Sen)."""
    classes = [part for part in np.array_split(np.argsort(x, kind="stable"), 20) if len(part)]
    at = np.array([np.median(x[part]) for part in classes])
    values = np.array([np.median(y[part]) for part in classes])
    first, second = np.triu_indices(len(at), 1)
    apart = at[second] - at[first]
    if at[-1] < 2 * at[0] or not (apart > 0).any():
        return 0.0
    slope = np.median((values[second] - values[first])[apart > 0] / apart[apart > 0])
    return float(np.median(values - slope * at))


def _hours(hour: Codes, weekend: Codes) -> Codes:
    return hour + 24 * weekend


def _groups(area: Codes, hour: Codes, weekend: Codes) -> dict[str, Codes]:
    """What a leg's pace depends on, as codes."""
    part_of_week = _PARTS_OF_DAY[hour] + 5 * weekend
    return {"hour": _hours(hour, weekend), "area": area, "area then": area * 16 + part_of_week}


def _clock(begins: datetime, timezone: str) -> tuple[Codes, Codes]:
    """Hour of the day and whether it is a weekend, on the clock of the place, for the hours ahead: (h, 1)."""
    moments = [begins.replace(tzinfo=UTC) + timedelta(hours=hour) for hour in range(HOURS_AHEAD)]
    local = [moment.astimezone(ZoneInfo(timezone)) for moment in moments]
    both = np.array([(moment.hour, moment.isoweekday() > 5) for moment in local], dtype=np.int64)
    return both[:, :1], both[:, 1:]
