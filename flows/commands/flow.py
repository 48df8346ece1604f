"""`sda flow`: the scheduled work, run now."""

import click

from flows.answer import Answer, answering, table


@click.group("flow")
def command() -> None:
    """Run scheduled work now, list schedules and last runs."""


@command.command("list")
@answering
def list_() -> Answer:
    """Show the flows, their schedules and their last runs."""
    from flows.runs import last_runs
    from flows.schedules import FLOWS, timetable
    from pipelines.settings import load_settings

    settings = load_settings()
    schedule = {line.flow: line for line in timetable(settings)}
    runs = last_runs(settings)
    rows = [
        {
            "flow": name,
            "schedule": schedule[name].cron if name in schedule else None,
            "timezone": schedule[name].timezone if name in schedule else None,
            "last_run": runs[name].started_at if name in runs else None,
            "state": runs[name].state if name in runs else None,
        }
        for name in FLOWS
    ]
    return Answer(rows, table(rows))


@command.command("run")
@click.argument("name")
@answering
def run(name: str) -> Answer:
    """Run a flow through Prefect: ingest, train, score, plan, deliver, daily or upkeep."""
    from flows.engine import run_flow
    from pipelines.settings import load_settings

    run_flow(load_settings(), name)
    return Answer({"flow": name, "state": "done"}, f"The flow {name} is done.")
