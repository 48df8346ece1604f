"""What people do with the cases they look after: take, assign, note, snooze, set a due date, finish, reopen.

At most one item a case, made by the first act. Each act is one transaction of the store: it begins by
touching the row, which locks it on SQLite and PostgreSQL alike, so that of two people who take a case at
once one wins and the other is told who. Every act leaves a `WorkNote` with the name of the person, and an
audit row without anything about the case but the number of its item.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from analytics import feedback
from analytics.catalog import task_named
from analytics.task import Task
from connectors.errors import AssistantError
from dashboards.worklist import checks
from dashboards.worklist.standing import Standing, newest_of
from pipelines.settings import Settings
from pipelines.store import Audit, Feedback, Store, WorkItem, WorkNote, now

STATUSES = ("open", "returned", "doing", "done")  # returned: done once, then its band rose


class TakenError(AssistantError):
    """Somebody else has the case: `by`."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has taken this case already.", "Talk to them, or assign it to somebody.")
        self.by = by


def take(settings: Settings, task: str, entity_id: str, who: str) -> WorkItem:
    """`who` begins to work on the case, also on one that was done; TakenError if somebody else has it."""
    who = checks.name(who)
    newest = _newest(settings, task, entity_id)
    with _held(settings, task, entity_id, newest) as (session, item):
        if item.assignee not in ("", who) and item.status != "done":
            raise TakenError(item.assignee)
        _stand(item, newest)
        _open(item, "doing")
        item.assignee = who
        _told(session, item, who, "taken")
    return item


def assign(
    settings: Settings, task: str, entity_id: str, to: str, who: str, seen: str | None = None
) -> WorkItem:
    """`who` gives the case to `to`, "" for nobody; it waits for them to take it.

    `seen` is whose it was when `who` looked. Raises TakenError if by now it is somebody else's.
    """
    who, to = checks.name(who), checks.name(to) if to else ""
    with _held(settings, task, entity_id) as (session, item):
        _not_done(item)
        if seen is not None and item.assignee not in (seen, to):
            raise TakenError(item.assignee or "–")
        if item.assignee != to:
            item.assignee, item.status = to, "open"
            _told(session, item, who, "assigned", to)
    return item


def note(settings: Settings, task: str, entity_id: str, text: str, who: str) -> WorkItem:
    """`who` writes something down about the case."""
    who, text = checks.name(who), checks.note(text)
    with _held(settings, task, entity_id) as (session, item):
        _told(session, item, who, "note", text)
    return item


def snooze(settings: Settings, task: str, entity_id: str, until: date | None, who: str) -> WorkItem:
    """The case is not shown before the day `until`; None shows it again at once."""
    who = checks.name(who)
    if until is not None:
        checks.later_day(until, checks.today(settings))
    with _held(settings, task, entity_id) as (session, item):
        _not_done(item)
        item.snoozed_until = until
        _told(session, item, who, "snoozed", until.isoformat() if until else "")
    return item


def due(settings: Settings, task: str, entity_id: str, on: date | None, who: str) -> WorkItem:
    """The case is to be done by the end of the day `on`; None takes the date away."""
    who = checks.name(who)
    if on is not None:
        checks.due_day(on, checks.today(settings))
    with _held(settings, task, entity_id) as (session, item):
        _not_done(item)
        item.due_on = on
        _told(session, item, who, "due", on.isoformat() if on else "")
    return item


def done(
    settings: Settings, task: str, entity_id: str, who: str, outcome: str | None = None, text: str = ""
) -> WorkItem:
    """The case is finished. What came of it, as the task's labels say it, becomes feedback on the prediction
    that the item was taken up on; without `outcome` that is not known.

    All or nothing: an outcome that the task does not have raises UsageError, and the case stays as it was.
    """
    who, text = checks.name(who), checks.note(text) if text.strip() else ""
    before = of_case(Store(settings), task, entity_id)
    said = _feedback(settings, task, entity_id, outcome, who, before) if outcome is not None else None
    newest = _newest(settings, task, entity_id)
    with _held(settings, task, entity_id, newest) as (session, item):
        _not_done(item)
        if said is not None:
            feedback.enter(session, said)
        _stand(item, newest)
        item.status, item.outcome, item.closed_at, item.snoozed_until = "done", outcome, now(), None
        item.assignee = item.assignee or who
        if text:
            _told(session, item, who, "note", text)
        _told(session, item, who, "done", outcome or "")
    return item


def reopen(settings: Settings, task: str, entity_id: str, who: str) -> WorkItem:
    """A case that was done is open again, for whoever had it. What was said of it is kept."""
    who = checks.name(who)
    newest = _newest(settings, task, entity_id)
    with _held(settings, task, entity_id, newest) as (session, item):
        if item.status == "done":
            _stand(item, newest)
            _open(item, "open")
            _told(session, item, who, "reopened")
    return item


