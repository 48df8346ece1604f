"""When an issue is due: a schedule in the wall time of an IANA zone, on the days of a calendar.

A schedule that names hours (`30 2 * * *`, `*/15 8-17 * * *`) is due once for each time it names: at the first
of two where the clock is set back, at the first moment after the gap where it is set forward (times that fall
together there are one issue). A day that a zone left out altogether (Samoa, 30 December 2011) is such a gap.
A schedule of every hour (`*/15 * * * *`, `0 * * * *`) follows the time that passes: it is due whenever the
clock shows such a minute, so also in the repeated hour and not in the missing one. That is how Debian's cron
takes it. No moment is ever given twice, and the journal takes each period of a subscription once: a clock of
the machine that is set back sends nothing again.

On a day that is not a business day an issue is skipped, or (`on_holiday` = next) due on the next business day
at the same time. Fresh data (`@data`) are told whenever they come: calendars are for clocks.
"""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import groupby, islice
from typing import Protocol
from zoneinfo import ZoneInfo

from connectors.errors import UsageError
from dashboards.subscriptions.timing import cron, words
from dashboards.subscriptions.timing.business_days import BusinessDays, DayOff, business_days, check_calendar
from dashboards.subscriptions.timing.cron import DATA, Schedule
from dashboards.subscriptions.timing.spoken import in_words
from dashboards.subscriptions.timing.wall_time import as_time_passes, instant, wall
from pipelines.section import known_timezone
from pipelines.settings import Settings

__all__ = [
    "CATCH_UP",
    "DATA",
    "MOST_MISSED",
    "ON_HOLIDAY",
    "Timing",
    "check_schedule",
    "check_timezone",
    "check_timing",
    "coming",
    "days_off",
    "due",
    "due_after_downtime",
    "in_words",
]  # fmt: skip
ON_HOLIDAY = ("skip", "next")
CATCH_UP = ("latest", "all")
# Of a long downtime so many periods are looked at; those before are as if they had never been.
MOST_MISSED = 100
# Leap days come every eight years at worst; what is not due in ten years never is.
_AHEAD = timedelta(days=3_660)
_DAY = timedelta(days=1)
_SATURDAY = 5


class Timing(Protocol):
    """What of a subscription says when it is due."""

    report: str
    schedule: str
    timezone: str
    calendar: str
    on_holiday: str


def check_schedule(text: str) -> str:
    """The canonical form (cron or `@data`) of a schedule in cron or plain words, English or Chinese.

    Raises UsageError with examples for anything else.
    """
    try:
        schedule = cron.parsed(text)
        return schedule.text if schedule else words.schedule_of(text)
    except ValueError as error:
        raise UsageError(f"«{text}» is not a schedule: {error}.", words.examples_near(text)) from None


def check_timezone(name: str) -> str:
    """`name` if it is an IANA zone; raises UsageError naming the nearest ones."""
    try:
        return known_timezone(name)
    except ValueError as error:
        raise UsageError(str(error)) from None


def check_timing(settings: Settings, timing: Timing) -> None:
    """Raises UsageError where schedule, calendar and `on_holiday` do not go together, or are never due."""
    check_calendar(settings, timing.calendar)
    if timing.on_holiday not in ON_HOLIDAY:
        raise UsageError(f"On a holiday «{timing.on_holiday}» cannot be done.", "Write skip or next.")
    if timing.schedule == DATA:
        return
    schedule = _schedule(timing)
    if schedule.names_business_days and not timing.calendar:
        raise UsageError(
            f"«{timing.schedule}» names business days, and the subscription has no calendar.",
            "Name one of [calendars] or a country, such as DE, DE-BY or CN.",
        )
    if not coming(settings, timing, datetime(2026, 1, 1, tzinfo=UTC), 1):
        raise UsageError(
            f"«{timing.schedule}» is never due: all its days are off in the calendar {timing.calendar}.",
            "Take another schedule, another calendar, or send it on the next business day (next).",
        )


