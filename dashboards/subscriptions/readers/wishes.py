"""From what somebody wishes to a right subscription: each wish is checked, the rest comes from the report.

A wish that cannot be met is an error that says what to do, never a silently different subscription.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, get_args
from unicodedata import category

from connectors.errors import UsageError, did_you_mean
from dashboards.explore.subscribed import ATTRIBUTE as VIEW
from dashboards.reports import viewed
from dashboards.reports.declared import check_parameter, report_settings
from dashboards.reports.reader import Reader, attributes_of
from dashboards.subscriptions.readers.addresses import check_domain, check_email
from dashboards.subscriptions.sending.conditions import check as check_condition
from dashboards.subscriptions.timing.clock import CATCH_UP, check_schedule, check_timezone, check_timing
from dashboards.wording import say
from pipelines.access import visible_to
from pipelines.mailing import Format, ReportSettings
from pipelines.settings import Settings
from pipelines.store import Subscription

FORMATS: tuple[str, ...] = get_args(Format)
_LONGEST = 200  # letters of a reference or of a value


class Wishes(TypedDict, total=False):
    """What can be wished for besides reader and report; "" and nothing at all: as the report has it.

    A `calendar` of "" and an empty `only_if` are none, though the report has one.
    """

    account: str  # "": the house itself
    reference: str  # the account's own number for it
    schedule: str  # cron, plain words, or `@data`
    timezone: str
    language: str
    formats: Sequence[str]
    role: str
    attributes: Mapping[str, Any]  # parameter -> value or values; `view` -> the query of a view
    calendar: str
    on_holiday: str
    catch_up: str
    only_if: Sequence[str]


# What a subscription is once made, and what may be another from today on.
FIXED = ("account", "email", "report")
CHANGEABLE = tuple(name for name in Wishes.__annotations__ if name not in FIXED)


def checked(settings: Settings, email: str, report: str, wishes: Wishes) -> Subscription:
    """A valid subscription that is not in the book yet.

    Raises UsageError that names what is wrong and what to do.
    """
    given = report_settings(settings, report)
    account = _account(settings, wishes.get("account", ""))
    role = wishes.get("role") or given.role
    visible_to(role)
    attributes = attributes_of(_attributes(settings, wishes.get("attributes") or {}, report, given, role))
    entry = Subscription(
        account=account,
        reference=_line(wishes.get("reference", ""), "id"),
        email=_address(settings, email, account),
        report=report,
        language=_language(settings, wishes.get("language", ""), report, given),
        timezone=check_timezone(wishes.get("timezone") or given.timezone or settings.timezone),
        schedule=check_schedule(wishes.get("schedule") or given.schedule),
        calendar=wishes.get("calendar", given.calendar),
        on_holiday=wishes.get("on_holiday") or given.on_holiday,
        catch_up=_one_of(wishes.get("catch_up") or given.catch_up, CATCH_UP, "rule for catching up"),
        only_if=list(dict.fromkeys(map(check_condition, wishes.get("only_if", given.only_if)))),
        formats=_formats(wishes.get("formats") or ()),
        role=role,
        attributes={name: list(values) for name, values in attributes},
        cut=Reader(attributes=attributes).cut,
        status="active",
    )
    check_timing(settings, entry)
    return entry


def wishes_of(entry: Subscription) -> Wishes:
    """What a subscription is, as wishes: to make another that differs in some."""
    wishes: Wishes = {"account": entry.account}
    for name in CHANGEABLE:
        wishes[name] = getattr(entry, name)  # type: ignore[literal-required]
    return wishes


def _account(settings: Settings, name: str) -> str:
    if name and name not in settings.accounts:
        raise UsageError(
            f"There is no account «{name}».",
            did_you_mean(name, settings.accounts) + " They are declared under [accounts] in assistant.toml.",
        )
    return name


def _address(settings: Settings, email: str, account: str) -> str:
    address = check_email(email)
    check_domain(address, settings.mail.allowed_domains, "mail.allowed_domains")
    if account:
        check_domain(address, settings.accounts[account].domains, f"accounts.{account}.domains")
    return address


def _language(settings: Settings, wished: str, report: str, given: ReportSettings) -> str:
    if not wished:
        wished = settings.language if report not in settings.reports else given.language
        return wished if wished in given.languages else given.languages[0]
    say(wished)
    if wished not in given.languages:
        raise UsageError(
            f"The report {report} is not written in «{wished}», only in {', '.join(given.languages)}.",
            f"Take one of these, or add it to reports.{report}.languages in assistant.toml.",
        )
    return wished


def _formats(wished: Sequence[str]) -> list[str]:
    """In the order of `FORMATS`, each once."""
    asked = {each.strip().lower() for each in wished}
    for each in asked:
        _one_of(each, FORMATS, "format")
    return [each for each in FORMATS if each in asked]


def _attributes(
    settings: Settings, wished: Mapping[str, Any], report: str, given: ReportSettings, role: str
) -> dict[str, list[str]]:
    found = {}
    for name, value in wished.items():
        if name == VIEW:
            views = [str(each) for each in (value if isinstance(value, list | tuple) else [value])]
            found[name] = [viewed.checked(settings, report, given, role, views)]
            continue
        check_parameter(report, name, given.parameters)
        values = value if isinstance(value, list | tuple) else [value]
        if not values:
            raise UsageError(
                f"The attribute «{name}» has no value, so nothing would be shown.",
                "Name at least one value, or leave the attribute out for all rows.",
            )
        found[name] = [_value(name, each) for each in values]
    return found


def _value(name: str, value: Any) -> str:
    """A value as text, as the data are compared."""
    if isinstance(value, str) and value.strip():
        return _line(value, f"value of the attribute «{name}»")
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise UsageError(
        f"{json.dumps(value, default=str)} is no value of the attribute «{name}».",
        'Write a text, a number or a list of them, such as {"depot": ["D01", "D05"]}.',
    )


def _one_of(word: str, known: Sequence[str], what: str) -> str:
    if word not in known:
        raise UsageError(f"There is no {what} «{word}».", did_you_mean(word, known))
    return word


def _line(text: str, what: str) -> str:
    """`text` if it is one short line; trimmed."""
    trimmed = text.strip()
    if len(trimmed) > _LONGEST or any(category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in trimmed):
        raise UsageError(f"The {what} is not one line of at most {_LONGEST} letters.", "Write a shorter one.")
    return trimmed
