"""Wall-clock times of a day as moments, right on days on which the clock changes."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.routing.problem import Window

Shift = tuple[str, str]  # wall-clock times, HH:MM
WHOLE_DAY: Shift = ("00:00", "00:00")


def moment(day: date, clock: str, timezone: str) -> datetime:
    """When it is `clock` on `day` in the time zone, as naive UTC.

    A time that the day skips is taken with the offset from before the change (02:30 becomes 03:30), of one
    that it has twice the first is meant.
    """
    hour, minute = map(int, clock.split(":"))
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(timezone))
    return local.astimezone(UTC).replace(tzinfo=None)


def midnight(day: date, timezone: str) -> datetime:
    """When the day begins, as naive UTC."""
    return moment(day, "00:00", timezone)


def shift_window(day: date, shift: Shift, timezone: str) -> Window:
    """The shift in seconds since the day began; one that does not end after its start ends a day later.

    One that lies in an hour that the day skips has no length.
    """
    start, end = shift
    last_day = day if end > start else day + timedelta(days=1)
    begins = midnight(day, timezone)
    opens = moment(day, start, timezone)
    closes = max(opens, moment(last_day, end, timezone))
    return Window((opens - begins).total_seconds(), (closes - begins).total_seconds())


def usual_shift(shifts: Sequence[tuple[str | None, str | None]]) -> Shift:
    """The shift that most vehicles have, of several the first to start; the whole day where none has one."""
    counted = Counter((start, end) for start, end in shifts if start and end)
    return min(counted, key=lambda shift: (-counted[shift], shift), default=WHOLE_DAY)
