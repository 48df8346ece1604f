"""`sda routes`: who drives where, when."""

import json

import click

from flows.answer import Answer, answering, table
from flows.commands.routes_replan import replan
from flows.commands.routes_solve import solve


@click.group("routes")
def command() -> None:
    """Plan routes, plan them again during the day, show what was planned."""


command.add_command(solve)
command.add_command(replan)


@command.command("list")
@answering
def list_() -> Answer:
    """List the plans, the newest day first."""
    from analytics.routing.publishing import plans
    from pipelines.settings import load_settings

    found = plans(load_settings()).rows(named=True)
    documents = [
        {**row, **{name: json.loads(row[name] or "null") for name in ("notes", "in_use")}} for row in found
    ]
    rows = [
        {
            "plan": row["plan_id"],
            "depot": row["depot_id"],
            "day": str(row["day"]),
            "made_at": row["made_at"],
            "in_force": row["in_force"],
            "vehicles": row["vehicles"],
            "stops": row["stops"],
            "not_served": row["unserved"],
            "late": row["late_stops"],
            "km": row["distance_km"],
            "km_saved": row["in_use"]["saved"]["distance_km"] if row["in_use"] else None,
        }
        for row in documents
    ]
    return Answer(documents, table(rows, "There is no plan yet. Make one with `sda routes solve DEPOT`."))


@command.command("show")
@click.argument("plan", metavar="PLAN_ID|DEPOT[@DAY]")
@answering
def show(plan: str) -> Answer:
    """Show a plan: by its id, or the one in force for a depot and day."""
    from analytics.routing.publishing import stored
    from flows.commands.routes_target import plan_named, zone_of
    from flows.commands.routes_words import document_of, plan_text
    from pipelines.settings import load_settings

    settings = load_settings()
    found = stored(settings, plan_named(settings, plan))
    return Answer(document_of(found), plan_text(found, zone_of(settings, found.plans["depot_id"][0])))
