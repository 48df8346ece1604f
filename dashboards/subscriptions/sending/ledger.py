"""What a sender does with its deliveries: claims them in batches, and writes each step before the next.

That a mail is about to leave is committed, with what became of the mail before it in the same transaction,
before anything leaves: a sender that is killed leaves the truth behind. Before the end of the mail leaves it
is on the disk as well, so that no power cut makes a mail that left look as if it had not.
"""

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, bindparam, select, update

from dashboards.subscriptions.sending.before import Before, sent_last
from dashboards.subscriptions.sending.journal import may_be_tried
from dashboards.subscriptions.sending.lease import Lease
from pipelines.settings import Settings
from pipelines.store import Delivery, Store, Subscription, now


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours to send while `fence` is its newest number."""

    number: int
    fence: int
    kind: str
    period: datetime
    attempts: int
    released_by: str
    subscription: Subscription


@dataclass(frozen=True)
class Parcel:
    """What is written down about a mail before it leaves."""

    message_id: str
    issue_key: str = ""
    snapshot: int | None = None
    model_version: str = ""
    size: int = 0  # bytes
    digest: str = ""  # SHA-256, hex


_OURS = (Delivery.id == bindparam("number"), Delivery.fence == bindparam("our_fence"))
# Whoever left while the mails before this one were sent gets nothing any more; whoever may see other rows now
# gets the mail that the next claim makes.
_IS_WANTED = (
    select(Subscription.id)
    .where(
        Subscription.id == Delivery.subscription_id,
        Subscription.status.in_(("active", "pending")),
        Subscription.cut == bindparam("our_cut"),
        Subscription.role == bindparam("our_role"),
    )
    .exists()
)
_SENDING = (
    update(Delivery)
    .where(*_OURS, Delivery.state == "claimed", _IS_WANTED)
    .values(
        state="sending",
        **{
            name: bindparam(f"new_{name}")
            for name in (
                *("lease_until", "message_id", "size", "digest", "issue_key", "snapshot_id"),
                *("model_version", "account", "updated_at"),
            )
        },
    )
)
# An answer that comes after the lease still counts: it is the truth about an `unknown`.
_SETTLED = (
    update(Delivery)
    .where(*_OURS, Delivery.state.in_(("claimed", "sending", "unknown")))
    .values(
        lease_until=None,
        **{
            name: bindparam(f"new_{name}")
            for name in ("state", "answer", "not_before", "sent_at", "held_for", "updated_at")
        },
    )
)
_GIVEN_BACK = (
    update(Delivery)
    .where(*_OURS, Delivery.state == "claimed")
    .values(state="queued", lease_until=None, attempts=Delivery.attempts - 1)
)


class Ledger:
    """One sender's connection to the journal. What is not yet written of the last mail is at `close`."""

    def __init__(self, settings: Settings) -> None:
        self._lease = Lease(settings)
        self._connection: Connection = Store(settings).engine.connect()
        # SQLite commits without waiting for the disk (`synchronous` NORMAL); PostgreSQL waits by itself.
        self._log: int | None = None
        if self._connection.dialect.name == "sqlite":
            with self._connection.begin():  # which makes the write-ahead log
                self._connection.execute(select(Delivery.id).limit(1)).all()
            self._log = os.open(f"{self._connection.engine.url.database}-wal", os.O_RDONLY)
        self._flusher = ThreadPoolExecutor(1, "flusher")
        self._on_disk: Future[None] | None = None
        self._unwritten: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._lease.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        try:
            self.write()
        finally:
            self._lease.end()
            self._connection.close()
            self._flusher.shutdown()
            if self._log is not None:
                os.close(self._log)

    def claim(self, numbers: Sequence[int], at: datetime) -> list[Claim]:
        """Those of the queued deliveries `numbers` that nobody else has, in the order given."""
        self.write()
        free = select(Delivery.id).where(
            Delivery.id.in_(numbers), Delivery.state == "queued", may_be_tried(at)
        )
        change = (
            update(Delivery)
            .where(
                Delivery.id.in_(free.order_by(Delivery.id).with_for_update(skip_locked=True)),
                Delivery.state == "queued",
            )
            .values(
                state="claimed",
                fence=Delivery.fence + 1,
                attempts=Delivery.attempts + 1,
                lease_until=now() + self._lease.length,
                updated_at=now(),
            )
            .returning(
                Delivery.id,
                Delivery.fence,
                Delivery.kind,
                Delivery.period,
                Delivery.attempts,
                Delivery.released_by,
                Delivery.subscription_id,
            )
        )
        with self._connection.begin():
            rows = {row.id: row for row in self._connection.execute(change)}
            wanted = select(Subscription.__table__).where(
                Subscription.id.in_({row.subscription_id for row in rows.values()})
            )
            subscriptions = {
                row["id"]: Subscription(**row) for row in self._connection.execute(wanted).mappings()
            }
        self._lease.hold({row.id: row.fence for row in rows.values()})
        return [
            Claim(
                row.id,
                row.fence,
                row.kind,
                row.period,
                row.attempts,
                row.released_by,
                subscriptions[row.subscription_id],
            )
            for row in (rows[number] for number in numbers if number in rows)
        ]

    def before(self, claims: Sequence[Claim]) -> dict[int, Before]:
        """The issue sent last to the subscriber of each claim, by the claim's number."""
        with self._connection.begin():
            last = sent_last(self._connection, {claim.subscription.id for claim in claims})
        return {
            claim.number: last[claim.subscription.id]
            for claim in claims
            if claim.subscription.id in last and last[claim.subscription.id].period < claim.period
        }

    def about_to_send(self, claim: Claim, parcel: Parcel) -> bool:
        """Commits that the mail leaves now; False if the claim is ours no longer, or nobody's wish."""
        with self._connection.begin():
            self._write()
            changed = self._connection.execute(
                _SENDING,
                {
                    "number": claim.number,
                    "our_fence": claim.fence,
                    "new_lease_until": now() + self._lease.length,
                    "new_message_id": parcel.message_id,
                    "new_size": parcel.size,
                    "new_digest": parcel.digest,
                    "new_issue_key": parcel.issue_key,
                    "new_snapshot_id": parcel.snapshot,
                    "new_model_version": parcel.model_version,
                    "new_account": claim.subscription.account,
                    "our_cut": claim.subscription.cut,
                    "our_role": claim.subscription.role,
                    "new_updated_at": now(),
                },
            ).rowcount
        self._written()
        if self._log is not None and changed == 1:  # goes on while the mail is handed over
            self._on_disk = self._flusher.submit(os.fdatasync, self._log)
        if changed != 1:
            self._lease.let_go([claim.number])
        return changed == 1

    def make_lasting(self) -> None:
        """Waits until what is committed is on the disk."""
        if self._on_disk is not None:
            self._on_disk.result()

    def settle(
        self,
        claim: Claim,
        state: str,
        answer: str,
        *,
        not_before: datetime | None = None,
        held_for: str = "",
    ) -> None:
        """What became of a delivery; written with the next step, or by `write`."""
        moment = now()
        self._unwritten.append(
            {
                "number": claim.number,
                "our_fence": claim.fence,
                "new_state": state,
                "new_answer": answer[:2000],
                "new_not_before": not_before,
                "new_sent_at": moment if state == "sent" else None,
                "new_held_for": held_for,
                "new_updated_at": moment,
            }
        )

    def write(self) -> None:
        """Commits what is not yet written."""
        if self._unwritten:
            with self._connection.begin():
                self._write()
            self._written()

    def _written(self) -> None:
        """After the commit."""
        self._lease.let_go(change["number"] for change in self._unwritten)
        self._unwritten.clear()

    def _write(self) -> None:
        """As part of a transaction; whoever commits it clears the list."""
        for change in self._unwritten:
            self._connection.execute(_SETTLED, change)

    def give_back(self, claims: Sequence[Claim]) -> None:
        """Queues claims that were not tried, as if they had never been made."""
        self.write()
        if claims:
            self._lease.let_go(claim.number for claim in claims)
            with self._connection.begin():
                self._connection.execute(_GIVEN_BACK, [_key(claim) for claim in claims])


def _key(claim: Claim) -> dict[str, Any]:
    return {"number": claim.number, "our_fence": claim.fence}
