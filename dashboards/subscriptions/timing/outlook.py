"""What a subscription may expect: its coming moments, and what on the way is out of the ordinary."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dashboards.subscriptions.timing.business_days import DayOff
from dashboards.subscriptions.timing.clock import DATA, Timing, check_schedule, coming, days_off
from dashboards.subscriptions.timing.cron import Schedule
from dashboards.subscriptions.timing.fresh_data import fresh_moment
from dashboards.subscriptions.timing.wall_time import offset_changes, wall
from pipelines.settings import Settings

Shift = Literal["", "left out", "first of two"]
_LEAST = timedelta(days=1)  # is always looked at
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class ClockChange:
    """The clock of a zone jumps at a moment (UTC) from one reading to another."""

    at: datetime
    before: datetime  # on the wall
    after: datetime

    @property
    def is_forward(self) -> bool:
        return self.after > self.before


@dataclass(frozen=True)
class Coming:
    """A moment (UTC), by the wall of the subscription's zone; `shift` says what a clock change does to it: it
    takes the place of times that are left out, or it is the first of two of the same name."""

    at: datetime
    local: datetime
    shift: Shift


@dataclass(frozen=True)
class Outlook:
    """`moments`, oldest first; none for `@data`, where `fresh_data` is when the newest data came.
    Clock changes and days off are those until the last of the moments."""

    moments: list[Coming]
    clock_changes: list[ClockChange]
    days_off: list[DayOff]
    fresh_data: datetime | None = None


def outlook(settings: Settings, timing: Timing, after: datetime, count: int = 10) -> Outlook:
    """The next `count` moments later than `after`, and what is to be known about them."""
    if timing.schedule == DATA:
        return Outlook([], [], [], fresh_moment(settings, timing.report, after))
    zone = ZoneInfo(timing.timezone)
    moments = coming(settings, timing, after, count)
    until = max([after + _LEAST, *moments])
    changes = [
        ClockChange(each, wall(each - _SECOND, zone) + _SECOND, wall(each, zone))
        for each in offset_changes(zone, after, until + _LEAST)
    ]
    schedule = Schedule(check_schedule(timing.schedule))
    return Outlook(
        [Coming(each, each.astimezone(zone), _shift(schedule, each, zone, changes)) for each in moments],
        [change for change in changes if change.at <= until],
        days_off(settings, timing, after, until),
    )


def _shift(schedule: Schedule, moment: datetime, zone: ZoneInfo, changes: list[ClockChange]) -> Shift:
    """What a clock change has to do with a moment; nothing where the schedule follows the passing time."""
    if schedule.follows_the_hours:
        return ""
    shown = wall(moment, zone)
    for change in changes:
        if change.is_forward and change.at == moment and not schedule.names_time(shown):
            return "left out"
        if change.after <= shown < change.before and moment < change.at:
            return "first of two"
    return ""
