"""Why a case has its score, as a waterfall: from an average case over the reasons to this one."""

from collections.abc import Set as AbstractSet

import polars as pl

from analytics.steps import Step, Way
from analytics.task import Task
from dashboards.cases.spoken import difference_text, named, score_format, score_text, step_text, told
from dashboards.charts.chart import Axis, Chart
from dashboards.numbers import integer, percent
from dashboards.reasons import days_before
from dashboards.units import unit_in_words
from dashboards.wording import say, together, with_value

_MOST_TICKS = 4  # beside long reasons a phone leaves little room


def why(task: Task, way: Way, hidden: AbstractSet[str], language: str) -> Chart:
    """The steps in words and units, the scores of both ends, and beside each step by how much it moves.

    What stands beside a step is the move of the score in this order, so that all of them and the first score
    sum to the last. The length is that of the model's own axis (log-odds), whatever the order.
    """
    _ = say(language)
    raises, lowers, level = _("raises the score"), _("lowers the score"), _("score")
    rows = [(_("An average case"), way.place, way.place, score_text(task, way.base, language), level, "")]
    before = way.base
    for step in way.steps:
        moved = step.score - before
        text = _reason(task, step, way.others, hidden, language)
        ends = _("{before} → {after}").format(
            before=score_text(task, before, language), after=score_text(task, step.score, language)
        )
        side = raises if step.ends > step.begins else lowers
        hover = f"{text}\n{ends} ({difference_text(task, moved, language)})"
        rows.append((text, step.begins, step.ends, step_text(task, moved, language), side, hover))
        before = step.score
    place = way.steps[-1].ends if way.steps else way.place
    rows.append((_("This case"), place, place, score_text(task, way.score, language), level, ""))
    data = pl.DataFrame(
        rows, schema=["reason", "begins", "ends", "moved", "side", "told"], orient="row"
    ).with_columns(told=pl.when(pl.col("told") == "").then("reason").otherwise("told"))
    return Chart(
        name="why",
        kind="waterfall",
        title=_("Why this score"),
        sentence=_sentence(task, way, hidden, language),
        data=data,
        x=Axis("reason", _("Reason"), "text"),
        y=Axis("ends", _("Score"), score_format(task), unit_in_words(task.meaning.unit, language)),
        lower="begins",
        upper="ends",
        label="moved",
        told="told",
        group="side",
        tones={raises: "alert", lowers: "calm", level: "plain"},
        ticks=_ticks(way, language),
    )


def how_to_read(task: Task, language: str) -> str:
    """What the axis is and what adds up, for whoever reads the picture the first time."""
    _ = say(language)
    read = _(
        "Read it from the top: an average case, then each fact moves the score up or down, and at the end "
        "stands this case."
    )
    if task.kind == "regression":
        adds = _("The numbers beside the steps add up to the difference.")
        return together([read, adds], language)
    stretched = _(
        "The numbers beside the steps are percentage points and add up to the difference. The axis is the "
        "score, stretched towards 0% and 100% as the model counts (log-odds): a step is as long as its fact "
        "weighs, wherever it begins."
    )
    return together([read, stretched], language)


def _reason(task: Task, step: Step, others: int, hidden: AbstractSet[str], language: str) -> str:
    _ = say(language)
    if not step.feature:
        return _("{count} other facts together").format(count=integer(others, language))
    label = named(task, step.feature, language)
    if step.days_before is None:
        return with_value(label, told(task, step.feature, step.value, hidden, language), language)
    label = f"{label}, {days_before(step.days_before, language)}"
    value = "" if step.value in (None, "") else told(task, step.feature, step.value, hidden, language)
    return with_value(label, value, language)


def _sentence(task: Task, way: Way, hidden: AbstractSet[str], language: str) -> str:
    _ = say(language)
    if not way.steps:
        return ""
    return _("From {base} for an average case to {score}; what weighs most is «{reason}».").format(
        base=score_text(task, way.base, language),
        score=score_text(task, way.score, language),
        reason=_reason(task, way.steps[0], way.others, hidden, language),
    )


def _ticks(way: Way, language: str) -> tuple[tuple[float, str], ...]:
    """A few of the round shares of the axis, not too near each other."""
    if not way.marks:
        return ()
    places = [place for place, _share in way.marks]
    least = (max(places) - min(places)) / _MOST_TICKS
    chosen: list[tuple[float, float]] = []
    for place, share in way.marks:
        if not chosen or place - chosen[-1][0] >= least:
            chosen.append((place, share))
    return tuple((place, percent(share, language, 0 if share >= 0.01 else 1)) for place, share in chosen)
