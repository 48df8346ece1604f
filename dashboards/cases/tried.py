"""What drives the difference between the score of a case and its score with other values."""

import polars as pl

from analytics.task import Task
from analytics.what_if import Tried
from dashboards.cases.spoken import difference_text, named, score_format, score_text, step_text
from dashboards.charts.chart import Axis, Chart
from dashboards.units import unit_in_words
from dashboards.wording import say


def difference(task: Task, tried: Tried, language: str) -> Chart:
    """From the score now over the share of each change to the score with all of them."""
    _ = say(language)
    raises, lowers, level = _("raises the score"), _("lowers the score"), _("score")
    now, then = tried.scores
    rows = [(_("Now"), now, now, score_text(task, now, language), level)]
    place = now
    for feature, share in sorted(tried.shares.items(), key=lambda each: -abs(each[1])):
        side = raises if share > 0 else lowers
        text = step_text(task, share, language)
        rows.append((named(task, feature, language), place, place + share, text, side))
        place += share
    rows.append((_("With the changes"), then, then, score_text(task, then, language), level))
    return Chart(
        name="tried",
        kind="waterfall",
        title=_("What drives the difference"),
        sentence=_("From {now} to {then}: {difference}.").format(
            now=score_text(task, now, language),
            then=score_text(task, then, language),
            difference=difference_text(task, then - now, language),
        ),
        data=pl.DataFrame(rows, schema=["what", "begins", "ends", "moved", "side"], orient="row"),
        x=Axis("what", _("Change"), "text"),
        y=Axis("ends", _("Score"), score_format(task), unit_in_words(task.meaning.unit, language)),
        lower="begins",
        upper="ends",
        label="moved",
        group="side",
        tones={raises: "alert", lowers: "calm", level: "plain"},
    )
