"""The archive: every issue that was sent, kept as it was, for all who saw the same.

An issue is one file of the vault (`<home>/archive`) and one line in the store. A mail is made again from it
and its envelope, to the byte, and compared with the digest that was noted when it left.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from connectors.errors import AssistantError
from dashboards.reports.mail import seal
from dashboards.reports.reader import Reader
from dashboards.reports.render import Issue
from dashboards.subscriptions.keeping import kept, vault
from dashboards.subscriptions.keeping.envelopes import Imprint, envelope_for
from dashboards.subscriptions.keeping.kept import Kept
from pipelines.access import ROLES, visible_to
from pipelines.settings import Settings, writable_home
from pipelines.store import ArchivedIssue, Audit, Delivery, Store, Subscription, now

FOLDER = "archive"
_LARGEST = 2**31 - 1  # number that PostgreSQL keeps
_GONE_OUT = ("sent", "unknown")  # an issue that may have arrived is shown too
_GRACE = timedelta(days=1)  # a file that nothing names yet may be on its way into the store


class ExpiredIssueError(AssistantError):
    """It was kept, and its time is over."""


@dataclass(frozen=True)
class Past:
    """One mail that a subscriber got. `entry` is None for mails from before there was an archive."""

    delivery: Delivery
    entry: ArchivedIssue | None

    @property
    def is_kept(self) -> bool:
        return self.entry is not None and bool(self.entry.path)

    def may_be_seen_by(self, subscription: Subscription) -> bool:
        return self.entry is not None and may_see(subscription, self.entry)


def keep(settings: Settings, issue: Issue, reader: Reader, key: str) -> ArchivedIssue:
    """Keeps an issue; the same one again changes nothing. Safe for several senders at once.

    The key of the result is `key`, unless other contents were kept under it before (by another release):
    those stay what they were.
    """
    with _locked(settings):  # nothing is tidied away between the file and its line
        path = kept.put(settings.home / FOLDER, issue, Imprint.of(settings))
        return _enter(settings, _entry(settings, issue, reader, key, path))


def issue(settings: Settings, key: str) -> Kept:
    """What was kept under `key`; raises AssistantError where there is nothing, or not any more."""
    found = entry(settings, key)
    if found is None:
        raise AssistantError(f"The archive has no issue «{key}».")
    if not found.path:
        raise ExpiredIssueError(
            f"The issue of {found.period:%Y-%m-%d} is no longer kept: "
            f"the archive holds issues for {settings.mail.archive_days} days."
        )
    return kept.opened(settings.home / found.path)


def entry(settings: Settings, key: str) -> ArchivedIssue | None:
    """What the store says of an issue, also when its contents are gone."""
    with Store(settings).session() as session:
        return session.get(ArchivedIssue, key)


def mail(settings: Settings, number: int) -> bytes:
    """The mail of delivery `number`, exactly as it was sent.

    Raises AssistantError where it cannot be made again to the byte: its links are signed, and the key may be
    another one now.
    """
    with Store(settings).session() as session:
        delivery = session.get(Delivery, number) if 0 < number <= _LARGEST else None
        subscription = session.get_one(Subscription, delivery.subscription_id) if delivery else None
    if delivery is None or subscription is None:
        raise AssistantError(f"There is no delivery {number}.", "`sda delivery list` shows those there are.")
    if not delivery.issue_key:
        raise AssistantError(f"Of delivery {number} no mail is kept.", "Only issues that left are.")
    found = issue(settings, delivery.issue_key)
    envelope = envelope_for(settings, subscription, delivery.period, delivery.message_id, found.imprint)
    content = seal(found.letter).mail(envelope)
    if hashlib.sha256(content).hexdigest() != delivery.digest:
        raise AssistantError(
            f"The mail of delivery {number} cannot be made again to the byte.",
            "Its contents are kept; but the signing key, the recipient or this program is not what it was "
            "when the mail left.",
        )
    return content


def save_mail(settings: Settings, number: int, file: Path, who: str) -> int:
    """Writes the mail of delivery `number` to `file`, for its owner only, and notes who did; gives its bytes.

    Raises as `mail`, and AssistantError where the file cannot be written.
    """
    content = mail(settings, number)
    try:
        file.touch(mode=0o600)
        file.write_bytes(content)
    except OSError as error:
        raise AssistantError(f"{file} cannot be written: {error.strerror}.", "Name another file.") from None
    with Store(settings).session() as session:
        session.add(Audit(who=who, action="delivery.mail", detail=str(number)))
    return len(content)


def of_subscription(settings: Settings, number: int, start: int = 0, most: int | None = None) -> list[Past]:
    """The issues that a subscription got, newest first: `most` of them, from the one at `start` on."""
    query = _sent().where(Delivery.subscription_id == number)
    query = query.order_by(Delivery.period.desc(), Delivery.id.desc()).offset(start).limit(most)
    with Store(settings).session() as session:
        return [Past(delivery, entry) for delivery, entry in session.execute(query)]


def of_delivery(settings: Settings, number: int) -> Past | None:
    """The issue that was sent with delivery `number`; None where none was."""
    if not 0 < number <= _LARGEST:
        return None
    with Store(settings).session() as session:
        found = session.execute(_sent().where(Delivery.id == number)).one_or_none()
    return Past(*found) if found else None


def may_see(subscription: Subscription, entry: ArchivedIssue) -> bool:
    """Whether an issue shows nothing that the subscription may not see as it stands now.

    An issue from before a role was lowered or the rows were cut further is not shown any more.
    """
    if not {entry.role, subscription.role} <= set(ROLES):  # a role of another release
        return False
    if not visible_to(entry.role) <= visible_to(subscription.role):
        return False
    return all(
        name in entry.attributes and set(_values(entry.attributes[name])) <= set(_values(allowed))
        for name, allowed in subscription.attributes.items()
    )


def expire(settings: Settings, at: datetime | None = None) -> int:
    """Removes the contents of issues older than `mail.archive_days`, and what nothing names; gives how many.

    The line in the store stays, without a path: it tells that there was an issue.
    """
    moment = at or now()
    latest = moment - timedelta(days=settings.mail.archive_days)
    with Store(settings).session() as session:
        old = session.scalars(
            select(ArchivedIssue).where(ArchivedIssue.created_at < latest, ArchivedIssue.path != "")
        ).all()
        for entry in old:
            entry.path = ""
    with _locked(settings):
        with Store(settings).session() as session:
            named = set(session.scalars(select(ArchivedIssue.path).where(ArchivedIssue.path != "")))
        for file in vault.files_in(settings.home / FOLDER):
            is_named = file.relative_to(settings.home).as_posix() in named
            if not is_named and file.stat().st_mtime < (moment - _GRACE).timestamp():
                file.unlink(missing_ok=True)
    return len(old)


def _locked(settings: Settings) -> FileLock:
    return FileLock(writable_home(settings.home) / "archive.lock")


def _sent() -> Select[tuple[Delivery, ArchivedIssue]]:
    """The issues that left, each with its line of the archive, if it has one."""
    return (
        select(Delivery, ArchivedIssue)
        .outerjoin(ArchivedIssue, ArchivedIssue.key == Delivery.issue_key)
        .where(Delivery.kind == "issue", Delivery.state.in_(_GONE_OUT))
    )


def _entry(settings: Settings, issue: Issue, reader: Reader, key: str, path: Path) -> ArchivedIssue:
    report = issue.report
    return ArchivedIssue(
        key=key,
        report=report.name,
        title=report.title,
        language=report.language,
        role=reader.role,
        attributes={name: list(values) for name, values in reader.attributes},
        period=report.period,
        as_of=report.as_of,
        snapshot_id=report.snapshot,
        model_version=report.model_version,
        values=dict(report.values),
        path=f"{FOLDER}/{path.as_posix()}",
        size=(settings.home / FOLDER / path).stat().st_size,
    )


def _enter(settings: Settings, new: ArchivedIssue) -> ArchivedIssue:
    """The line of an issue; one of its own where its key stands for other contents already."""
    found = _entered(settings, new)
    if found.path == new.path:
        return found
    new.key = f"{new.key}-{Path(new.path).stem[:8]}"
    return _entered(settings, new)


def _entered(settings: Settings, new: ArchivedIssue) -> ArchivedIssue:
    """The line of that key in the store: `new`, or the one that was there before."""
    with Store(settings).session() as session:
        found = session.get(ArchivedIssue, new.key)
        if found is not None and not found.path:  # expired, and made again
            found.path, found.size, found.created_at = new.path, new.size, now()
        if found is not None:
            return found
    try:
        with Store(settings).session() as session:
            session.add(new)
    except IntegrityError:  # another sender was faster
        with Store(settings).session() as session:
            return session.get_one(ArchivedIssue, new.key)
    return new


def _values(given: str | Sequence[str]) -> Sequence[str]:
    return [given] if isinstance(given, str) else given
