"""`sda quarantine`: records that broke a contract."""

import click

from flows.answer import Answer, answering, table


@click.group("quarantine")
def command() -> None:
    """List, show and replay records that broke a contract."""


@command.command("list")
@answering
def list_() -> Answer:
    """Count the waiting records by table and rule."""
    from pipelines.quarantine import summary
    from pipelines.settings import load_settings

    rows = summary(load_settings()).to_dicts()
    return Answer(rows, table(rows, "No record waits in quarantine."))


@command.command("show")
@click.argument("table_name", metavar="DOMAIN.TABLE")
@click.option("--rule", default="", help="Only records that broke this rule.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@answering
def show(table_name: str, rule: str, limit: int) -> Answer:
    """Show waiting records with rule, reason and place; personal fields as the role SDA_ROLE may see them."""
    from pipelines.quarantine import show as waiting
    from pipelines.settings import load_settings

    settings = load_settings()
    rows = waiting(settings, table_name, settings.role, rule=rule, limit=limit).to_dicts()
    text = "\n".join(
        f"{row['file']} record {row['position']}: {row['reason']} ({row['rule']})\n  {row['record']}"
        for row in rows
    )
    return Answer(rows, text or "No such record waits in quarantine.")


@command.command("replay")
@click.argument("table_name", metavar="DOMAIN.TABLE")
@click.option("--rule", default="", help="Only records that broke this rule.")
@click.option("--load", "load_id", default="", help="Only records of this load.")
@answering
def replay(table_name: str, rule: str, load_id: str) -> Answer:
    """Feed waiting records through the contract again."""
    from pipelines.quarantine import replay as again
    from pipelines.settings import load_settings

    done = again(load_settings(), table_name, rule=rule, load_id=load_id)
    return Answer(
        done,
        f"{done.rows_in:,} records tried again: {done.rows_clean:,} are in {table_name} now, "
        f"{done.rows_quarantined:,} wait again with their new reason.",
    )
