"""A subscription as far as the clock looks at it, and what an independent clock finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZONES = (
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Casablanca",  # back for Ramadan, on other days each year
    "America/Santiago",  # at midnight
    "Asia/Shanghai",
    "Asia/Kolkata",
    "UTC",
)


@dataclass
class Timing:
    """What says when a subscription is due."""

    schedule: str
    timezone: str = "UTC"
    calendar: str = ""
    on_holiday: str = "skip"
    report: str = "fleet-daily"


@dataclass(frozen=True)
class Walk:
    """Every minute around a moment: when it was, and what a clock on the wall showed."""

    minutes: list[tuple[datetime, datetime]]

    def named(self, times: set[time]) -> list[datetime]:
        """When a schedule that names times of the day is due: when the wall first shows such a time; in a
        gap just after it."""
        found = set()
        for day in {shown.date() for _, shown in self.minutes} | self._left_out():
            for each in times:
                found |= set(self._first(datetime.combine(day, each)))
        return sorted(found)

    def shown(self, is_due: Callable[[datetime], bool]) -> list[datetime]:
        """When the wall shows what is due, however often."""
        return [moment for moment, shown in self.minutes if is_due(shown)]

    def _first(self, wanted: datetime) -> Iterator[datetime]:
        for moment, shown in self.minutes:
            if shown == wanted:
                yield moment
                return
        for (_, shown), (moment, following) in zip(self.minutes, self.minutes[1:], strict=False):
            if shown < wanted < following:
                yield moment
                return

    def _left_out(self) -> set[date]:
        """Days that the wall never showed."""
        first, last = self.minutes[0][1].date(), self.minutes[-1][1].date()
        return {first + n * DAY for n in range((last - first).days + 1)}


def walk(zone: str, middle: datetime, reach: timedelta) -> Walk:
    """Each minute from `middle` - `reach` to `middle` + `reach`."""
    start, end = middle - reach, middle + reach
    known = ZoneInfo(zone)
    count = (end - start) // MINUTE
    moments = [start + n * MINUTE for n in range(count + 1)]
    return Walk([(each, each.astimezone(known).replace(tzinfo=None, fold=0)) for each in moments])


@cache
def changes(zone: str, first: int, last: int) -> list[datetime]:
    """The minutes from the year `first` to the year `last` at which the zone's offset changed."""
    known, found = ZoneInfo(zone), []
    moment, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    while moment < end:
        if moment.astimezone(known).utcoffset() != (moment + DAY).astimezone(known).utcoffset():
            minute = moment
            while minute.astimezone(known).utcoffset() == moment.astimezone(known).utcoffset():
                minute += MINUTE
            found.append(minute)
        moment += DAY
    return found
