"""`sda score`: predictions, now."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.errors import UsageError
from flows.answer import Answer, answering
from flows.progress import progress

if TYPE_CHECKING:
    from analytics.prediction import Reasons
    from pipelines.settings import Settings

FILE = click.Path(path_type=Path)


@click.command("score")
@click.argument("tasks", nargs=-1, metavar="[TASK]...")
@click.option("--input", "input_", type=FILE, help="Rows to score (a task over one table).")
@click.option(
    "--entities", type=FILE, help="Ids to score, with as_of if known (a task fed by several tables)."
)
@click.option("--output", type=FILE, help="Where the scores of --input or --entities go.")
@click.option("--reasons", default="1000", metavar="all|N", help="Give reasons for the N highest scores.")
@click.option("--as-of", type=click.DateTime(), default=None, help="Score as of this day.")
@answering
def command(
    tasks: tuple[str, ...],
    input_: Path | None,
    entities: Path | None,
    output: Path | None,
    reasons: str,
    as_of: datetime | None,
) -> Answer:
    """Write predictions, for everyone or for the rows of a file.

    By default every task with a model in service, as of the last complete day in its data. With --input or
    --entities, score the rows of a file into another file instead.
    """
    from pipelines.settings import load_settings

    settings = load_settings()
    if input_ is None and entities is None:
        if output is not None:
            raise UsageError("--output needs --input or --entities.", "See `sda score --help`.")
        return _into_the_warehouse(settings, tasks, as_of, _reasons(reasons))
    if len(tasks) != 1 or output is None or (input_ and entities) or as_of:
        raise UsageError(
            "Scoring a file takes one TASK, one of --input and --entities, and --output, no --as-of.",
            "For example: sda score churn --input new.csv --output scores.csv",
        )
    return _into_a_file(settings, tasks[0], input_, entities, output, _reasons(reasons))


def _into_the_warehouse(
    settings: "Settings", tasks: tuple[str, ...], as_of: datetime | None, reasons: "Reasons"
) -> Answer:
    from analytics.catalog import task_named
    from flows.attempts import attempted, told
    from flows.runs import recorded
    from flows.scored import score_and_tell
    from flows.worklist import in_service

    chosen = [task_named(name, settings) for name in tasks or in_service(settings)]
    with recorded(settings, "score", attended=True) as run:
        results, refused = attempted(
            chosen, lambda task: score_and_tell(settings, task, as_of, progress, reasons)
        )
        run.failure = told(refused)
    lines = [f"{r.task}: {r.rows:,} scored as of {r.as_of} by {r.model_version}" for r in results]
    lines += map(str, refused)
    return Answer(
        [*results, *refused],
        "\n".join(lines) or "No model is in service yet. Run `sda train` first.",
        failed=bool(refused),
    )


def _into_a_file(
    settings: "Settings",
    name: str,
    rows: Path | None,
    entities: Path | None,
    output: Path,
    reasons: "Reasons",
) -> Answer:
    from analytics.catalog import task_named
    from analytics.scoring import score_entities, score_file

    task = task_named(name, settings)
    if output.resolve() == (rows or entities or output.parent).resolve():
        raise UsageError(f"The scores would replace {output} itself.", "Name another file with --output.")
    if rows:
        result = score_file(settings, task, rows, output, reasons)
    elif entities:
        result = score_entities(settings, task, entities, output, reasons)
    notes = "".join(f"\n  {note}" for note in result.notes)
    return Answer(
        result, f"{result.task}: {result.rows:,} rows scored by {result.model_version} into {output}{notes}"
    )


def _reasons(text: str) -> "Reasons":
    if text == "all":
        return "all"
    if not text.isdecimal():
        raise UsageError(f"«{text}» is no number of reasons.", "Give --reasons all or a whole number.")
    return int(text)
