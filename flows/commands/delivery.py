"""`sda delivery`: what was sent and what became of it; what is held; send again what failed."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.answer import Answer, answering, table
from flows.moment import MOMENT

if TYPE_CHECKING:
    from dashboards.subscriptions.sending.journal import Told

_SHOWN = ("id", "report", "email", "kind", "period", "state", "attempts", "next_try", "answer")


@click.group("delivery")
def command() -> None:
    """What was sent, and what became of it; send again what failed, or what is held all the same."""


@command.command("list")
@click.option("--state", default="", help="Only these: sent, held, failed, unknown, queued …")
@click.option("--report", default="", help="Only of this report.")
@click.option("--email", default="", help="Only to this address.")
@click.option("--account", default="", help="Only of this account.")
@click.option("--kind", default="", help="Only these: issue, notice, confirmation.")
@click.option("--since", type=MOMENT, default=None, help="Only those that were due then or later.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@answering
def list_(
    state: str, report: str, email: str, account: str, kind: str, since: datetime | None, limit: int
) -> Answer:
    """Show the newest deliveries."""
    from dashboards.subscriptions.sending.journal import Journal
    from pipelines.settings import load_settings

    settings = load_settings()
    moment = since.replace(tzinfo=since.tzinfo or settings.zone) if since else None
    found = Journal(settings).listing(
        [state] if state else (), limit, report=report, email=email, account=account, kind=kind, since=moment
    )
    rows = [_row(told) for told in found]
    is_narrowed = any((state, report, email, account, kind, since))
    text = table(
        [{name: row[name] for name in _SHOWN} for row in rows],
        "No delivery is like that." if is_narrowed else "Nothing was sent yet.",
    )
    if len(rows) == limit:
        text += f"\nThese are the newest {limit}; --limit shows more."
    return Answer(rows, text)


@command.command("show")
@click.argument("number", type=int)
@answering
def show(number: int) -> Answer:
    """Show all that is known of one delivery."""
    from dashboards.subscriptions.sending.journal import Journal
    from pipelines.settings import load_settings

    row = _row(Journal(load_settings()).show(number))
    width = max(map(len, row))
    lines = [f"{name.replace('_', ' ').ljust(width)}  {value}" for name, value in row.items() if value]
    return Answer(row, "\n".join(lines))


@command.command("mail")
@click.argument("number", type=int)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write (.eml).",
)
@answering
def mail(number: int, output: Path) -> Answer:
    """Write the mail of an issue exactly as it left, from the archive.

    Your name is noted. Where it cannot be made again to the byte, it is not written.
    """
    from dashboards.subscriptions.keeping.archive import save_mail
    from flows.person import this_person
    from pipelines.settings import load_settings

    size = save_mail(load_settings(), number, output, this_person())
    return Answer({"delivery": number, "file": str(output), "bytes": size}, f"{output}: {size:,} bytes.")


@command.command("resend")
@click.argument("numbers", type=int, nargs=-1, metavar="NUMBER...")
@click.option("--failed", is_flag=True, help="All that failed; never those of which nobody knows.")
@click.option("--report", default="", help="With --failed: only of this report.")
@answering
def resend(numbers: tuple[int, ...], failed: bool, report: str) -> Answer:
    """Send failed or unknown deliveries again with the next run.

    Of an unknown one the mail may have arrived: look with its reader first. Your name is noted.
    """
    from dashboards.subscriptions.sending.journal import Journal
    from flows.person import this_person
    from pipelines.settings import load_settings

    if bool(numbers) == failed:
        raise click.UsageError("Name deliveries by their numbers, or say --failed.")
    journal, who = Journal(load_settings()), this_person()
    if failed:
        again = journal.resend_failed(who, report)
    else:
        again = list(numbers)
        for number in numbers:
            journal.resend(number, who)
    told = f"Queued again: {', '.join(map(str, again))}. They leave with the next `sda deliver`."
    return Answer({"resent": again}, told if again else "Nothing failed.")


@command.command("release")
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...")
@answering
def release(numbers: tuple[int, ...]) -> Answer:
    """Send held issues with the next run, whatever they are held for. Your name is noted."""
    from dashboards.subscriptions.sending.journal import Journal
    from flows.person import this_person
    from pipelines.settings import load_settings

    journal = Journal(load_settings())
    for number in numbers:
        journal.release(number, this_person())
    told = ", ".join(map(str, numbers))
    return Answer({"released": list(numbers)}, f"Released: {told}. They leave with the next `sda deliver`.")


@command.command("bounces")
@answering
def bounces() -> Answer:
    """Take in the bounces and complaints that arrived; `sda deliver` does so before it sends."""
    from dashboards.subscriptions.returns.bounces import collect
    from pipelines.settings import load_settings

    rows = [bounce.as_json() for bounce in collect(load_settings())]
    return Answer(rows, table(rows, "Nothing new came back."))


def _row(told: "Told") -> dict[str, Any]:
    """A delivery as a document."""
    delivery, subscription = told
    return {
        "id": delivery.id,
        "subscription": subscription.id,
        "account": delivery.account or subscription.account,
        "report": subscription.report,
        "email": subscription.email,
        "kind": delivery.kind,
        "period": delivery.period,
        "state": delivery.state,
        "answer": delivery.answer,
        "attempts": delivery.attempts,
        "next_try": delivery.not_before if delivery.state == "queued" else None,
        "message_id": delivery.message_id,
        "sent_at": delivery.sent_at,
        "bounced_at": delivery.bounced_at,
        "updated_at": delivery.updated_at,
        "size": delivery.size,
        "digest": delivery.digest,
        "issue_key": delivery.issue_key,
        "snapshot_id": delivery.snapshot_id,
        "model_version": delivery.model_version,
        "held_for": delivery.held_for,
        "released_by": delivery.released_by,
    }
