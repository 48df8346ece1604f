"""How far apart the values of a series lie: found from its moments, or told.

Days and longer steps follow the calendar. Hours and shorter steps are counted on the UTC line, where every
hour is as long as the other: a day of 23 wall-clock hours has no gap there and a day of 25 no duplicate
(`analytics.forecasting.series` puts wall-clock times on that line).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.errors import UsageError

Unit = Literal["step", "second", "day", "month"]
Moment = date | datetime | int
NAMES = {
    "minute": "1m",
    "hour": "1h",
    "day": "1d",
    "week": "1w",
    "month": "1mo",
    "quarter": "3mo",
    "year": "12mo",
}
_SECONDS = {"s": 1, "m": 60, "h": 3600}
# More steps than this in one series: some moment is wrong, or steps are far too short.
_MOST_STEPS = 10_000_000
_TOLD = re.compile(r"(\d+)\s*(s|m|h|d|w|mo|q|y)")


@dataclass(frozen=True)
class Frequency:
    """`count` units between two values; "step" is a series counted by whole numbers.

    `zone` (IANA): whose clock the values follow, for steps below a day, whose moments are naive UTC.
    """

    unit: Unit
    count: int
    zone: str = ""

    @property
    def name(self) -> str:
        """As a person writes it: 1h, 15m, 1d, 1w, 1mo; "step" for whole numbers."""
        match self.unit:
            case "second":
                for letter, seconds in (("h", 3600), ("m", 60)):
                    if self.count % seconds == 0:
                        return f"{self.count // seconds}{letter}"
                return f"{self.count}s"
            case "day":
                return f"{self.count // 7}w" if self.count % 7 == 0 else f"{self.count}d"
            case "month":
                return f"{self.count}mo"
            case _:
                return "step"

    @property
    def season(self) -> int:
        """Steps of the season people expect: a day of hours, a week of days, a year of weeks or months."""
        match self.unit:
            case "second":
                return max(1, round(86_400 / self.count))
            case "day":
                return {1: 7, 7: 52}.get(self.count, max(1, round(365.25 / self.count)))
            case "month":
                return max(1, 12 // self.count)
            case _:
                return 1

    def positions(self, moments: pl.Series) -> NDArray[np.int64]:
        """How many steps each moment lies after the first; raises UsageError for one between two steps."""
        if moments.dtype.is_integer():
            units = (moments - moments[0]).to_numpy()
            exact = np.ones(len(moments), dtype=bool)
        elif self.unit == "month":
            units = (moments.dt.year() * 12 + moments.dt.month()).cast(pl.Int64).to_numpy()
            units = units - units[0]
            days, ends = moments.dt.day(), moments.cast(pl.Date) == moments.cast(pl.Date).dt.month_end()
            exact = ((days == days[0]) | (ends & ((days < days[0]) | ends[0]))).to_numpy()
        else:
            seconds = moments.cast(pl.Datetime("us")).dt.epoch("s").to_numpy()
            unit = 86_400 if self.unit == "day" else 1
            units, exact = (seconds - seconds[0]) // unit, (seconds - seconds[0]) % unit == 0
        wrong = np.flatnonzero(~exact | (units % self.count != 0))
        if len(wrong):
            raise UsageError(
                f"{moments[int(wrong[0])]} does not lie on the steps of {self.name} from {moments[0]} on.",
                "Name another frequency, or let it be found.",
            )
        steps: NDArray[np.int64] = (units // self.count).astype(np.int64)
        if len(steps) and steps[-1] > _MOST_STEPS:
            raise UsageError(
                f"From {moments[0]} to {moments[-1]} there are {steps[-1]:,} steps ({self.name}): too many.",
                "Take out moments that are not meant, or name a longer frequency.",
            )
        return steps

    def after(self, last: Moment, count: int, begin: int = 0) -> list[Moment]:
        """`count` moments, the first one a step after the moment `begin` steps from `last`."""
        steps = range(begin + 1, begin + count + 1)
        try:
            return [self._shifted(last, step * self.count) for step in steps]
        except (OverflowError, ValueError):  # of calendars: beyond the year 9999
            raise UsageError(
                f"No calendar reaches {begin + count:,} steps of {self.name} beyond {last}.",
                "Take out moments that are not meant, or ask for fewer steps.",
            ) from None

    def _shifted(self, moment: Moment, units: int) -> Moment:
        if isinstance(moment, int):
            return moment + units
        if self.unit == "month":
            return _months_later(moment, units)
        return moment + (timedelta(days=units) if self.unit == "day" else timedelta(seconds=units))


def told(text: str) -> Frequency:
    """The frequency a person names: hour, day, week, month, or 15m, 1h, 2w …; raises UsageError."""
    match = _TOLD.fullmatch(NAMES.get(text.strip().lower(), text.strip().lower()))
    if match is None or int(match[1]) < 1:
        raise UsageError(
            f"«{text}» is no frequency.",
            "Give minute, hour, day, week, month, quarter, year, or 15m, 1h, 2w …",
        )
    count, letter = int(match[1]), match[2]
    if letter in _SECONDS:
        return Frequency("second", count * _SECONDS[letter])
    if letter in {"d", "w"}:
        return Frequency("day", count * (7 if letter == "w" else 1))
    return Frequency("month", count * {"mo": 1, "q": 3, "y": 12}[letter])


def frequency_of(ids: pl.Series, moments: pl.Series) -> Frequency:
    """The most frequent distance between neighbours of one series; a day where nothing can be seen.

    `moments` are sorted within each id. Months are known by their days: always the same one, or the last.
    """
    frame = pl.DataFrame({"id": ids, "at": moments})
    if moments.dtype.is_integer():
        apart = frame.select(pl.col("at").diff().over("id"))["at"].drop_nulls()
        apart = apart.filter(apart > 0)
        return Frequency("step", _usual(apart) if len(apart) else 1)
    seconds = frame.select(pl.col("at").cast(pl.Datetime("us")).diff().over("id").dt.total_seconds())["at"]
    seconds = seconds.filter(seconds > 0)
    if seconds.is_empty():
        return Frequency("day", 1)
    usual = _usual(seconds)
    days, rest = divmod(usual, 86_400)
    if rest:
        return Frequency("second", usual)
    for months, least, most in ((1, 28, 31), (3, 89, 92), (12, 365, 366)):
        if least <= days <= most and _on_one_day_of_the_month(moments):
            return Frequency("month", months)
    return Frequency("day", days)


def _usual(distances: pl.Series) -> int:
    """The most frequent one; of equals the least."""
    counts = distances.value_counts().sort("count", distances.name, descending=[True, False])
    return int(counts[distances.name][0])


def _on_one_day_of_the_month(moments: pl.Series) -> bool:
    days = moments.cast(pl.Date)
    return bool(days.dt.day().n_unique() == 1 or (days == days.dt.month_end()).all())


def _months_later(moment: date | datetime, months: int) -> date | datetime:
    """The same day so many months on; the last day of a month stays the last day of its month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last_before = (date(moment.year + moment.month // 12, moment.month % 12 + 1, 1) - timedelta(days=1)).day
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    day = last if moment.day == last_before else min(moment.day, last)
    return moment.replace(year=year, month=month + 1, day=day)
