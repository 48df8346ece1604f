"""`sda subscription next`: when the coming issues are due."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from flows.answer import Answer, answering
from flows.moment import MOMENT

if TYPE_CHECKING:
    from dashboards.subscriptions.timing.outlook import Outlook
    from pipelines.store import Subscription

_SHIFTS = {
    "": "",
    "left out": "the time it names is left out on this day",
    "first of two": "the clock shows this time twice on this day",
}


@click.command("next")
@click.argument("number", type=int)
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many.")
@click.option("--from", "start", type=MOMENT, default=None, help="Later than this; by default than now.")
@answering
def command(number: int, count: int, start: datetime | None) -> Answer:
    """Show when the coming issues of a subscription are due.

    In its own time zone and in UTC, with clock changes and days off on the way.
    """
    from dashboards.subscriptions.readers import book
    from dashboards.subscriptions.timing.outlook import outlook
    from pipelines.settings import load_settings
    from pipelines.store import now

    settings = load_settings()
    entry = book.show(settings, number)
    after = start.replace(tzinfo=start.tzinfo or settings.zone) if start else now()
    ahead = outlook(settings, entry, after, count)
    return Answer(_document(entry, ahead), "\n".join(_lines(entry, ahead)))


def _document(entry: "Subscription", ahead: "Outlook") -> dict[str, Any]:
    from dashboards.subscriptions.timing.clock import in_words

    return {
        "subscription": entry.id,
        "status": entry.status,
        "schedule": entry.schedule,
        "in_words": in_words(entry.schedule, "en"),
        "timezone": entry.timezone,
        "calendar": entry.calendar,
        "on_holiday": entry.on_holiday,
        "coming": ahead.moments,
        "clock_changes": ahead.clock_changes,
        "days_off": ahead.days_off,
        "newest_data": ahead.fresh_data,
    }


def _lines(entry: "Subscription", ahead: "Outlook") -> Iterator[str]:
    from dashboards.subscriptions.timing.clock import DATA, in_words

    zone = ZoneInfo(entry.timezone)
    when = in_words(entry.schedule, "en")
    yield f"Subscription {entry.id} ({entry.email}, {entry.report}): {when}, {entry.timezone}."
    if entry.status != "active":
        yield f"It is {entry.status}, so none of this is sent."
    if entry.schedule == DATA:
        came = ahead.fresh_data
        yield (
            f"The newest data came on {came.astimezone(zone):%Y-%m-%d at %H:%M %Z}."
            if came
            else "None came yet."
        )
    elif not ahead.moments:
        yield "Nothing is known to come."
    for each in ahead.moments:
        line = f"{each.local:%a %Y-%m-%d %H:%M %Z}  {each.at:%Y-%m-%d %H:%M} UTC  {_SHIFTS[each.shift]}"
        yield line.rstrip()
    for change in ahead.clock_changes:
        way = "forward" if change.is_forward else "back"
        jump = f"from {change.before:%H:%M} to {change.after:%H:%M}"
        yield f"On {change.before:%Y-%m-%d} the clocks go {way} {jump}."
    for off in ahead.days_off:
        if not off.is_weekend:
            fate = f"its issue comes on {off.moved_to}" if off.moved_to else "no issue comes"
            yield f"{off.day} is off ({off.holiday or 'by the calendar'}): {fate}."
