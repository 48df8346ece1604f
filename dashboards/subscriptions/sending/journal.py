r"""The journal of deliveries: every change of state in one place, each a compare-and-set in the database.

    queued -> claimed (lease, fence) -> sending -> sent | failed | unknown
      ^                              |-> queued (try again)
      \-------- released ------------\-> held | skipped          (neither is sent)

A delivery is claimed with a new fencing number. `sending` is committed just before the mail may leave, and
only by the claim that still holds. So two senders never both send: at most once. A claim whose lease ran out
goes back to the queue; a `sending` whose lease ran out becomes `unknown`, which only a person sends again.
A delivery is `held` while the data or the model behind its report are not to be trusted (`held_for` data), or
while its account's plan does not allow it (`held_for` plan); it goes back to the queue when that is over, or
when a person says so, whose name stays with it.

Here is what a run begins and ends with, and what people do; what senders do with each mail is in `ledger`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    cast,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from connectors.errors import AssistantError, UsageError, did_you_mean
from dashboards.subscriptions.sending.backoff import GIVE_UP_AFTER, LONGEST_WAIT, MOST_ATTEMPTS
from dashboards.subscriptions.sending.before import Before, sent_last
from pipelines.settings import Settings
from pipelines.store import Audit, Delivery, Store, Subscription, now

STATES = ("queued", "claimed", "sending", "sent", "failed", "unknown", "held", "skipped")
KINDS = ("issue", "notice", "confirmation")
_LARGEST = 2**31 - 1  # number that PostgreSQL keeps
_LEFT_SENDING = "The sender stopped while it was sending; the mail may have left."
SUPERSEDED = "A newer issue was sent in its place."


@dataclass(frozen=True)
class Entry:
    """A delivery to be entered: of which subscription, for which moment, in which state and why."""

    subscription_id: int
    period: datetime
    kind: str = "issue"
    state: str = "queued"
    answer: str = ""
    account: str = ""


Told = tuple[Delivery, Subscription]


class Journal:
    """The deliveries of one home. `lease` is how long a claim, and then the sending, may take (seconds)."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings)
        self._lease = timedelta(seconds=settings.delivery_lease)

    def enter(self, entries: Iterable[Entry]) -> int:
        """Notes what is due (or was skipped); how many of them were not in the journal already."""
        rows = [{**asdict(entry), "updated_at": now()} for entry in entries]
        if not rows:
            return 0
        insert = postgresql.insert if self._store.engine.dialect.name == "postgresql" else sqlite.insert
        with self._store.engine.begin() as connection:
            return connection.execute(insert(Delivery).on_conflict_do_nothing(), rows).rowcount

    def overtake(self) -> None:
        """Skips what waits although a newer issue of its subscription does too, or left (`catch_up`)."""
        overtaken = and_(_MAY_BE_OVERTAKEN, _HAS_A_NEWER)
        self._change(overtaken, state="skipped", answer=SUPERSEDED, not_before=None)

    def overtaken(self, due: Iterable[Entry]) -> set[int]:
        """The numbers of what `overtake` would skip once `due` is entered."""
        newest: dict[int, datetime] = {}
        for entry in due:
            if entry.state == "queued":
                newest[entry.subscription_id] = max(
                    entry.period, newest.get(entry.subscription_id, entry.period)
                )
        waiting = select(Delivery.id, Delivery.subscription_id, Delivery.period, _HAS_A_NEWER)
        with self._store.session() as session:
            return {
                number
                for number, subscription, period, has_a_newer in session.execute(
                    waiting.where(_MAY_BE_OVERTAKEN)
                )
                if has_a_newer or newest.get(subscription, period) > period
            }

    def periods(self) -> dict[int, datetime]:
        """The newest period in the journal of each subscription that an issue was due for."""
        newest = (
            select(Delivery.subscription_id, func.max(Delivery.period))
            .where(Delivery.kind == "issue")
            .group_by(Delivery.subscription_id)
        )
        with self._store.session() as session:
            return {number: period for number, period in session.execute(newest)}  # noqa: C416 - rows, not pairs

    def sent_last(self) -> dict[int, Before]:
        """The newest issue sent to each subscription."""
        with self._store.engine.connect() as connection:
            return sent_last(connection)

    def recover(self) -> list[Told]:
        """Puts right what dead senders left: claims back to the queue, sendings to `unknown`.

        What was tried long enough is `failed`. Returns the deliveries that nobody tries again by themselves.
        """
        moment = now()
        # A lease that ends further ahead than any can was written before the clock was set back.
        late = or_(Delivery.lease_until < moment, Delivery.lease_until > moment + 3 * self._lease)
        over = and_(Delivery.attempts >= MOST_ATTEMPTS, Delivery.period < moment - GIVE_UP_AFTER)
        self._change(and_(Delivery.state == "claimed", late), state="queued", lease_until=None)
        lost = self._change(
            and_(Delivery.state == "sending", late), state="unknown", lease_until=None, answer=_LEFT_SENDING
        )
        lost += self._change(
            and_(Delivery.state == "queued", over),
            state="failed",
            not_before=None,
            answer="Given up after many tries. " + Delivery.answer,
        )
        return self._told(lost)

    def queued(self, at: datetime) -> list[int]:
        """The numbers of the deliveries that may be tried at `at`: those tried least first, then by period.

        Equal readers follow one another, so that what they share is made once.
        """
        query = (
            select(Delivery.id)
            .join(Subscription, Delivery.subscription_id == Subscription.id)
            .where(Delivery.state == "queued", may_be_tried(at))
            .order_by(
                Delivery.attempts,
                Delivery.period,
                Subscription.report,
                Subscription.account,
                Subscription.language,
                Subscription.role,
                Subscription.timezone,
                Subscription.cut,
                cast(Subscription.formats, Text),
                Delivery.id,
            )
        )
        with self._store.session() as session:
            return list(session.scalars(query))

    def put_off(self, at: datetime, until: datetime, answer: str) -> None:
        """Lets all that might be tried at `at` wait: no mail gets through at present."""
        self._change(
            and_(Delivery.state == "queued", may_be_tried(at)),
            not_before=until,
            answer=answer[:2000],
            attempts=Delivery.attempts + 1,
        )

    def waiting(self) -> int:
        """How many deliveries were tried in vain and are to be tried again."""
        wanted = select(func.count()).where(Delivery.state == "queued", Delivery.attempts > 0)
        with self._store.session() as session:
            return session.scalars(wanted).one()

    def resend(self, number: int, who: str) -> None:
        """Queues a failed or unknown delivery again, on a person's word, which is noted."""
        if not self._resent(and_(_is(number), Delivery.state.in_(("failed", "unknown"))), who):
            self.show(number)
            raise AssistantError(
                f"Delivery {number} is neither failed nor unknown, so it is not sent again.",
                "`sda delivery list` shows the state of each.",
            )

    def resend_failed(self, who: str, report: str = "") -> list[int]:
        """Queues all failed deliveries again (of one report), on a person's word; never an unknown one."""
        failed: ColumnElement[bool] = Delivery.state == "failed"
        if report:
            numbers = select(Subscription.id).where(Subscription.report == report)
            failed = and_(failed, Delivery.subscription_id.in_(numbers))
        return self._resent(failed, who)

    def _resent(self, which: ColumnElement[bool], who: str) -> list[int]:
        again = self._change(
            which,
            who=who,
            action="delivery.resend",
            state="queued",
            attempts=0,
            not_before=None,
            bounced_at=None,
            fence=Delivery.fence + 1,
        )
        return sorted(again)

    def held(self, held_for: str = "data") -> list[Told]:
        """The deliveries that wait for their data or model to be well again (or their plan), oldest first."""
        waiting = Delivery.held_for == held_for if held_for == "plan" else Delivery.held_for != "plan"
        return list(reversed(self._listed(and_(Delivery.state == "held", waiting), limit=None)))

    def let_go(self, free: Sequence[Told]) -> None:
        """Queues held issues that need not be so any more: the newest of each subscription.

        Those before it, and before one that waits already, would say the same and are skipped.
        """
        issues = and_(Delivery.state == "queued", Delivery.kind == "issue")
        waiting = self._listed(issues, limit=None) if free else []
        newest: dict[int, datetime] = {}
        for delivery, subscription in [*free, *waiting]:
            newest[subscription.id] = max(delivery.period, newest.get(subscription.id, delivery.period))
        for delivery, subscription in free:
            if newest[subscription.id] == delivery.period:
                self.unhold(delivery.id)
            else:
                self.unhold(delivery.id, "skipped", SUPERSEDED)

    def still_held(self, held: Sequence[Told], answer: str) -> None:
        """Writes why issues are held by now, where that was another reason before."""
        numbers = [delivery.id for delivery, _ in held if delivery.answer != answer]
        self._change(and_(Delivery.id.in_(numbers), Delivery.state == "held"), answer=answer)

    def unhold(self, number: int, state: str = "queued", answer: str = "") -> None:
        """Lets a held delivery go: back to the queue, or `skipped` where a newer issue takes its place."""
        self._change(
            and_(Delivery.id == number, Delivery.state == "held"),
            state=state,
            answer=answer,
            attempts=0,
            held_for="",
        )

    def release(self, number: int, who: str) -> None:
        """Sends a held delivery with the next run although there is a reason not to, on a person's word."""
        let_go = self._change(
            and_(_is(number), Delivery.state == "held"),
            who=who,
            action="delivery.release",
            state="queued",
            released_by=who,
            attempts=0,
        )
        if not let_go:
            self.show(number)
            raise AssistantError(
                f"Delivery {number} is not held, so there is nothing to release.",
                "`sda delivery list --state held` shows those that are.",
            )

    def show(self, number: int) -> Told:
        """One delivery with its subscription; raises AssistantError where there is none."""
        for found in self._listed(_is(number), limit=1):
            return found
        raise AssistantError(
            f"There is no delivery {number}.", "`sda delivery list` shows them with their numbers."
        )

    def listing(
        self,
        states: Sequence[str] = (),
        limit: int | None = 100,
        *,
        report: str = "",
        email: str = "",
        account: str = "",
        kind: str = "",
        since: datetime | None = None,
    ) -> list[Told]:
        """The newest deliveries with their subscriptions; only those that are as asked for.

        `since` is of their periods. Raises UsageError for a state or kind that there is none of.
        """
        for state in states:
            if state not in STATES:
                raise UsageError(f"There is no state «{state}».", did_you_mean(state, STATES))
        if kind and kind not in KINDS:
            raise UsageError(f"There is no kind «{kind}».", did_you_mean(kind, KINDS))
        asked: list[tuple[object, ColumnElement[bool]]] = [
            (states, Delivery.state.in_(states)),
            (report, Subscription.report == report),
            (email, func.lower(Subscription.email) == email.strip().lower()),
            (account, Delivery.account == account),
            (kind, Delivery.kind == kind),
        ]
        if since is not None:
            asked.append((since, Delivery.period >= since))
        return self._listed(*(condition for given, condition in asked if given), limit=limit)

    def _listed(self, *conditions: ColumnElement[bool], limit: int | None) -> list[Told]:
        query = (
            select(Delivery, Subscription)
            .join(Subscription, Delivery.subscription_id == Subscription.id)
            .where(*conditions)
            .order_by(Delivery.period.desc(), Delivery.id.desc())
            .limit(limit)
        )
        with self._store.session() as session:
            return [(delivery, subscription) for delivery, subscription in session.execute(query)]

    def _told(self, numbers: list[int]) -> list[Told]:
        return self._listed(Delivery.id.in_(numbers), limit=None) if numbers else []

    def _change(
        self, condition: ColumnElement[bool], *, who: str = "", action: str = "", **values: Any
    ) -> list[int]:
        """Sets `values` where `condition` holds, in one transaction; gives the numbers that were changed.

        What a person (`who`) does is noted for each of them. Rows that another change has in hand are left
        to it: so no two changes wait for each other.
        """
        rows = select(Delivery.id).where(condition).order_by(Delivery.id)
        change = (
            update(Delivery)
            .where(Delivery.id.in_(rows.with_for_update(skip_locked=True)), condition)
            .values(**values, updated_at=now())
            .returning(Delivery.id)
        )
        with self._store.session() as session:
            changed = list(
                session.execute(change, execution_options={"synchronize_session": False}).scalars()
            )
            if who:
                session.add_all(Audit(who=who, action=action, detail=str(number)) for number in changed)
        return changed


def _is(number: int) -> ColumnElement[bool]:
    """The delivery of that number; a person may type one that no database keeps."""
    return Delivery.id == number if 0 < number <= _LARGEST else false()


_newer = aliased(Delivery)
_MAY_BE_OVERTAKEN = and_(
    Delivery.state == "queued",
    Delivery.kind == "issue",
    Delivery.released_by == "",
    or_(Delivery.attempts > 0, Delivery.fence == 0),  # what a person has just resent is sent
    Delivery.subscription_id.in_(select(Subscription.id).where(Subscription.catch_up == "latest")),
)
_HAS_A_NEWER = (
    select(_newer.id)
    .where(
        _newer.subscription_id == Delivery.subscription_id,
        _newer.kind == "issue",
        _newer.period > Delivery.period,
        _newer.state.in_(("queued", "claimed", "sending", "sent", "unknown")),
    )
    .exists()
)


def may_be_tried(at: datetime) -> ColumnElement[bool]:
    """Whether a queued delivery's time has come.

    A moment further ahead than any wait was written before the clock was set back.
    """
    return or_(
        Delivery.not_before.is_(None),
        Delivery.not_before <= at,
        Delivery.not_before > now() + 2 * LONGEST_WAIT,
    )
