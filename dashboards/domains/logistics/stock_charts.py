"""Demand with its forecast, and policies beside each other, as pictures. Shared by pages and reports."""

import polars as pl

from dashboards.charts.chart import Axis, Chart, Tone
from dashboards.numbers import day as written_day
from dashboards.numbers import number, percent
from dashboards.wording import say

_BAND = {
    "day": pl.Date,
    "units": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "part": pl.String,
}


def demand_chart(name: str, known: pl.DataFrame, ahead: pl.DataFrame, language: str) -> Chart:
    """What was asked for (`queries.stock.demand`) and what is expected (`queries.stock.forecast`)."""
    _ = say(language)
    was, expected = _("asked for"), _("expected")
    data = pl.concat(
        [
            _part(known.select("day", units="quantity"), was),
            _part(ahead.select("day", "lower", "upper", units="mean"), expected),
        ]
    )
    sentence = ""
    if not ahead.is_empty():
        sentence = _("About {units} are expected from {first} to {last}.").format(
            units=number(float(ahead["mean"].sum()), language, 0),
            first=written_day(ahead["day"][0], language),
            last=written_day(ahead["day"][-1], language),
        )
    tones: dict[str, Tone] = {was: "muted", expected: "plain"}
    return Chart(
        name="demand",
        kind="band",
        title=_("Demand for {name}").format(name=name),
        sentence=sentence,
        data=data,
        x=Axis("day", _("Day"), "date"),
        y=Axis("units", _("Units a day"), "number"),
        group="part",
        lower="lower",
        upper="upper",
        tones=tones,
    )


def _part(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    lacking = [pl.lit(None).alias(each) for each in ("lower", "upper") if each not in frame.columns]
    return (
        frame.with_columns(*lacking, pl.lit(name).alias("part")).select(list(_BAND)).cast(_BAND)  # type: ignore[arg-type]
    )


def policy_costs(policies: pl.DataFrame, language: str) -> Chart:
    """What each policy would have cost over the same past days, by kind of cost."""
    _ = say(language)
    names = policy_names(language)
    kinds = {
        "holding_cost": _("holding"),
        "order_cost": _("ordering"),
        "shortage_cost": _("shortage"),
    }
    data = pl.DataFrame(
        [
            {"policy": names.get(row["policy"], row["policy"]), "kind": words, "cost": row[kind]}
            for row in policies.iter_rows(named=True)
            for kind, words in kinds.items()
        ],
        schema={"policy": pl.String, "kind": pl.String, "cost": pl.Float64},
    )
    return Chart(
        name="policies",
        kind="stacked",
        title=_("What the policies would have cost"),
        sentence=judgement(policies, language),
        data=data,
        x=Axis("policy", _("Policy"), "text"),
        y=Axis("cost", _("Cost")),
        group="kind",
    )


def policy_names(language: str) -> dict[str, str]:
    """What the policies of a backtest are called."""
    _ = say(language)
    return {"ours": _("by forecast"), "in_use": _("in use today")}


def judgement(policies: pl.DataFrame, language: str) -> str:
    """The backtest in a sentence; "" where one of the two policies is not there."""
    _ = say(language)
    rows = {row["policy"]: row for row in policies.iter_rows(named=True)}
    if not {"ours", "in_use"} <= rows.keys() or not rows["in_use"]["total_cost"]:
        return ""
    ours, today = rows["ours"], rows["in_use"]
    saved = 1 - ours["total_cost"] / today["total_cost"]
    words = (
        _(
            "Over {days} past days ordering by forecast would have cost {share} less, with {ours} of the "
            "demand served from stock instead of {today}."
        )
        if saved >= 0
        else _(
            "Over {days} past days ordering by forecast would have cost {share} more, with {ours} of the "
            "demand served from stock instead of {today}."
        )
    )
    return words.format(
        days=number(ours["days"], language, 0),
        share=percent(abs(saved), language),
        ours=percent(ours["fill_rate"], language),
        today=percent(today["fill_rate"], language),
    )