def due(settings: Settings, timing: Timing, after: datetime, until: datetime) -> list[datetime]:
    """The moments in `(after, until]` at which the subscription is due, oldest first, in UTC.

    For `@data` it is the moment the newest data came (`fresh_data`), if that lies between.
    """
    if timing.schedule == DATA:
        from dashboards.subscriptions.timing.fresh_data import fresh_moment

        fresh = fresh_moment(settings, timing.report, until)
        return [fresh] if fresh is not None and after < fresh else []
    return list(_moments(settings, timing, after, until))


def coming(settings: Settings, timing: Timing, after: datetime, count: int = 10) -> list[datetime]:
    """The next `count` moments later than `after`, in UTC; fewer where no more come, none for `@data`."""
    if timing.schedule == DATA:
        return []
    return list(islice(_moments(settings, timing, after, after + _AHEAD), count))


def due_after_downtime(
    settings: Settings, timing: Timing, after: datetime, until: datetime
) -> list[datetime]:
    """The newest moments in `(after, until]` it is due at, MOST_MISSED at most; oldest first, in UTC."""
    if timing.schedule == DATA:
        return due(settings, timing, after, until)
    found: deque[datetime] = deque(maxlen=MOST_MISSED)
    window = timedelta(hours=2)
    while len(found) < MOST_MISSED:  # backwards in growing steps: nobody wants each minute of a year
        start = max(after, until - window)
        found.clear()
        found.extend(_moments(settings, timing, start, until))
        if start == after:
            break
        window *= 4
    return list(found)


def days_off(settings: Settings, timing: Timing, after: datetime, until: datetime) -> list[DayOff]:
    """The days in `(after, until]` on which it would be due were they not off."""
    schedule, days = _schedule(timing), _calendar(settings, timing)
    if days is None or schedule.names_business_days:
        return []
    zone = ZoneInfo(timing.timezone)
    walls = schedule.walls(wall(after, zone), wall(until, zone), days.__contains__)
    asked = [day for day, _ in groupby(shown.date() for shown in walls)]
    return [days.off_day(day, moves=timing.on_holiday == "next") for day in asked if day not in days]


def _schedule(timing: Timing) -> Schedule:
    return Schedule(check_schedule(timing.schedule))


def _calendar(settings: Settings, timing: Timing) -> BusinessDays | None:
    return business_days(settings, timing.calendar) if timing.calendar else None


def _moments(settings: Settings, timing: Timing, after: datetime, until: datetime) -> Iterator[datetime]:
    """The moments in `(after, until]`, one after the other."""
    schedule, zone, days = _schedule(timing), ZoneInfo(timing.timezone), _calendar(settings, timing)
    # A day beyond: in a repeated hour the wall shows less than it has shown already.
    between = wall(after, zone), wall(until, zone) + _DAY
    if days is not None and timing.on_holiday == "next" and not schedule.names_business_days:
        walls = _moved(schedule, days, *between)
    elif schedule.follows_the_hours:
        yield from as_time_passes(partial(_walls, schedule, days), zone, after, until)
        return
    else:
        walls = _walls(schedule, days, *between)
    last = after
    for shown in walls:
        moment = instant(shown, zone)
        if moment > until:
            return
        if moment > last:
            yield moment
            last = moment


def _walls(
    schedule: Schedule, days: BusinessDays | None, after: datetime, until: datetime
) -> Iterator[datetime]:
    """The times on the wall in `(after, until]`, without those of days that are off."""
    if days is None:
        yield from schedule.walls(after, until, lambda day: day.weekday() < _SATURDAY)
        return
    for shown in schedule.walls(after, until, days.__contains__):
        if shown.date() in days:
            yield shown


def _moved(schedule: Schedule, days: BusinessDays, after: datetime, until: datetime) -> Iterator[datetime]:
    """The times on the wall in `(after, until]`, those of days that are off on the next business day."""
    first = datetime.combine(days.before(after.date()), time.max)  # what is moved to the day of `after`
    walls = schedule.walls(first, until, days.__contains__)
    for day, together in groupby(walls, lambda shown: days.on_or_after(shown.date())):
        moved = {datetime.combine(day, shown.time()) for shown in together}
        yield from (shown for shown in sorted(moved) if after < shown <= until)
