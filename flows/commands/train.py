"""`sda train`: models, now."""

from textwrap import indent
from typing import Any

import click

from flows.answer import Answer, answering, table
from flows.progress import progress


@click.command("train")
@click.argument("tasks", nargs=-1, metavar="[TASK]...")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=None,
    help="About how long fitting a task may take; by default train_seconds of the settings (120).",
)
@click.option("--update", is_flag=True, help="Continue the model in service with what is new: much faster.")
@answering
def command(tasks: tuple[str, ...], seconds: float | None, update: bool) -> Answer:
    """Train models.

    All tasks that have data by default. Several kinds of model are compared, the simplest that none beats
    beyond noise is taken, and it serves only if it beats the one in service.
    """
    from analytics import training, updating
    from analytics.catalog import task_named
    from flows.attempts import attempted, told
    from flows.runs import recorded
    from flows.worklist import in_service, with_data
    from pipelines.settings import load_settings

    settings = load_settings()
    default = in_service if update else with_data
    chosen = [task_named(name, settings) for name in tasks or default(settings)]
    work = updating.update if update else training.train
    with recorded(settings, "train", attended=True) as run:
        results, refused = attempted(chosen, lambda task: work(settings, task, seconds, progress))
        run.failure = told(refused)
    documents = [result.as_json() for result in results]
    lines = [*map(_line, documents), *map(str, refused)]
    return Answer(
        documents[0] if len(tasks) == 1 else [*documents, *refused],
        "\n".join(lines) or "No task has data yet. Run `sda ingest` first.",
        failed=bool(refused),
    )


def _line(result: dict[str, Any]) -> str:
    if result["skipped"]:
        return f"{result['task']}: nothing new to learn from since version {result['model_version']}"
    from analytics.leaderboard import in_lines

    measures = ", ".join(
        f"{name} {value:.4g}"
        for name, value in result["metrics"].get("test", {}).items()
        if isinstance(value, int | float)
    )
    notes = "".join(f"\n  {note}" for note in result["notes"])
    verdict = f"{result['task']} {result['model_version']}: {result['note']}"
    candidates = indent(table(in_lines(result["metrics"].get("leaderboard", [])), ""), "  ")
    return f"{verdict}\n  on held-out cases: {measures}{notes}\n{candidates}".rstrip()
