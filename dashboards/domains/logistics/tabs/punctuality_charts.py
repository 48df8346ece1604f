"""On-time rates as pictures and as a table."""

import polars as pl

from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.numbers import integer, percent, points
from dashboards.wording import Say, say

FEWEST = 30  # shipments: a rate of fewer swings too much to be ranked
_MOST = 12
_LINES = 5


def with_names(rates: pl.DataFrame, codes: dict[str, str]) -> pl.DataFrame:
    """`label`: what is compared, in words; a lane is `Hamburg depot → Wien`."""
    names = [
        " → ".join(each for each in (codes.get(str(row["name"]), str(row["name"])), row["towards"]) if each)
        for row in rates.select("name", "towards").iter_rows(named=True)
    ]
    return rates.with_columns(pl.Series("label", names, dtype=pl.String))


def worst(rates: pl.DataFrame, overall: float, what: str, language: str) -> Chart:
    """Those with the lowest on-time rates, with intervals, beside the rate of all; enough shipments only."""
    _ = say(language)
    data = rates.sort("share", "label").head(_MOST)
    return Chart(
        name="on-time",
        kind="interval",
        title=_("On-time rate, lowest first"),
        sentence=_sentence(rates, overall, _, language),
        data=data.select("label", "share", "lower", "upper"),
        x=Axis("label", what, "text"),
        y=Axis("share", _("On time"), "percent"),
        lower="lower",
        upper="upper",
        reference=Reference(overall, ""),
    )


def _sentence(rates: pl.DataFrame, overall: float, _: Say, language: str) -> str:
    below = rates.filter(pl.col("upper") < overall).sort("share", "label")
    if below.is_empty():
        return _("None is below the rate of all ({share}) by more than chance explains.").format(
            share=percent(overall, language)
        )
    one = _("«{name}» alone is below the rate of all ({share}) beyond chance, with {rate}.")
    many = _("{count} are below the rate of all ({share}) beyond chance, lowest «{name}» with {rate}.")
    return (one if below.height == 1 else many).format(
        count=integer(below.height, language),
        share=percent(overall, language),
        name=below["label"][0],
        rate=percent(below["share"][0], language),
    )


def by_month(rates: pl.DataFrame, codes: dict[str, str], language: str) -> Chart:
    """The on-time rate of the carriers that carry most, month by month."""
    _ = say(language)
    totals = (
        rates.group_by("name").agg(pl.sum("shipments")).sort("shipments", "name", descending=[True, False])
    )
    first = totals["name"].head(_LINES).to_list()
    shown = rates.filter(pl.col("name").is_in(first)).with_columns(
        label=pl.col("name").replace(codes) if codes else pl.col("name")
    )
    return Chart(
        name="on-time-months",
        kind="line",
        title=_("On-time rate by month"),
        sentence=_("The {count} with most shipments, by the month of the promise.").format(count=len(first)),
        data=shown.sort("name", "month").select("month", "label", "share", "lower", "upper"),
        x=Axis("month", _("Month"), "month"),
        y=Axis("share", _("On time"), "percent"),
        group="label",
        lower="lower",
        upper="upper",
    )


def rates_table(rates: pl.DataFrame, before: pl.DataFrame, what: str, language: str) -> pl.DataFrame:
    """A row for each with its rate, interval and change since the period before (where that has enough)."""
    _ = say(language)
    earlier = dict(before.filter(pl.col("shipments") >= FEWEST).select("label", "share").rows())
    rows = rates.sort("share", "label").to_dicts()
    changes = [
        points(row["share"] - earlier[row["label"]], language) if row["label"] in earlier else "–"
        for row in rows
    ]
    return pl.DataFrame(
        {
            what: [row["label"] for row in rows],
            _("Shipments"): [integer(row["shipments"], language) for row in rows],
            _("Late"): [integer(row["shipments"] - row["on_time"], language) for row in rows],
            _("On time"): [percent(row["share"], language) for row in rows],
            _("95% interval"): [
                f"{percent(row['lower'], language)} – {percent(row['upper'], language)}" for row in rows
            ],
            _("Change (points)"): changes,
        }
    )
