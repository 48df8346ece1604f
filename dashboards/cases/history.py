"""How the score of a case moved over the moments it was scored for, and how likely each class is."""

from typing import Any

import polars as pl

from analytics.task import Task
from dashboards import numbers
from dashboards.cases.spoken import score_format, score_text
from dashboards.charts.chart import Axis, Chart
from dashboards.units import unit_in_words
from dashboards.wording import say


def history(task: Task, scored: pl.DataFrame, language: str) -> Chart:
    """The score with its interval at every scored moment (`queries.predictions.one`)."""
    _ = say(language)
    data = scored.select("as_of", "score", "lower", "upper").sort("as_of")
    first, last = data.row(0, named=True), data.row(-1, named=True)
    sentence = _("From {first} on {day} to {last} now.").format(
        first=score_text(task, first["score"], language),
        day=numbers.day(first["as_of"], language),
        last=score_text(task, last["score"], language),
    )
    return Chart(
        name="history",
        kind="line",
        title=_("How the score moved"),
        sentence=sentence,
        data=data,
        x=Axis("as_of", _("Day"), "date"),
        y=Axis("score", _("Score"), score_format(task), unit_in_words(task.meaning.unit, language)),
        lower="lower",
        upper="upper",
    )


def classes(row: dict[str, Any], language: str) -> Chart:
    """How likely each class of a prediction of several classes is."""
    _ = say(language)
    shares = {name.removeprefix("p_"): share for name, share in row.items() if name.startswith("p_")}
    data = pl.DataFrame({"name": list(shares), "share": list(shares.values())}).sort("share", descending=True)
    return Chart(
        name="classes",
        kind="ranked",
        title=_("How likely each class is"),
        sentence="",
        data=data,
        x=Axis("name", _("Class"), "text"),
        y=Axis("share", _("Probability"), "percent"),
    )
