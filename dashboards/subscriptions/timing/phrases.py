"""What a schedule in words says, before it is cron; shared by the languages."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

HOURS, MINUTES = 24, 60
_LONGEST_MONTH = 31
QUARTERS, ENDS_OF_QUARTERS = "1,4,7,10", "3,6,9,12"


@dataclass(frozen=True)
class Days:
    """The fields of cron that say on which days."""

    day: str = "*"
    month: str = "*"
    weekday: str = "*"


@dataclass(frozen=True)
class Window:
    """Part of a day: the hours in which something of every few minutes is due, and those in which something
    of every hour is. «From 08:00 to 18:00» is 8 to 17, and 8 to 18 (both included)."""

    first: int
    last_of_minutes: int
    last: int

    @classmethod
    def of(cls, hour: int, minute: int, end_hour: int, end_minute: int) -> "Window":
        """From one time to another; raises ValueError where cron cannot say it."""
        checked_time(hour, minute)
        if minute:
            raise ValueError("a part of the day begins with a full hour")
        last = end_hour if end_minute else end_hour - 1
        if not hour <= last < HOURS:
            raise ValueError(f"a day has nothing from {hour:02}:00 to {end_hour:02}:{end_minute:02}")
        return cls(hour, last, min(end_hour, HOURS - 1))


@dataclass(frozen=True)
class Phrase:
    """On which days, and at which `times` (hour, minute), or else every so many `minutes` or `hours` (at the
    minute `past`), all day long or within a `window`."""

    days: Days = Days()
    times: tuple[tuple[int, int], ...] = ()
    minutes: int = 0
    hours: int = 0
    past: int = 0
    window: Window | None = None


def checked_time(hour: int, minute: int) -> tuple[int, int]:
    """A time of the day; raises ValueError if there is none."""
    if hour >= HOURS or minute >= MINUTES:
        raise ValueError(f"there is no time {hour:02}:{minute:02}")
    return hour, minute


def afternoon(hour: int) -> int:
    """An hour of the afternoon, 12 being noon."""
    return hour + 12 if hour < 12 else hour


def weekday_field(numbers: Iterable[int]) -> str:
    """Weekdays (0 and 7 are Sunday) as cron writes them: `1-5`, `1,4`, `0,6`, `*` for all."""
    chosen = sorted({number % 7 for number in numbers})
    if len(chosen) == 7:
        return "*"
    if len(chosen) > 2 and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{chosen[0]}-{chosen[-1]}"
    return ",".join(map(str, chosen))


def weekdays_between(first: int, last: int) -> list[int]:
    """From one weekday to another, over Sunday where need be."""
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def day_field(numbers: Sequence[int]) -> str:
    """Days of the month as cron writes them; raises ValueError for one that no month has."""
    for number in numbers:
        if not 1 <= number <= _LONGEST_MONTH:
            raise ValueError(f"no month has a day {number}")
    return ",".join(map(str, sorted(set(numbers))))


def taken(pattern: "re.Pattern[str]", text: str) -> tuple["re.Match[str] | None", str]:
    """The first match in `text`, and the text without it."""
    found = pattern.search(text)
    return found, text if found is None else f"{text[: found.start()]} {text[found.end() :]}"


def all_times(
    pattern: "re.Pattern[str]", text: str, read: Callable[["re.Match[str]"], tuple[int, int]]
) -> tuple[tuple[tuple[int, int], ...], str]:
    """The times of the day in `text`, and the text without them; raises ValueError where there is none."""
    times = tuple(read(found) for found in pattern.finditer(text))
    if not times:
        raise ValueError("it says no time of the day")
    return times, pattern.sub(" ", text)


def in_period(days: Days, period: str, months: Sequence[int]) -> Days:
    """The days within the months that are named, or the months with which quarters begin or end.

    Raises ValueError where that does not fit together.
    """
    if months:
        if not all(1 <= month <= 12 for month in months):
            raise ValueError("there is no such month")
        return replace(days, month=",".join(map(str, sorted(set(months)))))
    if period == "year":
        raise ValueError("it does not say in which month of the year")
    if period == "quarter":
        at_the_end = days.day.startswith("L") or days.weekday.endswith("L")
        return replace(days, month=ENDS_OF_QUARTERS if at_the_end else QUARTERS)
    return days
