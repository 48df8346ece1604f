"""`sda suppression`: addresses that nothing is sent to any more."""

import click

from flows.answer import Answer, answering, table


@click.group("suppression")
def command() -> None:
    """Addresses that nothing is sent to: they bounced for good, complained, or a person said so."""


@command.command("list")
@answering
def list_() -> Answer:
    """Show the suppressed addresses with their reasons."""
    from dashboards.subscriptions.returns.suppressions import listing
    from pipelines.settings import load_settings

    names = ("email", "reason", "detail", "delivery_id", "at")
    rows = [{name: getattr(entry, name) for name in names} for entry in listing(load_settings())]
    return Answer(rows, table(rows, "No address is suppressed."))


@command.command("add")
@click.argument("email")
@click.option("--note", default="", help="Why, for whoever reads it later.")
@answering
def add(email: str, note: str) -> Answer:
    """Send nothing to EMAIL any more."""
    from dashboards.subscriptions.returns import suppressions
    from flows.person import this_person
    from pipelines.settings import load_settings

    added = suppressions.add(load_settings(), email, this_person(), note)
    told = "Nothing is sent to" if added else "Already suppressed:"
    return Answer({"email": suppressions.mailbox(email), "added": added}, f"{told} {email}.")


@command.command("lift")
@click.argument("email")
@answering
def lift(email: str) -> Answer:
    """Send to EMAIL again."""
    from dashboards.subscriptions.returns import suppressions
    from flows.person import this_person
    from pipelines.settings import load_settings

    suppressions.lift(load_settings(), email, this_person())
    return Answer({"lifted": suppressions.mailbox(email)}, f"Mails may be sent to {email} again.")