def returned(settings: Settings, task: str, entity_id: str, newest: Standing) -> bool:
    """A case that was done is open again since it stands higher now; whether it was still done, on an earlier
    prediction.
    """
    with _held(settings, task, entity_id) as (session, item):
        back = item.status == "done" and item.as_of < newest.as_of
        if back:
            _stand(item, newest)
            _open(item, "returned")
            _told(session, item, "", "returned", newest.band)
    return back


def of_case(store: Store, task: str, entity_id: str) -> WorkItem | None:
    """The item of a case, None where nobody looks after it."""
    if "\0" in entity_id:  # neither PostgreSQL nor a catalog takes one
        return None
    with store.session() as session:
        return session.scalars(select(WorkItem).where(_is(task, entity_id))).one_or_none()


def history(store: Store, item_id: int) -> list[WorkNote]:
    """What was done with an item, newest first."""
    query = select(WorkNote).where(WorkNote.item_id == item_id).order_by(WorkNote.id.desc())
    with store.session() as session:
        return list(session.scalars(query))


def handled(store: Store, task: str, on: date) -> tuple[str, ...]:
    """The cases of a task that need nobody on the day `on`: done, or snoozed and not overdue; in order."""
    query = select(WorkItem.entity_id).where(WorkItem.task == task, is_handled(on))
    with store.session() as session:
        return tuple(sorted(session.scalars(query)))


def statuses(store: Store, task: str, ids: Iterable[str]) -> dict[str, WorkItem]:
    """The items of these cases, by the case; cases without one are not among them."""
    wanted = select(WorkItem).where(WorkItem.task == task, WorkItem.entity_id.in_(list(ids)))
    with store.session() as session:
        return {item.entity_id: item for item in session.scalars(wanted)}


def is_handled(on: date) -> ColumnElement[bool]:
    """SQL: done, or snoozed beyond the day `on` and not overdue."""
    snoozed = and_(WorkItem.snoozed_until.is_not(None), WorkItem.snoozed_until > on)
    return or_(
        WorkItem.status == "done", and_(snoozed, or_(WorkItem.due_on.is_(None), WorkItem.due_on >= on))
    )


@contextmanager
def _held(
    settings: Settings, task: str, entity_id: str, newest: Standing | None = None
) -> Iterator[tuple[Session, WorkItem]]:
    """The item of a case, made where there is none, in a transaction that nobody else can come between.

    Raises AssistantError for a case that was never predicted and has no item.
    """
    store = Store(settings)
    if made := of_case(store, task, entity_id) is None:
        newest = newest or _newest(settings, task, entity_id)
        if newest is None:
            raise AssistantError(f"{task}: «{entity_id}» was not scored.", "Check the identifier.")
    with store.session() as session:
        if made and newest:
            _make(store, session, task, entity_id, newest)
        session.execute(update(WorkItem).where(_is(task, entity_id)).values(updated_at=now()))
        yield session, session.scalars(select(WorkItem).where(_is(task, entity_id))).one()


def _newest(settings: Settings, task: str, entity_id: str) -> Standing | None:
    return newest_of(settings, task, [entity_id]).get(entity_id)


def _make(store: Store, session: Session, task: str, entity_id: str, newest: Standing) -> None:
    insert = postgresql.insert if store.engine.dialect.name == "postgresql" else sqlite.insert
    values: dict[str, Any] = {
        "task": task,
        "entity_id": entity_id,
        "as_of": newest.as_of,
        "score": newest.score,
        "band": newest.band,
    }
    session.execute(insert(WorkItem).values(values).on_conflict_do_nothing())


def _is(task: str, entity_id: str) -> ColumnElement[bool]:
    return and_(WorkItem.task == task, WorkItem.entity_id == entity_id)


def _not_done(item: WorkItem) -> None:
    if item.status == "done":
        raise AssistantError("This case is done.", "Reopen it first.")


def _stand(item: WorkItem, newest: Standing | None) -> None:
    if newest is not None:
        item.as_of, item.score, item.band = newest.as_of, newest.score, newest.band


def _open(item: WorkItem, status: str) -> None:
    if item.status == "done":
        item.due_on = None  # it was met, or missed, before
    item.status, item.outcome, item.closed_at, item.snoozed_until = status, None, None, None


def _told(session: Session, item: WorkItem, who: str, action: str, text: str = "") -> None:
    session.add(WorkNote(item_id=item.id, who=who, action=action, text=text))
    session.add(Audit(who=who, action=f"worklist.{action}", detail=f"{item.task} item {item.id}"))


def _feedback(
    settings: Settings, task: str, entity_id: str, outcome: str, who: str, item: WorkItem | None
) -> Feedback:
    known: Task = task_named(task, settings)
    as_of = item.as_of.date() if item else None
    return feedback.row_of(settings, known, entity_id, "outcome", outcome, as_of=as_of, who=who)
