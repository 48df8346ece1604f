"""`sda delivery`: what was sent, what is held."""

import click

from flows.answer import Answer, answering, table


@click.group("delivery")
def command() -> None:
    """What was sent, and what became of it; send what is held all the same."""


@command.command("list")
@click.option("--state", default="", help="Only these: sent, held, failed, unknown, queued …")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@answering
def list_(state: str, limit: int) -> Answer:
    """Show the newest deliveries."""
    from sqlalchemy import select

    from pipelines.settings import load_settings
    from pipelines.store import Delivery, Store, Subscription

    wanted = select(Delivery, Subscription).join(Subscription).order_by(Delivery.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(Delivery.state == state)
    with Store(load_settings()).session() as session:
        rows = [
            {
                "id": delivery.id,
                "report": subscription.report,
                "email": subscription.email,
                "period": delivery.period,
                "state": delivery.state,
                "updated_at": delivery.updated_at,
                "answer": delivery.answer,
                "snapshot_id": delivery.snapshot_id,
                "model_version": delivery.model_version,
            }
            for delivery, subscription in session.execute(wanted).tuples()
        ]
    shown = ("id", "report", "email", "period", "state", "answer")
    return Answer(rows, table([{name: row[name] for name in shown} for row in rows], "Nothing was sent yet."))


@command.command("release")
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...")
@answering
def release(numbers: tuple[int, ...]) -> Answer:
    """Send held issues with the next run, although their model needs a look."""
    from dashboards.subscriptions.journal import Journal
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
    from dashboards.subscriptions.bounces import collect
    from pipelines.settings import load_settings

    rows = [bounce.as_json() for bounce in collect(load_settings())]
    return Answer(rows, table(rows, "Nothing new came back."))
