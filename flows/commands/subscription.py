"""`sda subscription`: who gets which report."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.answer import Answer, answering, table
from flows.commands import subscription_next

if TYPE_CHECKING:
    from pipelines.store import Subscription

_COLUMNS = (
    *("id", "account", "reference", "email", "report", "language", "timezone", "schedule", "calendar"),
    *("on_holiday", "catch_up", "only_if", "formats", "role", "attributes", "status", "created_at"),
    "confirmed_at",
)
_SHOWN = ("id", "account", "email", "report", "attributes", "schedule", "timezone", "language", "status")


@click.group("subscription")
def command() -> None:
    """Who gets which report: add, list, show, next, change, import, pause, resume, cancel."""


command.add_command(subscription_next.command)


def _wishes(function: Callable[..., None]) -> Callable[..., None]:
    """The options that `add` and `change` share; what is not given is None."""
    options = (
        click.option("--reference", help="The account's own number for it."),
        click.option(
            "--schedule",
            metavar="WHEN",
            help="Cron, words such as «weekdays 08:00», or «on fresh data»; by default as the report says.",
        ),
        click.option("--timezone", help="Of the schedule and the dates, such as Asia/Shanghai."),
        click.option("--language", help="By default that of the report."),
        click.option("--formats", metavar="LIST", help="Files with the mail: pdf,xlsx,csv."),
        click.option("--role", help="What the reader may see."),
        click.option(
            "--attribute",
            "attributes",
            multiple=True,
            metavar="NAME=VALUE",
            help="Only rows with this value (several: any of them).",
        ),
        click.option("--calendar", help="Of business days: one of [calendars], or a country such as DE."),
        click.option("--on-holiday", metavar="RULE", help="skip, or next (business day)."),
        click.option("--catch-up", metavar="RULE", help="After downtime: latest, or all."),
        click.option("--only-if", multiple=True, metavar="CONDITION", help="Such as «urgent > 10»."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command("add")
@click.argument("email")
@click.argument("report")
@click.option("--account", help="Of the customer it belongs to; by default the house itself.")
@_wishes
@answering
def add(email: str, report: str, **given: Any) -> Answer:
    """Subscribe EMAIL to REPORT."""
    from dashboards.subscriptions.readers import book
    from dashboards.subscriptions.timing.spoken import in_words
    from dashboards.wording import LANGUAGES
    from flows.person import this_person
    from pipelines.settings import load_settings

    entry = book.add(load_settings(), email, report, who=this_person(), **_wished(given))
    when, language = in_words(entry.schedule, "en"), LANGUAGES[entry.language]
    gets = f"{entry.email} gets {entry.report} {when}, {entry.timezone}, in {language}"
    told = f"Subscription {entry.id}: {gets}"
    if entry.status == "pending":
        told += ", once it is confirmed by the link that is mailed with the next `sda deliver`"
    return Answer(_row(entry), told + ".")


@command.command("list")
@click.option("--report", default="", help="Only of this report.")
@click.option("--email", default="", help="Only of this address.")
@click.option("--account", default=None, help="Only of this account.")
@click.option("--status", default="", help="Only these: pending, active, paused, cancelled.")
@answering
def list_(report: str, email: str, account: str | None, status: str) -> Answer:
    """Show the subscriptions with their numbers."""
    from dashboards.subscriptions.readers.book import listing
    from pipelines.settings import load_settings

    rows = [_row(entry) for entry in listing(load_settings(), report, email, account, status)]
    shown = [{name: row[name] for name in _SHOWN} for row in rows]
    for row in shown:
        row["attributes"] = _attributes(row["attributes"])
    is_narrowed = any((report, email, account is not None, status))
    return Answer(
        rows, table(shown, "No subscription is like that." if is_narrowed else "Nobody has subscribed yet.")
    )


@command.command("show")
@click.argument("number", type=int)
@answering
def show(number: int) -> Answer:
    """Show all of one subscription, and how it stands with the plan of its account."""
    from dashboards.subscriptions.accounts import plans
    from dashboards.subscriptions.readers import book
    from pipelines.settings import load_settings
    from pipelines.store import now

    settings = load_settings()
    entry = book.show(settings, number)
    standing = plans.standing(settings, entry, now())
    document = {**_row(entry), "standing": standing.state, "why": standing.why}
    lines = {**document, "attributes": _attributes(entry.attributes)}
    rows = [{"": name, "value": value} for name, value in lines.items() if value not in ("", None, [])]
    return Answer(document, table(rows))


@command.command("change")
@click.argument("number", type=int)
@_wishes
@click.option("--no-attributes", is_flag=True, help="All rows again.")
@click.option("--no-conditions", is_flag=True, help="Send it whatever is in it.")
@answering
def change(number: int, *, no_attributes: bool, no_conditions: bool, **given: Any) -> Answer:
    """Change what is wished for; an option given as "" is as the report has it."""
    from dashboards.subscriptions.readers import book
    from flows.person import this_person
    from pipelines.settings import load_settings

    wished = _wished(given)
    if no_attributes:
        wished["attributes"] = {}
    if no_conditions:
        wished["only_if"] = []
    entry = book.change(load_settings(), number, who=this_person(), **wished)
    return Answer(_row(entry), f"Subscription {entry.id} ({entry.email}, {entry.report}) is changed.")


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--update", is_flag=True, help="Change subscriptions that the file has otherwise.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the file.")
@answering
def import_(file: Path, encoding: str, *, update: bool) -> Answer:
    """Subscribe everyone in a CSV FILE, all or nobody.

    Columns: email, report; and any of account, schedule, timezone, language, formats, attributes (JSON), id,
    role, calendar, on_holiday, catch_up, only_if.
    """
    from dashboards.subscriptions.readers.importing import import_csv
    from flows.person import this_person
    from pipelines.settings import load_settings

    lines = import_csv(load_settings(), file, update=update, encoding=encoding, who=this_person())
    document = [
        {"line": each.number, "outcome": each.outcome, "changes": each.changes, **_row(each.subscription)}
        for each in lines
    ]
    return Answer(document, _imported([each.outcome for each in lines], file))


def _imported(outcomes: list[str], file: Path) -> str:
    words = {
        "added": "added",
        "changed": "changed",
        "unchanged": "were there already",
        "differs": "are there otherwise and were left as they are (--update changes them)",
        "cancelled": "had cancelled and stay so",
    }
    told = [f"{outcomes.count(name)} {text}" for name, text in words.items() if name in outcomes]
    return f"{'; '.join(told) or f'{file} has no subscriptions'}."


@command.command("pause")
@click.argument("number", type=int)
@answering
def pause(number: int) -> Answer:
    """Send nothing until the subscription is resumed."""
    from dashboards.subscriptions.readers import book

    return _changed(book.pause, number)


@command.command("resume")
@click.argument("number", type=int)
@answering
def resume(number: int) -> Answer:
    """Send again, from now on."""
    from dashboards.subscriptions.readers import book

    return _changed(book.resume, number)


@command.command("cancel")
@click.argument("number", type=int)
@answering
def cancel(number: int) -> Answer:
    """End a subscription."""
    from dashboards.subscriptions.readers import book

    return _changed(book.cancel, number)


def _changed(change: Callable[..., "Subscription"], number: int) -> Answer:
    from flows.person import this_person
    from pipelines.settings import load_settings

    entry = change(load_settings(), number, who=this_person())
    return Answer(_row(entry), f"Subscription {entry.id} ({entry.email}, {entry.report}) is {entry.status}.")


def _wished(given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as wishes."""
    wished = {name: value for name, value in given.items() if value not in (None, ())}
    if "formats" in wished:
        wished["formats"] = wished["formats"].replace(",", " ").split()
    if "attributes" in wished:
        wished["attributes"] = _values(wished["attributes"])
    return wished


def _values(pairs: tuple[str, ...]) -> dict[str, list[str]]:
    from connectors.errors import UsageError

    values: dict[str, list[str]] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"«{pair}» is no attribute.", "Write it as NAME=VALUE, such as depot=D01.")
        values.setdefault(name.strip(), []).append(value)
    return values


def _attributes(attributes: dict[str, list[str]]) -> str:
    return "; ".join(f"{name}={','.join(values)}" for name, values in attributes.items())


def _row(entry: "Subscription") -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _COLUMNS}
