"""`sda train`: models, now."""

from typing import Any

import click

from flows.answer import Answer, answering
from flows.progress import progress


@click.command("train")
@click.argument("tasks", nargs=-1, metavar="[TASK]...")
@click.option(
    "--seconds", type=click.FloatRange(min=1), default=None, help="About how long fitting may take."
)
@answering
def command(tasks: tuple[str, ...], seconds: float | None) -> Answer:
    """Train models.

    All tasks that have data by default. A model serves only if it beats the one in service.
    """
    from analytics.catalog import task_named
    from analytics.training import train
    from flows.attempts import attempted, told
    from flows.plan import with_data
    from flows.runs import recorded
    from pipelines.settings import load_settings

    settings = load_settings()
    chosen = [task_named(name, settings) for name in tasks or with_data(settings)]
    with recorded(settings, "train", attended=True) as run:
        results, refused = attempted(chosen, lambda task: train(settings, task, seconds, progress))
        run.failure = told(refused)
    documents = [result.as_json() for result in results]
    lines = [*map(_line, documents), *map(str, refused)]
    return Answer(
        documents[0] if len(tasks) == 1 else [*documents, *refused],
        "\n".join(lines) or "No task has data yet. Run `sda ingest` first.",
        failed=bool(refused),
    )


def _line(result: dict[str, Any]) -> str:
    measures = ", ".join(
        f"{name} {value:.4g}"
        for name, value in result["metrics"].get("test", {}).items()
        if isinstance(value, int | float)
    )
    notes = "".join(f"\n  {note}" for note in result["notes"])
    verdict = f"{result['task']} {result['model_version']}: {result['note']}"
    return f"{verdict}\n  on held-out cases: {measures}{notes}"
