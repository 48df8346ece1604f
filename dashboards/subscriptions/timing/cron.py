"""Schedules in their canonical form: five fields of cron, days of business among them, or `@data`.

The fields are those of Debian's cron (minute, hour, day, month, weekday), with `L` (the last day of the
month), `LW` (its last weekday), `MON#1` (its first Monday) and `5L` (its last Friday). Where a calendar of
business days is known the day may be `*B` (every business day), `1B` (the first of the month), `2B` ... or
`LB` (the last).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from itertools import takewhile

from cronsim import CronSim, CronSimError

DATA = "@data"  # as soon as there are fresh data
FIELDS = 5
_DAY = 2  # the field of the day
_BUSINESS_DAY = re.compile(r"(\*|L|[1-9]|1\d|2[0-3])B")
_LAST = -1
_SOME_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - the time on a wall has no zone
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NAME = re.compile(rf"\b({'|'.join(_WEEKDAYS + _MONTHS)})\b")
_FIELD = re.compile(r"[0-9*,/-]+")


@dataclass(frozen=True)
class Schedule:
    """A schedule of five fields; `text` is its canonical form."""

    text: str

    @cached_property
    def fields(self) -> list[str]:
        return self.text.split()

    @property
    def names_business_days(self) -> bool:
        return bool(_BUSINESS_DAY.fullmatch(self.fields[_DAY]))

    @property
    def follows_the_hours(self) -> bool:
        """Whether it is due in every hour: then it follows the time that passes, not the hours' names."""
        return self.fields[1] in ("*", "*/1", "0-23")

    @property
    def cron(self) -> str:
        """The fields without business days."""
        given = list(self.fields)
        if self.names_business_days:
            given[_DAY] = "*"
        return " ".join(given)

    def names_time(self, shown: datetime) -> bool:
        """Whether its fields of minute and hour are those of a reading on the wall."""
        clock = CronSim(" ".join([*self.fields[:2], "* * *"]), shown - timedelta(minutes=1))
        return next(clock) == shown

    def walls(
        self, after: datetime, until: datetime, is_business: Callable[[date], bool]
    ) -> Iterator[datetime]:
        """What a clock on the wall shows when the schedule is due, in `(after, until]` (all without zone)."""
        wanted = self._wanted_day(is_business)
        for wall in takewhile(lambda wall: wall <= until, CronSim(self.cron, after)):
            if wanted(wall.date()):
                yield wall

    def _wanted_day(self, is_business: Callable[[date], bool]) -> Callable[[date], bool]:
        if not self.names_business_days:
            return lambda _day: True
        which = self.fields[_DAY][:-1]
        if which == "*":
            return is_business
        number = _LAST if which == "L" else int(which)

        @cache
        def of_month(year: int, month: int) -> date | None:
            return _business_day(year, month, number, is_business)

        return lambda day: day == of_month(day.year, day.month)


def parsed(text: str) -> Schedule | None:
    """The schedule in five fields; None for a text that is no fields at all.

    Raises ValueError for fields that are no cron, or that no day fits, telling which.
    """
    fields = _NAME.sub(_number, text.upper()).split()
    if not fields or not all(_FIELD.fullmatch(field) for field in fields[:2]):
        return None
    if len(fields) != FIELDS:
        raise ValueError("cron has five fields: minute, hour, day, month and weekday")
    schedule = Schedule(" ".join(fields))
    if schedule.names_business_days and fields[-1] != "*":
        raise ValueError("business days and weekdays cannot be asked for together")
    try:
        if next(CronSim(schedule.cron, _SOME_DAY), None) is None:
            raise ValueError("it never comes")
    except CronSimError as error:
        raise ValueError(str(error)) from None
    return schedule


def _number(name: "re.Match[str]") -> str:
    """A weekday or a month as cron counts it."""
    found = name[0]
    return str(_WEEKDAYS.index(found) if found in _WEEKDAYS else _MONTHS.index(found) + 1)


def _business_day(year: int, month: int, number: int, is_business: Callable[[date], bool]) -> date | None:
    """The business day `number` of the month (1: the first; _LAST); None where it has fewer."""
    from calendar import monthrange

    days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
    business = [day for day in days if is_business(day)]
    place = number if number == _LAST else number - 1
    return business[place] if -len(business) <= place < len(business) else None
