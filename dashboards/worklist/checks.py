"""What people enter into the worklist, checked: names, notes, days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.errors import UsageError
from pipelines.settings import Settings

LONGEST_NAME = 80
LONGEST_NOTE = 2_000
FURTHEST = timedelta(days=730)  # nobody plans further; a year mistyped is further


def today(settings: Settings) -> date:
    """The day it is where the house is."""
    return datetime.now(ZoneInfo(settings.timezone)).date()


def name(text: str) -> str:
    """A person's name on one line. Raises UsageError for none, one too long, or what cannot be printed."""
    tidy = " ".join(text.split())
    if not tidy:
        raise UsageError("The name of the person is missing.", "Write who it is.")
    if len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise UsageError(
            f"That is no name: {LONGEST_NAME} printable characters at most.", "Write a shorter one."
        )
    return tidy


def note(text: str) -> str:
    """A note without blanks around it. Raises UsageError for an empty or endless one."""
    tidy = text.replace("\0", "").strip()
    if not tidy:
        raise UsageError("The note is empty.", "Write something, or leave it.")
    if len(tidy) > LONGEST_NOTE:
        raise UsageError(
            f"The note has {len(tidy):,} characters; {LONGEST_NOTE:,} are kept.", "Write a shorter one."
        )
    return tidy


def later_day(day: date, on: date) -> date:
    """A day after `on` to snooze until. Raises UsageError for another."""
    if day <= on:
        raise UsageError(f"{day} is not later than today.", "Snooze until tomorrow or a later day.")
    return _near(day, on)


def due_day(day: date, on: date) -> date:
    """A day from `on` on by which something is to be done. Raises UsageError for another."""
    if day < on:
        raise UsageError(f"{day} is past.", "Choose today or a later day.")
    return _near(day, on)


def _near(day: date, on: date) -> date:
    if day - on > FURTHEST:
        raise UsageError(f"{day} is more than {FURTHEST.days // 365} years ahead.", "Choose an earlier day.")
    return day
