"""`sda routes solve`: the routes of a benchmark file, or of a depot's day."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.answer import Answer, answering

if TYPE_CHECKING:
    from analytics.routing.files import Rounding
    from analytics.routing.problem import Objective
    from analytics.routing.traffic import Search


@click.command("solve")
@click.argument("what", metavar="FILE|DEPOT[@DAY]")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=None,
    help="How long to search; by default the seconds of [routing], unless --iterations ends it.",
)
@click.option(
    "--iterations",
    type=click.IntRange(min=1),
    default=None,
    help="Steps of search: with the same seed and threads always the same plan.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the search.")
@click.option(
    "--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Searches side by side."
)
@click.option(
    "--objective",
    type=click.Choice(["distance", "cost", "vehicles"]),
    default=None,
    help="What is to be least; by default distance for a file, else that of [routing].",
)
@click.option(
    "--rounding",
    type=click.Choice(["none", "dimacs"]),
    default="none",
    show_default=True,
    help="Of the distances of a file: dimacs cuts them to one decimal.",
)
@answering
def solve(
    what: str,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    threads: int,
    objective: "Objective | None",
    rounding: "Rounding",
) -> Answer:
    """Plan routes: of a file, or of a depot's day.

    A FILE is one of the Solomon, Gehring-Homberger or VRPLIB formats; its plan is printed. A DEPOT is one of
    the warehouse, DAY (YYYY-MM-DD) its next day to plan by default; its plan is stored and in force from then
    on. Ctrl-C keeps the best plan so far.
    """
    from analytics.routing.traffic import Search
    from connectors.errors import UsageError
    from flows.commands.routes_target import file_or_day
    from flows.commands.routes_words import best_so_far, plan_text, published
    from flows.interrupt import keeping_the_best
    from pipelines.settings import load_settings

    settings = load_settings()
    if seconds is None and iterations is None:
        seconds = settings.routing.seconds
    target = file_or_day(settings, what)
    with keeping_the_best() as stop:
        how = Search(seconds, iterations, seed, threads, best_so_far(), stop)
        if isinstance(target, Path):
            return _file(target, rounding, objective, how)
        if rounding != "none":
            raise UsageError("--rounding is for files.", f"Leave it out to plan {target[0]}.")
        from analytics.routing.plan import plan_with

        plan = plan_with(settings, *target, how, objective)
    return Answer(published(plan), plan_text(plan, plan.problem.timezone))


def _file(path: Path, rounding: "Rounding", objective: "Objective | None", how: "Search") -> Answer:
    from dataclasses import replace

    from analytics.routing.files import read_problem
    from analytics.routing.traffic import search
    from analytics.routing.unserved import reasons
    from flows.commands.routes_words import file_text, solved

    problem = read_problem(path, rounding)
    if objective:
        problem = replace(problem, objective=objective)
    solution = search(problem, how)
    document = solved(problem, solution, reasons(problem, solution))
    return Answer(document, file_text(document))
