"""Vintages as charts: curves over months on book, and the same as a table at a few ages."""

from datetime import date

import polars as pl

from dashboards import numbers
from dashboards.charts.chart import Axis, Chart
from dashboards.queries.finance_vintages import Grain
from dashboards.wording import say

AGES = (3, 6, 9, 12, 18, 24, 36, 48)  # columns of the table
_ROWS = 24  # of the table: the newest
_COMPARED = (12, 6, 3, 1)  # the ages that newest and oldest are compared at: the first that both reached


def cohort_name(day: date, grain: Grain, language: str) -> str:
    """`2025 Q3`, `Sep 2025` or `2025`."""
    if grain == "year":
        return str(day.year)
    return f"{day.year} Q{(day.month + 2) // 3}" if grain == "quarter" else numbers.month(day, language)


def vintage_curves(found: pl.DataFrame, grain: Grain, language: str) -> Chart:
    """The share in default by months on book, one curve per period (`queries.finance_vintages`)."""
    _ = say(language)
    return Chart(
        name="vintages",
        kind="curve",
        title=_("Share of loans in default by their age"),
        sentence=_compared(found, grain, language),
        data=_named(found, grain, language),
        x=Axis("months", _("Months on book"), "integer"),
        y=Axis("rate", _("Share in default"), "percent"),
        group="name",
    )


def vintage_table(found: pl.DataFrame, grain: Grain, language: str) -> Chart:
    """The same at a few ages, the newest period first."""
    _ = say(language)
    newest = found["cohort"].unique().sort(descending=True).head(_ROWS)
    ages = [age for age in AGES if age in found["months"]] or [1]
    data = found.filter(pl.col("cohort").is_in(newest.implode()) & pl.col("months").is_in(ages))
    data = data.sort("cohort", "months", descending=[True, False])
    places = pl.DataFrame({"months": ages}, schema={"months": found.schema["months"]})
    # Every age has its column, though the first row has only a few.
    every = data.select("cohort").unique(maintain_order=True).join(places, how="cross")
    filled = every.join(data, on=["cohort", "months"], how="left", maintain_order="left")
    return Chart(
        name="vintage-table",
        kind="heat",
        title=_("All periods at the same ages"),
        sentence=_(
            "A row for each period of granting. Read down a column: darker means that more of the loans were "
            "in default at that age."
        ),
        data=_named(filled, grain, language),
        x=Axis("months", _("Months on book"), "integer"),
        y=Axis("rate", _("Share in default"), "percent"),
        group="name",
    )


def _named(found: pl.DataFrame, grain: Grain, language: str) -> pl.DataFrame:
    names = [cohort_name(day, grain, language) for day in found["cohort"]]
    return found.with_columns(pl.Series("name", names, dtype=pl.String))


def _compared(found: pl.DataFrame, grain: Grain, language: str) -> str:
    """The oldest and the newest period at the greatest age that both have reached."""
    _ = say(language)
    for age in _COMPARED:
        at = found.filter(pl.col("months") == age).sort("cohort")
        if at.height > 1:
            first, last = at.row(0, named=True), at.row(-1, named=True)
            return _(
                "After {age} months {new} of the loans granted in {newest} were in default, against {old} of "
                "those granted in {oldest}."
            ).format(
                age=age,
                new=numbers.percent(last["rate"], language),
                newest=cohort_name(last["cohort"], grain, language),
                old=numbers.percent(first["rate"], language),
                oldest=cohort_name(first["cohort"], grain, language),
            )
    return ""
