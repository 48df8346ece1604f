"""`sda watch`: has a model's data drifted, do its predictions come true?"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from flows.answer import Answer, answering, table

if TYPE_CHECKING:
    from pipelines.store import Check

_SHOWN = 8


@click.command("watch")
@click.argument("tasks", nargs=-1, metavar="[TASK]...")
@click.option("--as-of", type=click.DateTime(), default=None, help="Check the predictions of this day.")
@answering
def command(tasks: tuple[str, ...], as_of: datetime | None) -> Answer:
    """Check models: drift, and how their predictions came true.

    All models in service by default, on their newest predictions. The verdict is fine, watch or act; the
    reports of a model in act are held.
    """
    from analytics.catalog import task_named
    from analytics.monitoring import check
    from flows.attempts import attempted, told
    from flows.runs import recorded
    from flows.worklist import in_service
    from pipelines.settings import load_settings

    settings = load_settings()
    day = as_of.date() if as_of else None
    chosen = [task_named(name, settings) for name in tasks or in_service(settings)]
    with recorded(settings, "watch", attended=True) as run:
        found, refused = attempted(chosen, lambda task: check(settings, task, day))
        run.failure = told(refused)
    documents = [_document(each) for each in found]
    texts = [*map(_text, found), *map(str, refused)]
    return Answer(
        documents[0] if len(tasks) == 1 else [*documents, *refused],
        "\n\n".join(texts) or "No model is in service yet. Run `sda train` first.",
        failed=bool(refused),
    )


def _document(found: "Check") -> dict[str, Any]:
    names = ("task", "version", "as_of", "at", "verdict", "summary", "detail")
    return {name: getattr(found, name) for name in names}


def _text(found: "Check") -> str:
    detail = found.detail
    entries = ([detail["score"]] if detail["score"] else []) + detail["features"]
    names = ("feature", "verdict", "psi", "effect", "usual", "p_adjusted", "missing", "note")
    lines = [f"{found.task} {found.version}: {found.verdict}", found.summary]
    if entries:
        lines.append(table([{name: entry[name] for name in names} for entry in entries[:_SHOWN]]))
    if len(entries) > _SHOWN:
        lines.append(f"… and {len(entries) - _SHOWN} more (--json has all)")
    lines.append(f"Outcomes: {detail['performance']['note']}")
    if estimated := detail["estimated"]:
        bounds = estimated["intervals"]
        figures = ", ".join(
            f"{name} {value:.3f} ({bounds[name][0]:.3f} to {bounds[name][1]:.3f})"
            for name, value in estimated["metrics"].items()
        )
        lines.append(f"Expected of the newest predictions (an estimate from the scores): {figures}")
    return "\n".join(lines)
