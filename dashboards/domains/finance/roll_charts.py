"""Roll rates as charts: the matrix, and the shares that got worse month by month."""

import polars as pl

from dashboards import numbers
from dashboards.charts.chart import Axis, Chart, Tone
from dashboards.queries.finance_rolls import BUCKETS
from dashboards.wording import say

_DAYS = {"1-29": "1–29", "30-59": "30–59", "60-89": "60–89", "90+": "90+"}  # beside a title that says: days
_TONES: dict[str, Tone] = {"current": "calm", "1-29": "plain", "30-59": "watch", "60-89": "alert"}


def state_words(language: str) -> dict[str, str]:
    """The buckets and what ends a loan, in words."""
    _ = say(language)
    return {
        "current": _("current"),
        "1-29": _("1–29 days"),
        "30-59": _("30–59 days"),
        "60-89": _("60–89 days"),
        "90+": _("90 days and more"),
        "default": _("default"),
        "paid": _("paid"),
    }


def roll_matrix(table: pl.DataFrame, language: str) -> Chart:
    """Of the loans in each bucket, the share in each state a month later (`queries.finance_rolls.matrix`)."""
    _ = say(language)
    words = state_words(language) | _DAYS
    data = table.with_columns(
        pl.col("state", "next").replace_strict(words, return_dtype=pl.String),
        pl.when(pl.col("loans") > 0).then("share").alias("share"),
    )
    sentence = ""
    early = table.filter(pl.col("state") == "1-29")
    if every := int(early["loans"].sum()):
        back = int(early.filter(pl.col("next") == "current")["loans"].sum())
        ahead = int(early.filter(pl.col("next").is_in([*BUCKETS[2:], "default"]))["loans"].sum())
        sentence = _(
            "Of 100 loans that were 1–29 days behind, {back} had caught up a month later and {ahead} were "
            "further behind. Each row is where loans stood, in days past due."
        ).format(
            back=numbers.number(100 * back / every, language, 0),
            ahead=numbers.number(100 * ahead / every, language, 0),
        )
    return Chart(
        name="rolls",
        kind="heat",
        title=_("Where loans stand a month later"),
        sentence=sentence,
        data=data,
        x=Axis("next", _("A month later, in days past due"), "text"),
        y=Axis("share", _("Share"), "percent"),
        group="state",
    )


def roll_trend(rolled: pl.DataFrame, language: str) -> Chart:
    """The share of each bucket that stood in a worse one a month later (`rolled_forward`)."""
    _ = say(language)
    words = state_words(language)
    shown = [state for state in BUCKETS[1:-1] if state in rolled["state"]]
    data = rolled.filter(pl.col("state").is_in(shown)).sort("month")
    sentence = ""
    early = data.filter(pl.col("state") == "1-29")
    if early.height:
        last = early.row(-1, named=True)
        mean = float(early["worse"].sum()) / float(early["loans"].sum())
        sentence = _(
            "{month}: {now} of the loans 1–29 days behind were further behind a month later; over all months "
            "{mean}."
        ).format(
            month=numbers.month(last["month"], language),
            now=numbers.percent(last["share"], language),
            mean=numbers.percent(mean, language),
        )
    return Chart(
        name="roll-trend",
        kind="line",
        title=_("How many fall further behind"),
        sentence=sentence,
        data=data.with_columns(pl.col("state").replace_strict(words, return_dtype=pl.String)),
        x=Axis("month", _("Month"), "month"),
        y=Axis("share", _("Share further behind a month later"), "percent"),
        group="state",
        tones={words[state]: tone for state, tone in _TONES.items()},
    )
