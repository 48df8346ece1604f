"""A CSV file of subscriptions into the book: all its lines or none, and the same file twice changes nothing.

A line is the subscription with the same `id` (the account's own number) or, without one, the same account,
reader, report and attributes. Whoever cancelled is not taken up again by a file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import AssistantError, UsageError
from dashboards.subscriptions import book, limits
from dashboards.subscriptions.import_file import Row, rows_of
from dashboards.subscriptions.wishes import Wishes, checked, wishes_of
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

    Raises UsageError that lists each wrong line with its number, and then enters none.
    """
    rows = rows_of(file, encoding)
    with book.writing(settings) as session:
        desk = _Desk(settings, session, update=update, who=who)
        for row in rows:
            desk.take(row)
        desk.finish(file)
    return desk.lines


class _Desk:
    """Takes the lines of one file, one after the other, in one transaction."""

    def __init__(self, settings: Settings, session: Session, *, update: bool, who: str) -> None:
        self._settings, self._session, self._update, self._who = settings, session, update, who
        entered = list(session.scalars(select(Subscription)))
        self._known = {book.key(each): each for each in entered}
        self._numbered = {(each.account, each.reference): each for each in entered if each.reference}
        self._seen: dict[object, int] = {}
        self.lines: list[Line] = []
        self._problems: list[str] = []

    def take(self, row: Row) -> None:
        """One line; what is wrong with it is kept for the end."""
        try:
            if row.problem:
                raise UsageError(row.problem)
            self.lines.append(self._taken(row.number, row.email, row.report, row.wishes))
        except AssistantError as error:
            self._problems.append(f"line {row.number}: {error}")

    def finish(self, file: Path) -> None:
        """Raises UsageError, which takes everything back, where anything was wrong."""
        if not self._problems:
            limits.check_recipients(
                self._settings, self._session, [line.subscription.account for line in self.lines]
            )
            return
        told = "\n  ".join(self._problems)
        raise UsageError(
            f"{file} was not imported, not even its right lines:\n  {told}\n",
            "Correct these lines and try again.",
        )

    def _taken(self, number: int, email: str, report: str, wishes: Wishes) -> Line:
        identity = cast("Wishes", {name: wish for name, wish in wishes.items() if name in _IDENTITY})
        wanted = checked(self._settings, email, report, identity)
        self._not_twice(number, wanted)
        former = self._former(wanted)
        if former is None:
            wanted = checked(self._settings, email, report, wishes)
            limits.check_wish(self._settings, wanted)
            limits.check_figures(self._settings, wanted)
            book.enter(self._settings, self._session, wanted, None)
            book.note(self._session, self._who, "import", wanted)
            return Line(number, "added", wanted)
        if former.status == "cancelled":
            return Line(number, "cancelled", former)
        changes = tuple(self._changes(former, wishes))
        if changes and self._update:
            book.note(self._session, self._who, "import", former)
        outcome: Outcome = "unchanged" if not changes else "changed" if self._update else "differs"
        return Line(number, outcome, former, changes)

    def _changes(self, former: Subscription, wishes: Wishes) -> list[str]:
        """What the line has otherwise, made so with `update`; what the file has no column for stays."""
        if self._update:
            return book.alter(self._settings, self._session, former, wishes)
        wished = cast("Wishes", {**wishes_of(former), **wishes})
        return book.differences(former, checked(self._settings, former.email, former.report, wished))

    def _not_twice(self, number: int, wanted: Subscription) -> None:
        """Raises UsageError where an earlier line has the same id or is the same subscription."""
        reference = wanted.reference and (wanted.account, wanted.reference)
        for what, name in ((f"the id «{wanted.reference}»", reference), ("the same", book.key(wanted))):
            if name and (before := self._seen.setdefault(name, number)) != number:
                raise UsageError(f"{wanted.email} has {what} as line {before}.", "Leave one of the two out.")

    def _former(self, wanted: Subscription) -> Subscription | None:
        numbered = self._numbered.get((wanted.account, wanted.reference)) if wanted.reference else None
        same = self._known.get(book.key(wanted))
        if numbered is None or numbered is same:
            return same
        if book.key(numbered)[:3] == book.key(wanted)[:3]:  # cut otherwise
            return numbered
        if numbered.status == "cancelled":
            return same
        raise UsageError(
            f"The id «{wanted.reference}» is that of subscription {numbered.id} "
            f"({numbered.email}, {numbered.report}).",
            "An id stays with its reader and report: take another, or cancel that subscription first.",
        )
