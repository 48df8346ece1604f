"""A CSV file of subscriptions into the book: all its lines or none, and the same file twice changes nothing.

A line is the subscription with the same `id` (the account's own number) or, without one, the same account,
reader, report and attributes. Whoever cancelled is not taken up again by a file.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

from sqlalchemy.orm import Session

from connectors.errors import AssistantError, UsageError
from dashboards.subscriptions.accounts import limits
from dashboards.subscriptions.readers import book, entries
from dashboards.subscriptions.readers.import_file import Row, rows_of
from dashboards.subscriptions.readers.wishes import Wishes, checked, wishes_of
from pipelines.settings import Settings
from pipelines.store import Subscription

_IDENTITY = ("account", "reference", "attributes")
Outcome = Literal["added", "changed", "unchanged", "differs", "cancelled"]


@dataclass(frozen=True)
class Line:
    """What became of one line; `changes` names what is (or, where it `differs`, would be) another."""

    number: int
    outcome: Outcome
    subscription: Subscription
    changes: tuple[str, ...] = ()


def import_csv(
    settings: Settings, file: Path, *, update: bool = False, encoding: str = "utf-8", who: str = ""
) -> list[Line]:
    """Enters every line of `file`; with `update` those that are in the book otherwise are changed.

    Raises UsageError that lists each wrong line with its number, and then enters none. All is checked before
    anything is written, so that senders wait for the writing alone.
    """
    reading = _Reading(settings, update=update)
    for row in rows_of(file, encoding):
        reading.take(row)
    if reading.problems:
        told = "\n  ".join(reading.problems)
        raise UsageError(
            f"{file} was not imported, not even its right lines:\n  {told}\n",
            "Correct these lines and try again.",
        )
    with entries.writing(settings) as session:
        altered = _write(settings, session, reading, who)
    return [
        replace(line, subscription=altered.get(line.subscription.id, line.subscription))
        for line in reading.lines
    ]


def _write(settings: Settings, session: Session, reading: "_Reading", who: str) -> dict[int, Subscription]:
    """Puts the lines of a file, found right, into the book; those that were changed, by number."""
    entries.enter_new(settings, session, reading.new)
    altered = {}
    for number, former, wishes in reading.changed:
        entry = altered[former.id] = session.get_one(Subscription, former.id)
        try:
            entries.alter(settings, session, entry, wishes)
        except UsageError as error:
            raise UsageError(f"Line {number}: {error.problem}", error.remedy) from None
    limits.check_recipients(settings, session, {line.subscription.account for line in reading.lines})
    for entry in (*reading.new, *altered.values()):
        entries.note(session, who, "import", entry)
    return altered


class _Reading:
    """What the lines of one file come to, beside what is in the book; writes nothing."""

    def __init__(self, settings: Settings, *, update: bool) -> None:
        self._settings, self._update = settings, update
        entered = book.listing(settings)
        self._known = {entries.key(each): each for each in entered}
        self._numbered = {(each.account, each.reference): each for each in entered if each.reference}
        self._seen: dict[object, int] = {}
        self.lines: list[Line] = []
        self.new: list[Subscription] = []
        self.changed: list[tuple[int, Subscription, Wishes]] = []
        self.problems: list[str] = []

    def take(self, row: Row) -> None:
        """One line; what is wrong with it is kept for the end."""
        try:
            if row.problem:
                raise UsageError(row.problem)
            self.lines.append(self._taken(row.number, row.email, row.report, row.wishes))
        except AssistantError as error:
            self.problems.append(f"line {row.number}: {error}")

    def _taken(self, number: int, email: str, report: str, wishes: Wishes) -> Line:
        identity = cast("Wishes", {name: wish for name, wish in wishes.items() if name in _IDENTITY})
        wanted = checked(self._settings, email, report, identity)
        self._not_twice(number, wanted)
        former = self._former(wanted)
        if former is None:
            wanted = checked(self._settings, email, report, wishes)
            limits.check_wish(self._settings, wanted)
            limits.check_figures(self._settings, wanted)
            limits.check_view(self._settings, wanted)
            self.new.append(wanted)
            return Line(number, "added", wanted)
        if former.status == "cancelled":
            return Line(number, "cancelled", former)
        # What the file has no column for stays as it is.
        wished = cast("Wishes", {**wishes_of(former), **wishes})
        differing = checked(self._settings, former.email, former.report, wished)
        changes = tuple(entries.differences(former, differing))
        if not changes:
            return Line(number, "unchanged", former)
        if not self._update:
            return Line(number, "differs", former, changes)
        self.changed.append((number, former, wishes))
        return Line(number, "changed", former, changes)

    def _not_twice(self, number: int, wanted: Subscription) -> None:
        """Raises UsageError where an earlier line has the same id or is the same subscription."""
        reference = wanted.reference and (wanted.account, wanted.reference)
        for what, name in ((f"the id «{wanted.reference}»", reference), ("the same", entries.key(wanted))):
            if name and (before := self._seen.setdefault(name, number)) != number:
                raise UsageError(f"{wanted.email} has {what} as line {before}.", "Leave one of the two out.")

    def _former(self, wanted: Subscription) -> Subscription | None:
        numbered = self._numbered.get((wanted.account, wanted.reference)) if wanted.reference else None
        same = self._known.get(entries.key(wanted))
        if numbered is None or numbered is same:
            return same
        if entries.key(numbered)[:3] == entries.key(wanted)[:3]:  # cut otherwise
            return numbered
        if numbered.status == "cancelled":
            return same
        raise UsageError(
            f"The id «{wanted.reference}» is that of subscription {numbered.id} "
            f"({numbered.email}, {numbered.report}).",
            "An id stays with its reader and report: take another, or cancel that subscription first.",
        )
