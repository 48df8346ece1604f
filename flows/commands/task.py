"""`sda task`: what is predicted."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from flows.answer import Answer, answering, table
from flows.commands.task_card import card


@click.group("task")
def command() -> None:
    """List, make and show prediction tasks; go back to an earlier model."""


command.add_command(card)


@command.command("list")
@answering
def list_() -> Answer:
    """Show every task and the model that serves it."""
    from analytics.catalog import tasks
    from analytics.registry import in_service
    from flows.worklist import with_data
    from pipelines.settings import load_settings

    settings = load_settings()
    loaded = set(with_data(settings))
    rows = []
    for name, task in tasks(settings).items():
        serving = in_service(settings, task)
        rows.append(
            {
                "task": name,
                "kind": task.kind,
                "predicts": task.meaning.title["en"],
                "data": name in loaded,
                "model": serving.version if serving else None,
            }
        )
    return Answer(rows, table(rows))


@command.command("new")
@click.argument("name")
@click.option("--table", "table_name", required=True, metavar="DOMAIN.TABLE", help="An ingested table.")
@click.option("--target", required=True, help="Column to predict.")
@click.option("--entity", default="", help="Column that says whom a row is about.")
@click.option("--time", default="", help="Column that says as of when a row is known.")
@click.option("--drop", multiple=True, help="Column never to learn from; may be repeated.")
@click.option("--keep", multiple=True, help="Column to learn from even if it looks like an identifier.")
@click.option(
    "--kind",
    type=click.Choice(["binary", "multiclass", "regression"]),
    default=None,
    help="Inferred from the target if left out.",
)
@answering
def new(
    name: str,
    table_name: str,
    target: str,
    entity: str,
    time: str,
    drop: tuple[str, ...],
    keep: tuple[str, ...],
    kind: str | None,
) -> Answer:
    """Make a task of any ingested table and write it into assistant.toml."""
    from analytics.flat import propose_task
    from analytics.task import Flat
    from pipelines.declare import add_task
    from pipelines.settings import load_settings

    settings = load_settings()
    flat = Flat(target, entity, time, drop, keep)
    proposal = propose_task(settings, name, table_name, flat, kind)  # type: ignore[arg-type]
    add_task(settings.config, name, {key: value for key, value in proposal.entry.items() if value})
    return Answer(
        {
            "name": name,
            **proposal.entry,
            "rows": proposal.rows,
            "features": proposal.features,
            "left_out": proposal.left_out,
        },
        f"{proposal.in_words()}\nNow train it: sda train {name}",
    )


@command.command("show")
@click.argument("name")
@answering
def show(name: str) -> Answer:
    """Show a task and all its model versions."""
    from analytics.catalog import task_named
    from analytics.registry import history
    from pipelines.settings import load_settings

    settings = load_settings()
    task = task_named(name, settings)
    versions = [
        {
            "version": row.version,
            "state": row.state,
            "created_at": row.created_at,
            "rows": row.rows,
            "metrics": row.metrics,
            "note": row.note,
        }
        for row in history(settings, task)
    ]
    bands = [{"name": band.name, "below": band.upper} for band in task.bands]
    meaning = {"title": task.meaning.title, "entity": task.meaning.entity, "predicts": task.meaning.positive}
    shown = ("version", "state", "created_at", "note")
    text = "\n".join(
        [
            f"{name} ({task.kind}): {task.meaning.title['en']}",
            f"For each {task.meaning.entity['en']}: {task.meaning.positive['en']}",
            table([{k: v[k] for k in shown} for v in versions], f"No model yet: sda train {name}"),
            *_candidates(versions),
        ]
    )
    return Answer(
        {"name": name, "kind": task.kind, "meaning": meaning, "bands": bands, "versions": versions}, text
    )


def _candidates(versions: list[dict[str, Any]]) -> list[str]:
    """The candidates of the training that the version in service comes from."""
    from analytics.leaderboard import in_lines

    serving = next((version for version in versions if version["state"] == "in_service"), None)
    entries = serving["metrics"].get("leaderboard") if serving else None
    return [f"Candidates of {serving['version']}:", table(in_lines(entries))] if serving and entries else []


@command.command("change")
@click.argument("name", metavar="TASK")
@click.argument("entity")
@click.option("--as-of", type=click.DateTime(), default=None, help="As of this day; by default the last one.")
@answering
def change(name: str, entity: str, as_of: datetime | None) -> Answer:
    """Show the smallest change that would move one case to a better band.

    Only what a person can act on changes, in the directions the task allows, to values seen in training.
    """
    from analytics.catalog import task_named
    from analytics.recourse import NOTE, smallest_change, value_text
    from pipelines.settings import load_settings

    settings = load_settings()
    task = task_named(name, settings)
    found = smallest_change(settings, task, entity, as_of)
    if found is None:
        return Answer(None, "Nothing plausible that a person can act on moves this case to a better band.")
    lines = [
        f"{found.band_then} ({found.score_then:.3g}) instead of {found.band_now} ({found.score_now:.3g}) if"
    ]
    for step in (*found.steps, *found.followed):
        info = task.feature_info[step.feature]
        before, after = (value_text(value, info) for value in (step.before, step.after))
        follows = " (follows)" if step in found.followed else ""
        lines.append(f"- {info.label['en']}: {after} instead of {before}{follows}")
    return Answer({**asdict(found), "note": NOTE["en"]}, "\n".join([*lines, NOTE["en"]]))


@command.command("rollback")
@click.argument("name")
@click.option(
    "--to", "version", default="", help="Version to go back to; by default the one that served last."
)
@answering
def rollback(name: str, version: str) -> Answer:
    """Put an earlier model back into service."""
    from analytics.catalog import task_named
    from analytics.registry import rollback as roll_back
    from pipelines.settings import load_settings

    settings = load_settings()
    row = roll_back(settings, task_named(name, settings), version)
    return Answer(
        {"task": name, "model_version": row.version, "state": row.state},
        f"{name} is served by {row.version} again. Score anew with: sda score {name}",
    )
