"""Sends claimed deliveries one after the other through one transport, and writes down what became of each."""

import hashlib
import hmac
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import AssistantError, UsageError
from dashboards.reports.mail import Sealed, seal
from dashboards.subscriptions.keeping.envelopes import envelope_for
from dashboards.subscriptions.readers.addresses import check_email
from dashboards.subscriptions.returns import bounces
from dashboards.subscriptions.sending import letters
from dashboards.subscriptions.sending.backoff import is_given_up, wait
from dashboards.subscriptions.sending.before import Before
from dashboards.subscriptions.sending.issues import Issues, UnmadeError
from dashboards.subscriptions.sending.journal import Journal
from dashboards.subscriptions.sending.ledger import Claim, Ledger, Parcel
from dashboards.subscriptions.sending.pace import Pacer
from dashboards.subscriptions.sending.transport import Mail, Outcome, Transport
from dashboards.subscriptions.sending.verdict import Judge, Verdict
from pipelines.settings import Settings
from pipelines.signing import key_for
from pipelines.store import Subscription, now

_AT_ONCE = 100  # claimed in one transaction
# A server that says «later» so often without a break means us, not the readers.
_MOST_PUT_OFF = 20
_SLOW = 0.05  # seconds; what became of a mail that took longer is written at once
_STATES = {"held": "held", "lapsed": "held", "suppressed": "skipped", "skipped": "skipped"}


