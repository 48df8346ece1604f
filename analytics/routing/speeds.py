"""Speeds learned from past trips: by hour of the day, weekday or weekend, and area.

A leg of a past trip goes from leaving one stop (or the depot) to arriving at the next. Its time is taken as

    seconds = overhead + road metres x pace(hour and kind of day, area, area at that time of day)

where the overhead is what every leg costs however short it is (parking, turning, starting). The road is the
great circle x a detour factor, learned by area too. All effects are shrunken medians (`effects`), so outliers
(a lunch break) and areas with few trips do not mislead; in the end the pace is scaled so that all times
together come out right, for a plan adds them up. The area of a leg is that of its middle.
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
HOURS_AHEAD = 36  # a night shift that begins on the day ends before
_LEAST_METRES = 300.0  # shorter legs say more about parking than about speed
_WALKING = 0.72  # seconds per metre: no overhead makes a way slower than on foot
_MOST_OVERHEAD = 300.0  # seconds
_CREDIBLE = 2.0  # a leg that took twice as long as legs like it, or half, had another reason
_PARTS_OF_DAY = np.repeat(np.arange(5), [6, 4, 5, 4, 5])  # of the hours: 0-6, 6-10, 10-15, 15-19, 19-24


@dataclass(frozen=True)
class Speeds:
    """What was learned; `travel` applies it."""

    legs: int
    overhead: float  # seconds
    pace: effects.Fit  # log seconds per road metre
    detour: effects.Fit  # log road metres per metre of the great circle
    scale: float

    def travel(self, places: Sequence[Place], begins: datetime, timezone: str) -> Travel:
        """Travel between the places in the hours after `begins` (UTC), n^2 per period of alike speeds."""
        latitude, longitude = coordinates(places)
        straight = great_circle(latitude[:, None], longitude[:, None], latitude, longitude)
        areas, at = np.unique(
            cells((latitude[:, None] + latitude) / 2, (longitude[:, None] + longitude) / 2, AREA_KM),
            return_inverse=True,
        )
        at = at.reshape(straight.shape)
        metres = straight * self.road_factor(areas)[at]
        starts, paces = merged_periods(self.log_pace(areas, *_clock(begins, timezone)))
        parking = np.minimum(self.overhead, _WALKING * metres)
        seconds = np.stack([parking + metres * np.exp(pace)[at] for pace in paces])
        source = f"speeds learned from {self.legs} legs of past trips, by hour and area"
        return Travel(metres, seconds, source, tuple(3600.0 * start for start in starts))

    def road_factor(self, areas: Codes) -> Array:
        """Road metres per metre of the great circle, by area."""
        factor: Array = np.maximum(np.exp(self.detour.level + self.detour.effects["area"].of(areas)), 1.0)
        return factor

    def log_pace(self, areas: Codes, hour: Codes, weekend: Codes) -> Array:
        """Log of seconds per road metre; shapes broadcast."""
        groups = _groups(areas, hour, weekend)
        log_pace = np.array(self.pace.level + np.log(self.scale))
        for name, group in groups.items():
            log_pace = log_pace + self.pace.effects[name].of(group)
        return log_pace


def learn(legs: Legs) -> Speeds | None:
    """Speeds from past legs; None where fewer than `LEAST_LEGS` are long enough to show a speed."""
    legs = legs.longer_than(_LEAST_METRES)
    if len(legs) < LEAST_LEGS:
        return None
    area = cells(*legs.middle, AREA_KM)
    overhead = _overhead(legs)
    driving = np.maximum(legs.seconds - overhead, 0.2 * legs.seconds)
    pace = effects.fitted(np.log(driving / legs.metres), _groups(area, legs.hour, legs.weekend))
    detour = effects.fitted(np.log(legs.metres / legs.straight), {"area": area})
    unscaled = Speeds(len(legs), overhead, pace, detour, 1.0)
    return Speeds(len(legs), overhead, pace, detour, _scale(unscaled, legs, area, driving))


def _scale(speeds: Speeds, legs: Legs, area: Codes, driving: Array) -> float:
    """What makes the times of all credible legs together come out right: medians lie below means."""
    expected = legs.metres * np.exp(speeds.log_pace(area, legs.hour, legs.weekend))
    credible = np.abs(np.log(driving / expected)) < np.log(_CREDIBLE)
    return float(driving[credible].sum() / expected[credible].sum()) if credible.any() else 1.0


def _overhead(legs: Legs) -> float:
    """Where the line through the medians of twenty classes of length meets no length at all."""
    order = np.argsort(legs.metres)
    classes = [part for part in np.array_split(order, 20) if len(part)]
    metres = np.array([np.median(legs.metres[part]) for part in classes])
    seconds = np.array([np.median(legs.seconds[part]) for part in classes])
    if metres[-1] < 2 * metres[0]:
        return 0.0
    rise = _median_slope(metres, seconds)
    return float(np.clip(np.median(seconds - rise * metres), 0, min(_MOST_OVERHEAD, seconds.min() / 2)))


def _median_slope(x: Array, y: Array) -> float:
    """The median of the slopes between all pairs (Theil-Sen)."""
    first, second = np.triu_indices(len(x), 1)
    apart = x[second] - x[first]
    return float(np.median((y[second] - y[first])[apart > 0] / apart[apart > 0]))


def _groups(area: Codes, hour: Codes, weekend: Codes) -> dict[str, Codes]:
    """What a leg's pace depends on, as codes."""
    part_of_week = _PARTS_OF_DAY[hour] + 5 * weekend
    return {"hour": hour + 24 * weekend, "area": area, "area then": area * 16 + part_of_week}


def _clock(begins: datetime, timezone: str) -> tuple[Codes, Codes]:
    """Hour of the day and whether it is a weekend, on the clock of the place, for the hours ahead: (h, 1)."""
    moments = [begins.replace(tzinfo=UTC) + timedelta(hours=hour) for hour in range(HOURS_AHEAD)]
    local = [moment.astimezone(ZoneInfo(timezone)) for moment in moments]
    both = np.array([(moment.hour, moment.isoweekday() > 5) for moment in local], dtype=np.int64)
    return both[:, :1], both[:, 1:]
