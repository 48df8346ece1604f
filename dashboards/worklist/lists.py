"""The worklist as a list: whose, which, how many; one page at a time from the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, and_, case, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from dashboards.worklist.items import is_handled
from pipelines.store import Store, WorkItem, WorkNote

Which = Literal["mine", "all", "unassigned", "overdue", "today", "returned", "snoozed", "done"]
WHICH: tuple[Which, ...] = get_args(Which)
PAGE_SIZE = 20


@dataclass(frozen=True)
class Asked:
    """Which items: `who` is the person who asks, `tasks` those of these tasks alone (() for any), `assignee`
    those of one person, `search` the beginning of a case's identifier, or a part of it after a `*`.
    """

    which: Which = "all"
    who: str = ""
    tasks: tuple[str, ...] = ()
    assignee: str = ""
    search: str = ""


def listing(
    store: Store, asked: Asked, on: date, page: int = 1, size: int = PAGE_SIZE
) -> tuple[list[WorkItem], int]:
    """One page of the items asked for on the day `on`, and how many there are: what is overdue first, then
    what came back, then by due date; what is done newest first.
    """
    wanted = and_(*_conditions(asked, on))
    order = (
        (WorkItem.closed_at.desc(), WorkItem.id.desc())
        if asked.which == "done"
        else (
            case((_overdue(on), 0), (WorkItem.status == "returned", 1), else_=2),
            WorkItem.due_on.is_(None),
            WorkItem.due_on,
            WorkItem.id.desc(),
        )
    )
    query = select(WorkItem).where(wanted).order_by(*order).limit(size).offset((max(page, 1) - 1) * size)
    with store.session() as session:
        found = session.scalar(select(func.count()).select_from(WorkItem).where(wanted)) or 0
        return list(session.scalars(query)), found


@dataclass(frozen=True)
class Counts:
    """How many items each of `Which` has."""

    mine: int = 0
    all: int = 0
    unassigned: int = 0
    overdue: int = 0
    today: int = 0
    returned: int = 0
    snoozed: int = 0
    done: int = 0


def counts(store: Store, on: date, who: str = "", tasks: Sequence[str] = ()) -> Counts:
    """How many items there are on the day `on`, in one question to the store."""
    asked = {which: and_(*_conditions(Asked(which, who, tuple(tasks)), on)) for which in WHICH}
    query = select(*(func.count().filter(wanted).label(name) for name, wanted in asked.items())).select_from(
        WorkItem
    )
    with store.session() as session:
        return Counts(**session.execute(query).one()._asdict())


def handled_cases(store: Store, on: date) -> dict[str, tuple[str, ...]]:
    """`items.handled` of every task that has such cases."""
    return _by_task(store, is_handled(on), WorkItem.entity_id)


def overdue_cases(store: Store, on: date) -> dict[str, tuple[str, ...]]:
    """The cases whose day is past, by task, the longest overdue first."""
    return _by_task(store, _overdue(on), WorkItem.due_on)


def people(store: Store) -> list[str]:
    """Everyone whose name is on the worklist: who had a case, or did something with one."""
    names = select(WorkItem.assignee).union(select(WorkNote.who))
    with store.session() as session:
        return sorted((name for name in session.scalars(names) if name), key=str.casefold)


def _by_task(
    store: Store, wanted: ColumnElement[bool], order: InstrumentedAttribute[Any]
) -> dict[str, tuple[str, ...]]:
    query = select(WorkItem.task, WorkItem.entity_id).where(wanted).order_by(order, WorkItem.id)
    found: dict[str, list[str]] = {}
    with store.session() as session:
        for task, entity_id in session.execute(query):
            found.setdefault(task, []).append(entity_id)
    return {task: tuple(ids) for task, ids in found.items()}


def _overdue(on: date) -> ColumnElement[bool]:
    return and_(WorkItem.status != "done", WorkItem.due_on.is_not(None), WorkItem.due_on < on)


def _conditions(asked: Asked, on: date) -> list[ColumnElement[bool]]:
    is_open = not_(is_handled(on))
    found: list[ColumnElement[bool]] = {
        "mine": [is_open, WorkItem.assignee == asked.who, WorkItem.assignee != ""],
        "all": [is_open],
        "unassigned": [is_open, WorkItem.assignee == ""],
        "overdue": [_overdue(on)],
        "today": [is_open, WorkItem.due_on == on],
        "returned": [is_open, WorkItem.status == "returned"],
        "snoozed": [is_handled(on), WorkItem.status != "done"],
        "done": [WorkItem.status == "done"],
    }[asked.which]
    if asked.tasks:
        found.append(WorkItem.task.in_(asked.tasks))
    if asked.assignee:
        found.append(WorkItem.assignee == asked.assignee)
    if search := asked.search.replace("\0", "").strip():
        part = search.removeprefix("*")
        found.append(
            WorkItem.entity_id.contains(part, autoescape=True)
            if part != search
            else WorkItem.entity_id.startswith(part, autoescape=True)
        )
    return found