@dataclass(frozen=True)
class DeliveryResult:
    """What became of one delivery (or, in a rehearsal, what would: state `due` where it would be sent)."""

    delivery: int | None
    subscription: int | None
    account: str
    email: str
    report: str
    kind: str
    language: str
    formats: list[str]
    attributes: dict[str, Any]
    period: datetime
    state: str
    message_id: str
    answer: str
    attempts: int = 0
    next_try: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as a document, moments in ISO 8601."""
        next_try = self.next_try.isoformat() if self.next_try else None
        return {**asdict(self), "period": self.period.isoformat(), "next_try": next_try}


def result_of(
    subscription: Subscription, period: datetime, kind: str, state: str, answer: str, **more: Any
) -> DeliveryResult:
    """What is told about a delivery of a subscription."""
    return DeliveryResult(
        delivery=more.pop("delivery", None),
        subscription=subscription.id,
        account=subscription.account or "",
        email=subscription.email,
        report=subscription.report,
        kind=kind,
        language=subscription.language,
        formats=more.pop("formats", list(subscription.formats or ())),
        attributes=dict(subscription.attributes or {}),
        period=period,
        state=state,
        message_id=more.pop("message_id", ""),
        answer=answer,
        **more,
    )


@dataclass
class Sender:
    """Everything a run needs to send; `at` is its moment."""

    settings: Settings
    journal: Journal
    ledger: Ledger
    transport: Transport
    issues: Issues
    judge: Judge
    pacer: Pacer
    at: datetime
    _put_off: int = field(default=0, init=False)  # mails in a row
    _cut_off: tuple[datetime, str] | None = field(default=None, init=False)  # until when, why

    @property
    def is_cut_off(self) -> bool:
        """Whether no mail gets through at present."""
        return self._cut_off is not None

    def sent(self, numbers: Sequence[int]) -> Iterator[DeliveryResult]:
        """What became of those of the queued deliveries `numbers` that no other sender had.

        Where no mail gets through at all, the rest waits.
        """
        for start in range(0, len(numbers), _AT_ONCE):
            yield from self._batch(self.ledger.claim(numbers[start : start + _AT_ONCE], self.at))
            if self._cut_off is not None:
                self.journal.put_off(self.at, *self._cut_off)
                return

    def _batch(self, claims: list[Claim]) -> Iterator[DeliveryResult]:
        if not claims:
            return
        before = self.ledger.before(claims)
        self.judge.look_up(claim.subscription.email for claim in claims)
        untried = list(reversed(claims))
        try:
            while untried and not self.is_cut_off:
                claim = untried.pop()
                if result := self._deliver(claim, before.get(claim.number)):
                    yield result
        finally:
            self.ledger.give_back(untried)

    def _deliver(self, claim: Claim, before: Before | None) -> DeliveryResult | None:
        if claim.kind == "issue" and claim.subscription.account:
            self.ledger.write()  # what was sent is counted
        verdict = self.judge.of(
            claim.subscription, claim.kind, claim.period, before, is_released=bool(claim.released_by)
        )
        if verdict.state in _STATES:
            return self._settled(claim, _STATES[verdict.state], verdict.why, held_for=verdict.held_for)
        message_id = message_id_of(self.settings, claim.subscription, claim.period, claim.kind)
        try:
            letter, parcel = self._made(claim, verdict, message_id)
            content = letter.mail(envelope_for(self.settings, claim.subscription, claim.period, message_id))
        except AssistantError as error:  # stays in the queue until its cause is gone
            return self._later(claim, message_id, str(error))
        except ValueError as error:
            return self._unwritable(claim, message_id, str(error))
        parcel = replace(parcel, size=len(content), digest=hashlib.sha256(content).hexdigest())
        self._wait_for_pace()
        started = time.monotonic()
        outcome = self.transport.send(
            Mail(message_id, claim.subscription.email, content),
            lambda: self.ledger.about_to_send(claim, parcel),
            self.ledger.make_lasting,
        )
        result = self._noted(claim, message_id, outcome)
        if time.monotonic() - started > _SLOW:
            self.ledger.write()
        return result

    def _unwritable(self, claim: Claim, message_id: str, why: str) -> DeliveryResult:
        """No mail can be written to this address; where the address is one, the sender or another setting is
        none, and all wait until it is put right."""
        try:
            check_email(claim.subscription.email)
        except UsageError:
            return self._settled(claim, "failed", why, message_id)
        result = self._later(claim, message_id, f"{why} Correct it in the settings.")
        self._cut_off = result.next_try or now(), result.answer
        return result

    def _made(self, claim: Claim, verdict: Verdict, message_id: str) -> tuple[Sealed, Parcel]:
        """What the mail says, and what is written down about it so far; raises AssistantError."""
        if verdict.state == "unmade":
            raise UnmadeError(verdict.why)
        if verdict.wanted is None:
            said = letters.letter(self.settings, claim.subscription, claim.kind, claim.period, self.at)
            return seal(said), Parcel(message_id)
        made = self.issues.sealed(verdict.wanted)
        return made.letter, Parcel(message_id, made.key, made.snapshot, made.model_version)

    def _noted(self, claim: Claim, message_id: str, outcome: Outcome) -> DeliveryResult | None:
        """Writes what the transport said."""
        self._put_off = self._put_off + 1 if outcome.fate == "later" else 0
        match outcome.fate:
            case "dropped":
                return None
            case "sent" | "unknown" as state:
                return self._settled(claim, state, outcome.answer, message_id)
            case "refused":
                result = self._settled(claim, "failed", outcome.answer, message_id)
                if outcome.at_recipient:
                    self.ledger.write()
                    bounces.refused(self.settings, claim.number, outcome.answer)
                return result
            case fate:
                result = self._later(claim, message_id, outcome.answer)
                if fate == "unreachable" or self._put_off >= _MOST_PUT_OFF:
                    self._cut_off = result.next_try or now(), outcome.answer
                return result

    def _later(self, claim: Claim, message_id: str, answer: str) -> DeliveryResult:
        """Back to the queue for another try, unless it was tried long enough."""
        if is_given_up(claim.attempts, claim.period, now()):
            given_up = f"Given up after {claim.attempts} tries. {answer}"
            return self._settled(claim, "failed", given_up, message_id)
        until = now() + wait(claim.attempts)
        return self._settled(claim, "queued", answer, message_id, not_before=until)

    def _settled(
        self,
        claim: Claim,
        state: str,
        answer: str,
        message_id: str = "",
        *,
        not_before: datetime | None = None,
        held_for: str = "",
    ) -> DeliveryResult:
        self.ledger.settle(claim, state, answer, not_before=not_before, held_for=held_for)
        return result_of(
            claim.subscription,
            claim.period,
            claim.kind,
            state,
            answer,
            delivery=claim.number,
            message_id=message_id,
            attempts=claim.attempts,
            next_try=not_before,
        )

    def _wait_for_pace(self) -> None:
        """Waits until the server may be given the next mail."""
        slot = self.pacer.book()
        if slot is not None and (left := (slot - now()) / timedelta(seconds=1)) > 0:
            self.ledger.write()
            time.sleep(left)


def message_id_of(
    settings: Settings, subscription: Subscription, period: datetime, kind: str = "issue"
) -> str:
    """The id of a delivery's mail: the same however often it is sent, so that no mailbox shows it twice.

    Keyed, so that nobody who did not get the mail can write a bounce or a complaint about it (`bounces`).
    """
    text = f"{subscription.id}\0{subscription.email}\0{subscription.report}\0{period.isoformat()}"
    if kind != "issue":
        text += f"\0{kind}"
    digest = hmac.digest(key_for(settings, "message-id"), text.encode(), "sha256").hex()[:24]
    return f"<{subscription.report}.{period:%Y%m%dT%H%M%SZ}.{digest}@{settings.list_domain}>"
