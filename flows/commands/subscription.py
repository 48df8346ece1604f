"""`sda subscription`: who gets which report."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.answer import Answer, answering, table

if TYPE_CHECKING:
    from pipelines.store import Subscription


@click.group("subscription")
def command() -> None:
    """Who gets which report: add, list, import, pause, resume, cancel."""


@command.command("add")
@click.argument("email")
@click.argument("report")
@click.option("--schedule", default="", metavar="CRON", help="When; by default as the report says.")
@click.option("--timezone", default="", help="Of the schedule and the dates, such as Asia/Shanghai.")
@click.option(
    "--language", type=click.Choice(["en", "zh"]), default=None, help="By default that of the report."
)
@click.option("--role", default="", help="What the reader may see.")
@answering
def add(email: str, report: str, schedule: str, timezone: str, language: str | None, role: str) -> Answer:
    """Subscribe EMAIL to REPORT."""
    from dashboards.subscriptions.book import add as subscribe
    from pipelines.settings import load_settings

    entry = subscribe(
        load_settings(),
        email,
        report,
        schedule=schedule,
        timezone=timezone,
        language=language or "",
        role=role,
    )
    return Answer(
        _row(entry),
        f"Subscription {entry.id}: {entry.email} gets {entry.report} at «{entry.schedule}» {entry.timezone}.",
    )


@command.command("list")
@click.option("--report", default=None, help="Only of this report.")
@click.option("--email", default=None, help="Only of this address.")
@answering
def list_(report: str | None, email: str | None) -> Answer:
    """Show the subscriptions with their numbers."""
    from dashboards.subscriptions.book import listing
    from pipelines.settings import load_settings

    rows = [_row(entry) for entry in listing(load_settings(), report, email)]
    return Answer(rows, table(rows, "Nobody has subscribed yet."))


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@answering
def import_(file: Path) -> Answer:
    """Subscribe everyone in a CSV FILE (email, report; optional schedule, timezone, language, role)."""
    from dashboards.subscriptions.book import import_csv
    from pipelines.settings import load_settings

    rows = [_row(entry) for entry in import_csv(load_settings(), file)]
    return Answer(rows, f"{len(rows)} subscriptions were added.")


@command.command("pause")
@click.argument("number", type=int)
@answering
def pause(number: int) -> Answer:
    """Send nothing until the subscription is resumed."""
    from dashboards.subscriptions import book

    return _changed(book.pause, number)


@command.command("resume")
@click.argument("number", type=int)
@answering
def resume(number: int) -> Answer:
    """Send again, from now on."""
    from dashboards.subscriptions import book

    return _changed(book.resume, number)


@command.command("cancel")
@click.argument("number", type=int)
@answering
def cancel(number: int) -> Answer:
    """End a subscription."""
    from dashboards.subscriptions import book

    return _changed(book.cancel, number)


def _changed(change: Callable[..., "Subscription"], number: int) -> Answer:
    from pipelines.settings import load_settings

    entry = change(load_settings(), number)
    return Answer(_row(entry), f"Subscription {entry.id} ({entry.email}, {entry.report}) is {entry.status}.")


def _row(entry: "Subscription") -> dict[str, Any]:
    names = ("id", "email", "report", "language", "timezone", "schedule", "role", "status", "created_at")
    return {name: getattr(entry, name) for name in names}
