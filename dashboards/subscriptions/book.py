"""The book of subscriptions: who gets which report, when, in which language. One entry is one recipient."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from connectors.errors import AssistantError, UsageError, did_you_mean
from dashboards.reports.build import blueprint_of
from dashboards.subscriptions.calendar import check_schedule, check_timezone
from dashboards.wording import say
from pipelines.access import visible_to
from pipelines.settings import Settings
from pipelines.store import Store, Subscription, now

# One @, a domain with a dot or `localhost`, nothing that could end a header line or start another address.
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]+@([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+|localhost)")
_LONGEST_ADDRESS = 254  # RFC 5321
DEFAULT_SCHEDULE = "0 7 * * 1-5"
IMPORT_COLUMNS = ("email", "report", "schedule", "timezone", "language", "role")


def check_email(address: str) -> str:
    """`address`, trimmed and with its domain in lower case; raises UsageError if it is none."""
    trimmed = address.strip()
    if len(trimmed) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(trimmed):
        raise UsageError(f"«{address}» is not an e-mail address.", "Write it like name@example.org.")
    local, _, domain = trimmed.rpartition("@")
    return f"{local}@{domain.lower()}"


def checked(
    settings: Settings,
    email: str,
    report: str,
    *,
    schedule: str = "",
    timezone: str = "",
    language: str = "",
    role: str = "",
) -> Subscription:
    """A valid subscription that is not in the book yet; what is not given comes from the report's settings.

    Raises UsageError that names what is wrong.
    """
    blueprint_of(settings, report)
    given = settings.reports.get(report)
    language = language or (given.language if given else settings.language)
    say(language)
    role = role or (given.role if given else "subscriber")
    visible_to(role)
    return Subscription(
        email=check_email(email),
        report=report,
        schedule=check_schedule(schedule or (given.schedule if given else DEFAULT_SCHEDULE)),
        timezone=check_timezone(timezone or (given.timezone if given else "") or settings.timezone),
        language=language,
        role=role,
        attributes={},
        status="active",
    )


def add(settings: Settings, email: str, report: str, **wishes: str) -> Subscription:
    """Enters a subscription (`wishes`: schedule, timezone, language, role).

    Raises UsageError where the same address has that report already and has not cancelled it; a cancelled one
    starts again with the new wishes.
    """
    return _enter(settings, [checked(settings, email, report, **wishes)])[0]


def listing(settings: Settings, report: str | None = None, email: str | None = None) -> list[Subscription]:
    """The subscriptions, oldest first, all of them or those of one report or one address."""
    query = select(Subscription).order_by(Subscription.id)
    if report:
        query = query.where(Subscription.report == report)
    if email:
        query = query.where(Subscription.email == check_email(email))
    with Store(settings).session() as session:
        return list(session.scalars(query))


def pause(settings: Settings, number: int) -> Subscription:
    """Nothing is due until it is resumed."""
    return _set_status(settings, number, "paused")


def resume(settings: Settings, number: int) -> Subscription:
    """Due again, from now on: what passed while it was paused is not sent."""
    return _set_status(settings, number, "active")


def cancel(settings: Settings, number: int) -> Subscription:
    """Ends a subscription; it stays in the book so that settings do not bring it back."""
    return _set_status(settings, number, "cancelled")


def import_csv(settings: Settings, file: Path) -> list[Subscription]:
    """Enters every line of a CSV file (columns: email, report; optional schedule, timezone, language, role).

    All or nothing: raises UsageError that lists each wrong line with its number, and then enters none.
    """
    entries, problems, seen = [], [], set()
    for number, row in _lines(file):
        try:
            entry = checked(settings, **row)
        except UsageError as error:
            problems.append(f"line {number}: {error}")
            continue
        if (entry.email, entry.report) in seen:
            problems.append(f"line {number}: {entry.email} has {entry.report} twice in this file.")
        seen.add((entry.email, entry.report))
        entries.append(entry)
    if problems:
        raise UsageError(
            f"{file} was not imported: " + " ".join(problems), "Correct these lines and try again."
        )
    return _enter(settings, entries)


def subscribe_recipients(settings: Settings) -> list[Subscription]:
    """Enters the recipients that `assistant.toml` names and the book does not have; returns those entered.

    Whoever cancelled stays out.
    """
    wanted = wished_by_settings(settings)
    return _enter(settings, wanted) if wanted else []


def wished_by_settings(settings: Settings) -> list[Subscription]:
    """The recipients of `assistant.toml` that are not in the book yet, as subscriptions not yet entered."""
    known = {(each.email, each.report) for each in listing(settings)}
    wanted = {}
    for report, given in settings.reports.items():
        for recipient in given.recipients:
            entry = checked(settings, recipient, report)
            if (entry.email, entry.report) not in known:
                wanted[entry.email, entry.report] = entry
    return list(wanted.values())


def _lines(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Check the path.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text.", "Save it as CSV UTF-8 and try again.") from None
    reader = csv.DictReader(text.splitlines())
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    for needed in ("email", "report"):
        if needed not in columns:
            raise UsageError(f"{file} has no column «{needed}».", did_you_mean(needed, columns))
    for unknown in set(columns) - set(IMPORT_COLUMNS):
        raise UsageError(f"{file}: there is no column «{unknown}».", did_you_mean(unknown, IMPORT_COLUMNS))
    reader.fieldnames = columns
    for row in reader:
        if any((value or "").strip() for key, value in row.items() if key):
            yield reader.line_num, {key: (row[key] or "").strip() for key in columns}


def _enter(settings: Settings, entries: list[Subscription]) -> list[Subscription]:
    """All entries in one transaction; a cancelled subscription is taken up again."""
    with Store(settings).session() as session:
        for place, entry in enumerate(entries):
            query = select(Subscription).filter_by(email=entry.email, report=entry.report)
            former = session.scalars(query).one_or_none()
            if former is None:
                session.add(entry)
            elif former.status != "cancelled":
                raise UsageError(
                    f"{entry.email} already has the report {entry.report} (subscription {former.id}).",
                    "Pause or cancel that one first.",
                )
            else:
                for name in ("schedule", "timezone", "language", "role", "status"):
                    setattr(former, name, getattr(entry, name))
                former.created_at = now()  # what passed meanwhile is not due
                entries[place] = former
    return entries


def _set_status(settings: Settings, number: int, status: str) -> Subscription:
    with Store(settings).session() as session:
        entry = session.get(Subscription, number)
        if entry is None:
            raise AssistantError(
                f"There is no subscription {number}.",
                "`sda subscription list` shows them with their numbers.",
            )
        if status == "active" and entry.status != "active":
            entry.created_at = now()  # what passed meanwhile is not due
        entry.status = status
        return entry
