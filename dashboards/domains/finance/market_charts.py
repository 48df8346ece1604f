"""What markets did and may do, as charts."""

from collections.abc import Mapping, Sequence

import polars as pl

from analytics.market.drawdown import Fall
from analytics.market.frontier import Portfolio
from dashboards.charts.chart import Axis, Chart, Reference, Tone
from dashboards.numbers import day, number, percent
from dashboards.wording import say, with_commas


def price_chart(rebased: pl.DataFrame, language: str) -> Chart:
    """Every price as if it had been 100 on its first day (`returns.rebased`)."""
    _ = say(language)
    last = rebased.sort("day").group_by("instrument", maintain_order=True).last().sort("index")
    low, high = last.row(0, named=True), last.row(-1, named=True)
    if last.height > 1:
        sentence = _("100 on the first day became {high} in {best} and {low} in {worst}.").format(
            high=number(high["index"], language, 0),
            best=high["instrument"],
            low=number(low["index"], language, 0),
            worst=low["instrument"],
        )
    else:
        sentence = _("100 on the first day became {high}.").format(high=number(high["index"], language, 0))
    return Chart(
        name="prices",
        kind="curve",
        title=_("Prices, 100 on the first day"),
        sentence=sentence,
        data=rebased,
        x=Axis("day", _("Day"), "date"),
        y=Axis("index", _("Index")),
        group="instrument",
        reference=Reference(100.0, "100"),
    )


def volatility_chart(swings: pl.DataFrame, language: str) -> Chart:
    """The volatility expected after each day (`volatility.volatility`)."""
    _ = say(language)
    data = swings.drop_nulls("weighted")
    sentence = ""
    if data.height:
        top = data.sort("weighted").row(-1, named=True)
        sentence = _("{name} swung most: {most} a year expected on {day}.").format(
            name=top["instrument"],
            most=percent(top["weighted"], language, 0),
            day=day(top["day"], language),
        )
    return Chart(
        name="volatility",
        kind="curve",
        title=_("How much they swing (EWMA volatility)"),
        sentence=sentence,
        data=data,
        x=Axis("day", _("Day"), "date"),
        y=Axis("weighted", _("Volatility a year"), "percent"),
        group="instrument",
    )


def fall_chart(paths: pl.DataFrame, falls: Sequence[Fall], language: str) -> Chart:
    """How far each price stands below its highest so far (`drawdown.drawdowns`)."""
    _ = say(language)
    worst = min(falls, key=lambda fall: fall.depth)
    if worst.recovered:
        end = _("made up by {day}").format(day=day(worst.recovered, language))
    else:
        end = _("not made up yet")
    sentence = _("The deepest fall: {name}, {depth} from {peak} to {trough}, {end}.").format(
        name=worst.instrument,
        depth=percent(worst.depth, language, 0),
        peak=day(worst.peak, language),
        trough=day(worst.trough, language),
        end=end,
    )
    return Chart(
        name="falls",
        kind="curve",
        title=_("How far below the highest so far (drawdown)"),
        sentence=sentence,
        data=paths,
        x=Axis("day", _("Day"), "date"),
        y=Axis("drawdown", _("Below the highest so far"), "percent"),
        group="instrument",
    )


def exceedance_chart(days: pl.DataFrame, sentence: str, language: str) -> Chart:
    """Each day's return beside the loss that was not to be exceeded (`value_at_risk.rolled`)."""
    _ = say(language)
    inside, beyond, limit = _("return of the day"), _("loss beyond the value at risk"), _("value at risk")
    marks = days.select(
        "day",
        pl.col("return").alias("value"),
        pl.when(-pl.col("return") > pl.col("value_at_risk"))
        .then(pl.lit(beyond))
        .otherwise(pl.lit(inside))
        .alias("what"),
    )
    line = days.select("day", (-pl.col("value_at_risk")).alias("value"), pl.lit(limit).alias("what"))
    tones: dict[str, Tone] = {inside: "muted", beyond: "alert", limit: "plain"}
    order = pl.Enum([inside, limit, beyond])
    return Chart(
        name="exceeded",
        kind="scatter",
        title=_("Was the loss foreseen?"),
        sentence=sentence,
        data=pl.concat([marks, line]).sort(pl.col("what").cast(order), "day"),
        x=Axis("day", _("Day"), "date"),
        y=Axis("value", _("Return of the day"), "percent"),
        group="what",
        tones=tones,
    )


def frontier_chart(points: pl.DataFrame, tones: Mapping[str, Tone], sentence: str, language: str) -> Chart:
    """Risk and return of a year: `volatility, gain, what, name` (a name only where it is to be written)."""
    _ = say(language)
    return Chart(
        name="frontier",
        kind="scatter",
        title=_("Risk and return"),
        sentence=sentence,
        data=points,
        x=Axis("volatility", _("Volatility a year"), "percent"),
        y=Axis("gain", _("Mean return a year"), "percent"),
        group="what",
        tones=tones,
        label="name",
    )


def weight_chart(portfolio: Portfolio, language: str) -> Chart:
    """What each instrument's share of the money is, the largest on top."""
    _ = say(language)
    data = (
        pl.DataFrame({"name": list(portfolio.weights), "weight": list(portfolio.weights.values())})
        .filter(pl.col("weight") >= 0.0005)
        .sort("weight", descending=True)
    )
    first = data.row(0, named=True)
    return Chart(
        name="weights",
        kind="ranked",
        title=_("How the money is divided"),
        sentence=_("Most of it in {name}: {share}.").format(
            name=first["name"], share=percent(first["weight"], language, 0)
        ),
        data=data,
        x=Axis("name", _("Instrument"), "text"),
        y=Axis("weight", _("Share"), "percent"),
    )


def growth_chart(grown: pl.DataFrame, language: str) -> Chart:
    """What 100 became in portfolios that knew only the past: `day, value, what`."""
    _ = say(language)
    last = grown.sort("day").group_by("what", maintain_order=True).last().sort("value", descending=True)
    values = (f"{row['what']} {number(row['value'], language, 0)}" for row in last.iter_rows(named=True))
    return Chart(
        name="growth",
        kind="curve",
        title=_("What it would really have brought"),
        sentence=_("100 became: {values}.").format(values=with_commas(values, language)),
        data=grown,
        x=Axis("day", _("Day"), "date"),
        y=Axis("value", _("Index")),
        group="what",
        reference=Reference(100.0, "100"),
    )
