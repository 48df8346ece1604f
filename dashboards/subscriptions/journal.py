r"""The journal of deliveries: every change of state in one place, each a compare-and-set in the database.

    queued -> claimed (lease, fence) -> sending -> sent | failed | unknown
      ^                              |-> queued (try again)
      \-------- released ------------\-> held | skipped          (neither is sent)

A delivery is claimed with a new fencing number. `sending` is committed just before the mail may leave, and
only by the claim that still holds. So two senders never both send: at most once. A claim whose lease ran out
goes back to the queue; a `sending` whose lease ran out becomes `unknown`, which only a person sends again.
A delivery is `held` while the model behind its report needs a look (`analytics.monitoring`: verdict act); it
goes back to the queue when the model is well again or a person says so, whose name stays with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError

from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.settings import Settings
from pipelines.store import Audit, Delivery, Store, Subscription, now

STATES = ("queued", "claimed", "sending", "sent", "failed", "unknown", "held", "skipped")
# A mail that a server puts off is given up after so many tries over so many days (RFC 5321, 4.5.4.1).
MOST_ATTEMPTS = 20
GIVE_UP_AFTER = timedelta(days=5)


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours to send while `fence` is its newest number."""

    delivery: Delivery
    subscription: Subscription
    fence: int


class Journal:
    """The deliveries of one home. `lease` is how long a claim, and then the sending, may take (seconds)."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings)
        self._lease = timedelta(seconds=settings.delivery_lease)

    def enter(self, subscription: Subscription, period: datetime, state: str = "queued") -> bool:
        """Notes that an issue is due (or was skipped); False if that period is in the journal already."""
        try:
            with self._store.session() as session:
                session.add(Delivery(subscription_id=subscription.id, period=period, state=state))
        except IntegrityError:
            return False
        return True

    def periods(self) -> dict[int, datetime]:
        """The newest period in the journal of each subscription."""
        with self._store.session() as session:
            rows = session.execute(select(Delivery.subscription_id, Delivery.period)).all()
        newest: dict[int, datetime] = {}
        for subscription, period in rows:
            newest[subscription] = max(period, newest.get(subscription, period))
        return newest

    def recover(self) -> None:
        """Puts right what dead senders left: claims back to the queue, sendings to `unknown`."""
        late = Delivery.lease_until < now()
        self._change(Delivery.state == "claimed", late, state="queued", lease_until=None)
        self._change(
            Delivery.state == "sending",
            late,
            state="unknown",
            lease_until=None,
            answer="The sender stopped while it was sending; the mail may have left.",
        )

    def queued(self) -> list[int]:
        """The numbers of the deliveries that wait, those tried least first, then by period."""
        query = (
            select(Delivery.id)
            .where(Delivery.state == "queued")
            .order_by(Delivery.attempts, Delivery.period, Delivery.id)
        )
        with self._store.session() as session:
            return list(session.scalars(query))

    def claim(self, number: int) -> Claim | None:
        """The queued delivery `number`, if nobody else has it; None if somebody does."""
        change = (
            update(Delivery)
            .where(Delivery.id == number, Delivery.state == "queued")
            .values(
                state="claimed",
                fence=Delivery.fence + 1,
                attempts=Delivery.attempts + 1,
                lease_until=now() + self._lease,
                updated_at=now(),
            )
            .returning(Delivery.fence)
        )
        with self._store.session() as session:
            fence = session.execute(change).scalar_one_or_none()
            if fence is None:
                return None
            delivery = session.get_one(Delivery, number)
            return Claim(delivery, session.get_one(Subscription, delivery.subscription_id), fence)

    def about_to_send(self, claim: Claim, message_id: str, snapshot: int, model_version: str) -> bool:
        """Commits that the mail leaves now; False if the claim is ours no longer."""
        return self._change(
            Delivery.id == claim.delivery.id,
            Delivery.state == "claimed",
            Delivery.fence == claim.fence,
            state="sending",
            lease_until=now() + self._lease,
            message_id=message_id,
            snapshot_id=snapshot,
            model_version=model_version,
        )

    def settle(self, claim: Claim, state: str, answer: str) -> bool:
        """Writes what became of the mail, as long as nobody has claimed it anew.

        An answer that comes after the lease still counts: it is the truth about an `unknown`.
        """
        delivery = claim.delivery
        if (
            state == "queued"
            and delivery.attempts >= MOST_ATTEMPTS
            and now() - delivery.period > GIVE_UP_AFTER
        ):
            state = "failed"
        return self._change(
            Delivery.id == claim.delivery.id,
            Delivery.state.in_(("claimed", "sending", "unknown")),
            Delivery.fence == claim.fence,
            state=state,
            lease_until=None,
            answer=answer[:2000],
        )

    def resend(self, number: int, who: str) -> None:
        """Queues a failed or unknown delivery again, on a person's word, which is noted."""
        again = self._change(
            Delivery.id == number,
            Delivery.state.in_(("failed", "unknown")),
            state="queued",
            attempts=0,
            fence=Delivery.fence + 1,
        )
        if not again:
            raise AssistantError(
                f"Delivery {number} is neither failed nor unknown, so it is not sent again.",
                "`sda delivery list` shows the state of each.",
            )
        with self._store.session() as session:
            session.add(Audit(who=who, action="delivery.resend", detail=str(number)))

    def held(self) -> list[tuple[Delivery, Subscription]]:
        """The deliveries that wait for a model to be well again, oldest period first."""
        return list(reversed(self.listing(["held"], limit=100_000)))

    def unhold(self, number: int, state: str = "queued", answer: str = "") -> None:
        """Lets a held delivery go: back to the queue, or `skipped` where a newer issue takes its place."""
        self._change(Delivery.id == number, Delivery.state == "held", state=state, answer=answer, attempts=0)

    def release(self, number: int, who: str) -> None:
        """Sends a held delivery with the next run although its model needs a look, on a person's word."""
        let_go = self._change(
            Delivery.id == number, Delivery.state == "held", state="queued", released_by=who, attempts=0
        )
        if not let_go:
            raise AssistantError(
                f"Delivery {number} is not held, so there is nothing to release.",
                "`sda delivery list --state held` shows those that are.",
            )
        with self._store.session() as session:
            session.add(Audit(who=who, action="delivery.release", detail=str(number)))

    def listing(self, states: Sequence[str] = (), limit: int = 100) -> list[tuple[Delivery, Subscription]]:
        """The newest deliveries with their subscriptions; only those in `states` where any are named."""
        for state in states:
            if state not in STATES:
                raise UsageError(f"There is no state «{state}».", did_you_mean(state, STATES))
        query = select(Delivery, Subscription).join(Subscription, Delivery.subscription_id == Subscription.id)
        if states:
            query = query.where(Delivery.state.in_(states))
        query = query.order_by(Delivery.period.desc(), Delivery.id.desc()).limit(limit)
        with self._store.session() as session:
            return [(delivery, subscription) for delivery, subscription in session.execute(query)]

    def _change(self, *conditions: Any, **values: Any) -> bool:
        """Sets `values` where all `conditions` hold, in one statement; whether anything was changed."""
        with self._store.session() as session:
            result = session.execute(
                update(Delivery).where(*conditions).values(**values, updated_at=now()),
                execution_options={"synchronize_session": False},
            )
        return isinstance(result, CursorResult) and result.rowcount > 0
