"""What the page on subscriptions asks the operational store: a page of rows at a time, never all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from pipelines.store import ArchivedIssue, Audit, Delivery, Store, Subscription, Suppression

BOUNCED = "bounced"  # beside the states of the journal: sent, and came back
Told = tuple[Delivery, Subscription]
Row = TypeVar("Row", bound=tuple[Any, ...])


@dataclass(frozen=True)
class Wanted:
    """Which deliveries are asked for; an empty entry asks for all. `address` may be a part of one."""

    states: tuple[str, ...] = ()
    report: str = ""
    address: str = ""


def deliveries(store: Store, wanted: Wanted, page: int, size: int) -> list[Told]:
    """One page (from 1) of the deliveries, the newest first."""
    query = (
        _joined(select(Delivery, Subscription), wanted)
        .order_by(Delivery.period.desc(), Delivery.id.desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    with store.session() as session:
        return [(delivery, subscription) for delivery, subscription in session.execute(query)]


def count_deliveries(store: Store, wanted: Wanted) -> int:
    """How many deliveries there are on all pages."""
    with store.session() as session:
        return session.scalars(_joined(select(func.count(Delivery.id)), wanted)).one()


def states(store: Store, report: str = "", address: str = "") -> dict[str, int]:
    """How many deliveries are in each state; those that came back are counted as such only."""
    query = _joined(
        select(Delivery.state, Delivery.bounced_at.is_not(None), func.count(Delivery.id)),
        Wanted((), report, address),
    ).group_by(Delivery.state, Delivery.bounced_at.is_not(None))
    found: dict[str, int] = {}
    with store.session() as session:
        for state, came_back, number in session.execute(query):
            name = BOUNCED if came_back and state == "sent" else state
            found[name] = found.get(name, 0) + number
    return found


def reports_delivered(store: Store) -> list[str]:
    """The reports of which anything was ever due."""
    query = select(Subscription.report).join(Delivery, Delivery.subscription_id == Subscription.id).distinct()
    with store.session() as session:
        return sorted(session.scalars(query))


def newest_of(store: Store, subscription: int, most: int = 5) -> list[Delivery]:
    """The newest deliveries of one subscription."""
    query = (
        select(Delivery)
        .where(Delivery.subscription_id == subscription)
        .order_by(Delivery.period.desc(), Delivery.id.desc())
        .limit(most)
    )
    with store.session() as session:
        return list(session.scalars(query))


def subscriptions(
    store: Store, address: str, statuses: Sequence[str], page: int, size: int, *, whole: bool = False
) -> tuple[int, list[Subscription]]:
    """How many subscriptions there are, and one page of them; `address` may be a part, unless `whole`."""
    condition = _address(address, whole=whole)
    if statuses:
        condition = and_(condition, Subscription.status.in_(statuses))
    rows = select(Subscription).where(condition).order_by(Subscription.email, Subscription.id)
    with store.session() as session:
        number = session.scalars(select(func.count(Subscription.id)).where(condition)).one()
        return number, list(session.scalars(rows.offset((page - 1) * size).limit(size)))


def issues(
    store: Store, roles: Sequence[str], report: str, page: int, size: int
) -> tuple[int, list[ArchivedIssue]]:
    """How many issues made for one of `roles` are kept, and one page of them, the newest first."""
    condition = and_(ArchivedIssue.role.in_(roles), ArchivedIssue.path != "")
    if report:
        condition = and_(condition, ArchivedIssue.report == report)
    rows = select(ArchivedIssue).where(condition)
    rows = rows.order_by(ArchivedIssue.period.desc(), ArchivedIssue.key)
    with store.session() as session:
        number = session.scalars(select(func.count(ArchivedIssue.key)).where(condition)).one()
        return number, list(session.scalars(rows.offset((page - 1) * size).limit(size)))


def issues_of_others(store: Store, roles: Sequence[str]) -> int:
    """How many issues are kept that were made for none of `roles`."""
    query = select(func.count(ArchivedIssue.key)).where(
        ArchivedIssue.role.not_in(roles), ArchivedIssue.path != ""
    )
    with store.session() as session:
        return session.scalars(query).one()


def reports_kept(store: Store) -> list[str]:
    """The reports of which issues are kept."""
    query = select(ArchivedIssue.report).where(ArchivedIssue.path != "").distinct()
    with store.session() as session:
        return sorted(session.scalars(query))


def suppressed(store: Store, page: int, size: int) -> tuple[int, list[Suppression]]:
    """How many addresses nothing is sent to, and one page of them, the newest first."""
    rows = select(Suppression).order_by(Suppression.at.desc(), Suppression.email)
    with store.session() as session:
        number = session.scalars(select(func.count(Suppression.email))).one()
        return number, list(session.scalars(rows.offset((page - 1) * size).limit(size)))


def noted(store: Store, action: str, most: int) -> list[Audit]:
    """The newest entries of the audit of one action."""
    query = select(Audit).where(Audit.action == action).order_by(Audit.id.desc()).limit(most)
    with store.session() as session:
        return list(session.scalars(query))


def _joined(query: Select[Row], wanted: Wanted) -> Select[Row]:
    """`query` on the deliveries that are wanted, with their subscriptions."""
    condition = _address(wanted.address)
    if wanted.report:
        condition = and_(condition, Subscription.report == wanted.report)
    if wanted.states:
        condition = and_(condition, or_(*(_in_state(state) for state in wanted.states)))
    joined = query.select_from(Delivery).join(Subscription, Delivery.subscription_id == Subscription.id)
    return joined.where(condition)


def _in_state(state: str) -> ColumnElement[bool]:
    if state == BOUNCED:
        return and_(Delivery.state == "sent", Delivery.bounced_at.is_not(None))
    if state == "sent":
        return and_(Delivery.state == "sent", Delivery.bounced_at.is_(None))
    return Delivery.state == state


def _address(address: str, *, whole: bool = False) -> ColumnElement[bool]:
    wanted = address.strip().lower()
    mailbox = func.lower(Subscription.email)
    return mailbox == wanted if whole else mailbox.contains(wanted, autoescape=True)
