"""`sda forecast`: the next values of any series."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.answer import Answer, answering, table

if TYPE_CHECKING:
    from analytics.forecasting.question import Answered
    from analytics.forecasting.series import Empty, Together


@click.command("forecast")
@click.option("--table", "source", required=True, metavar="T", help="A table, or a .csv or .parquet file.")
@click.option("--id", "ids", multiple=True, metavar="C", help="Names a series; give it once per column.")
@click.option("--time", required=True, metavar="C", help="The column of times, dates or whole numbers.")
@click.option("--value", required=True, metavar="C", help="The column to forecast.")
@click.option("--horizon", required=True, type=click.IntRange(min=1), metavar="N", help="Steps ahead.")
@click.option(
    "--seconds", type=click.FloatRange(min=0), default=60, show_default=True, help="Time to try methods."
)
@click.option("--output", required=True, type=click.Path(path_type=Path), help=".csv, .parquet or .xlsx.")
@click.option("--frequency", default="", metavar="STEP", help="hour, day, week, 15m ...; found by default.")
@click.option(
    "--season", type=click.IntRange(min=1), help="Steps of a season; by default that of the frequency."
)
@click.option("--zone", default="", metavar="ZONE", help="Times are those of a clock on the wall there.")
@click.option(
    "--empty",
    type=click.Choice(["gap", "zero"]),
    default="gap",
    show_default=True,
    help="A step without a row: unknown, or zero.",
)
@click.option(
    "--together",
    type=click.Choice(["sum", "mean"]),
    default="sum",
    show_default=True,
    help="Several values of one step.",
)
@click.option(
    "--level",
    "levels",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    multiple=True,
    default=(0.9,),
    show_default=True,
    help="Of the interval; may be given again.",
)
@click.option("--sums", is_flag=True, help="Forecast the sums over the id columns too; parts add up to them.")
@answering
def command(
    source: str,
    ids: tuple[str, ...],
    time: str,
    value: str,
    horizon: int,
    seconds: float,
    output: Path,
    frequency: str,
    season: int | None,
    zone: str,
    empty: "Empty",
    together: "Together",
    levels: tuple[float, ...],
    sums: bool,
) -> Answer:
    """Forecast the next values of every series of a table, with intervals.

    Methods are compared on the past of the series and combined by how well they did; the longer --seconds,
    the more of them are tried. Times in the warehouse are UTC unless --zone says otherwise.
    """
    from analytics.forecasting.question import OUTPUTS, Question, answer, write
    from analytics.forecasting.series import Reading
    from analytics.score_files import check_output
    from connectors.errors import UsageError
    from pipelines.section import known_timezone
    from pipelines.settings import load_settings

    check_output(output, OUTPUTS)
    try:
        zone = known_timezone(zone) if zone else ""
    except ValueError as error:
        raise UsageError(f"--zone: {error}") from None
    reading = Reading(ids, time, value, frequency, zone, "zero" if sums else empty, together)
    question = Question(source, reading, horizon, season, seconds, levels, sums)
    answered = answer(load_settings(), question)
    write(answered.frame, output)
    return Answer(
        {**answered.report, "rows": len(answered.frame), "output": str(output)}, _words(answered, output)
    )


def _words(answered: "Answered", output: Path) -> str:
    report = answered.report
    steps = f"by {report['frequency']} (season {report['season']}), {report['horizon']} steps ahead"
    lines = [
        table(report["methods"], "Nothing could be tried."),
        "",
        f"{report['series']:,} series {steps}: {output}",
    ]
    if report["mase"] is not None:
        held = [f", the {float(level):.0%} interval held {share:.1%}" for level, share in _known(report)]
        lines.append(f"On their past: MASE {report['mase']:.3f}{''.join(held)}.")
    lines += [f"  {one.series}: left out, {one.reason}" for one in report["left_out"]]
    lines += [f"  {note}" for note in report["notes"]]
    return "\n".join(lines)


def _known(report: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [(level, share) for level, share in report["coverage"].items() if share is not None]
