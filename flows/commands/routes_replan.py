"""`sda routes replan`: the rest of a day, from where everybody is."""

from datetime import datetime

import click

from connectors.errors import UsageError
from flows.answer import Answer, answering
from flows.moment import MOMENT


@click.command("replan")
@click.argument("what", metavar="DEPOT[@DAY]")
@click.option(
    "--now",
    type=MOMENT,
    default=None,
    help="The moment to plan from, by the depot's clocks where it names no other; by default now.",
)
@click.option(
    "--delay",
    "delays",
    multiple=True,
    metavar="VEHICLE=MINUTES",
    help="A vehicle is so many minutes behind the plan in force; may be repeated.",
)
@click.option(
    "--cancel", "cancelled", multiple=True, metavar="STOP", help="A stop is cancelled; may be repeated."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=5.0,
    show_default=True,
    help="How long to search.",
)
@click.option("--iterations", type=click.IntRange(min=1), default=None, help="Steps of search at most.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the search.")
@click.option(
    "--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Searches side by side."
)
@answering
def replan(
    what: str,
    now: datetime | None,
    delays: tuple[str, ...],
    cancelled: tuple[str, ...],
    seconds: float,
    iterations: int | None,
    seed: int,
    threads: int,
) -> Answer:
    """Plan the rest of a day again, from the plan in force.

    What is driven stays as it is, goods on a vehicle stay on it, orders that have come in since go where they
    still can. The day is that of --now by default. The new plan is stored and in force from then on.
    """
    from analytics.routing.replan import News, replan_with
    from analytics.routing.traffic import Search
    from flows.commands.routes_target import depot_and_moment
    from flows.commands.routes_words import best_so_far, plan_text, published
    from flows.interrupt import keeping_the_best
    from pipelines.settings import load_settings

    settings = load_settings()
    depot, day, moment = depot_and_moment(settings, what, now)
    news = News(moment, _minutes(delays), cancelled)
    with keeping_the_best() as stop:
        how = Search(seconds, iterations, seed, threads, best_so_far(), stop)
        plan = replan_with(settings, depot, day, news, how)
    return Answer(published(plan), plan_text(plan, plan.problem.timezone))


def _minutes(delays: tuple[str, ...]) -> dict[str, float]:
    """`VEHICLE=MINUTES` as a number by vehicle; raises UsageError for anything else."""
    found = {}
    for text in delays:
        vehicle, _, minutes = text.rpartition("=")
        try:
            found[vehicle] = float(minutes)
        except ValueError:
            found[vehicle] = -1.0
        if not vehicle or not 0 <= found[vehicle] <= 24 * 60:
            raise UsageError(f"«{text}» is no delay.", "Give vehicle and minutes: --delay V12=20")
    return found
