"""`sda feedback`: what came of predictions, in people's words."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from connectors.errors import UsageError
from flows.answer import Answer, answering, table

if TYPE_CHECKING:
    from pipelines.store import Feedback


@click.group("feedback")
def command() -> None:
    """Say whether a prediction was right; the next training learns from it."""


@command.command("add")
@click.argument("task")
@click.argument("entity")
@click.option("--right", "verdict", flag_value="right", help="It came as predicted.")
@click.option("--wrong", "verdict", flag_value="wrong", help="It did not.")
@click.option("--outcome", default=None, metavar="VALUE", help="What came instead: a class, or the value.")
@click.option(
    "--as-of", type=click.DateTime(), default=None, help="Of the prediction; the newest by default."
)
@click.option("--note", default="", help="Why, for whoever reads it later.")
@answering
def add(
    task: str, entity: str, verdict: str | None, outcome: str | None, as_of: datetime | None, note: str
) -> Answer:
    """Enter what came of the prediction of ENTITY."""
    from analytics.catalog import task_named
    from analytics.feedback import add as enter
    from flows.person import this_person
    from pipelines.settings import load_settings

    if (verdict is None) == (outcome is None):
        raise UsageError("Say one of --right, --wrong and --outcome VALUE.", "See `sda feedback add --help`.")
    settings = load_settings()
    row = enter(
        settings,
        task_named(task, settings),
        entity,
        verdict or "outcome",
        outcome,
        as_of=as_of.date() if as_of else None,
        who=this_person(),
        note=note,
    )
    meant = "the outcome stays unknown" if row.outcome is None else f"the outcome is «{row.outcome}»"
    return Answer(
        _row(row),
        f"Feedback {row.id}: {task} {entity} of {row.as_of:%Y-%m-%d} was {row.verdict}; {meant}.\n"
        f"The next training uses it: sda train {task} --update",
    )


@command.command("list")
@click.argument("task", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@answering
def list_(task: str | None, limit: int) -> Answer:
    """Show what people said, newest first."""
    from analytics.catalog import task_named
    from analytics.feedback import listing
    from pipelines.settings import load_settings

    settings = load_settings()
    rows = [_row(row) for row in listing(settings, task_named(task, settings) if task else None, limit)]
    return Answer(rows, table(rows, "Nobody has said anything yet."))


def _row(row: "Feedback") -> dict[str, Any]:
    names = ("id", "task", "entity_id", "as_of", "verdict", "outcome", "model_version", "who", "note", "at")
    return {name: getattr(row, name) for name in names}
