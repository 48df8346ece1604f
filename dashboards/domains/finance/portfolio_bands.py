"""Promised and kept: the default rate that the scores promised beside the one that came, group by group."""

from datetime import datetime

import polars as pl
import streamlit as st

from analytics.credit.rates import UNLIKELY, with_jeffreys
from analytics.task import Task
from dashboards import numbers
from dashboards.charts.chart import Axis, Chart
from dashboards.domains.finance.parts import explain, show_rows
from dashboards.figures import band_label
from dashboards.queries import models
from dashboards.queries.finance_bands import settled_by_band
from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped, show_figure


def show_bands(here: Here, task: Task, as_of: datetime) -> None:
    """Of cases scored in the past and settled since; where there are none, of those the model never saw."""
    _ = here.say
    found, source = _settled(here, task, as_of)
    if found.is_empty():
        found, source = _unseen(here, task)
    if found.is_empty():
        st.info(
            _("There is no case yet that was scored and whose outcome is known."), icon=":material/inbox:"
        )
        st.markdown(_("Train a model with `sda train`; the cases it does not learn from are shown here."))
        return
    judged = with_jeffreys(found.filter(pl.col("cases") > 0))
    st.markdown(escaped(source))
    show_figure(here, _chart(here, judged), told=[source])
    _show_table(here, judged, source)
    explain(
        here,
        {
            _("PD"): _(
                "Probability of default: of 100 such loans so many are expected to default in a year."
            ),
            _("95% interval"): _(
                "Where the true rate lies with a probability of 95%, given so many cases (Jeffreys' "
                "interval): the fewer the cases, the wider."
            ),
            _("p-value"): _(
                "How likely the true rate is not above the promise (Jeffreys' test, as banks report it to "
                "the European Central Bank). Below 5% the scores promised too little."
            ),
        },
    )


def _settled(here: Here, task: Task, as_of: datetime) -> tuple[pl.DataFrame, str]:
    """The bands of what was scored in the past, and what they rest on."""
    _ = here.say
    found = here.ask(settled_by_band, task, as_of)
    words = _(
        "From {cases} applications scored in the past whose twelve months are over, by their band then."
    )
    names = [band_label(task, each, here.language) for each in found["band"]]
    named = found.with_columns(pl.Series("name", names, dtype=pl.String))
    return named, words.format(cases=numbers.integer(int(found["cases"].sum()), here.language))


def _unseen(here: Here, task: Task) -> tuple[pl.DataFrame, str]:
    """The groups of the cases that the version in service was tested on, and what they rest on."""
    _, language = here.say, here.language
    version = models.in_service(here.store).get(task.name)
    bins = version.metrics.get("reliability") if version else None
    if not version or not bins:
        return pl.DataFrame(schema={"cases": pl.Int64}), ""
    found = pl.DataFrame(bins).with_columns(
        (pl.col("observed") * pl.col("cases")).round().cast(pl.Int64).alias("defaults")
    )
    found = found.drop("observed").sort("predicted").with_row_index("group", offset=1)
    names = [_("group {number}").format(number=each) for each in found["group"]]
    words = _(
        "Nothing scored in the past is settled yet. So these are {cases} older applications that version "
        "{version} had not seen when it was made, from the lowest scores (group 1) to the highest."
    )
    cases = numbers.integer(int(found["cases"].sum()), language)
    return found.with_columns(pl.Series("name", names)), words.format(cases=cases, version=version.version)


def _chart(here: Here, judged: pl.DataFrame) -> Chart:
    _, language = here.say, here.language
    held = judged.filter(pl.col("predicted").is_between("lower", "upper")).height
    sentence = _("In {held} of {groups} groups the interval of what came holds what was promised.").format(
        held=held, groups=judged.height
    )
    promised = float((judged["predicted"] * judged["cases"]).sum()) / float(judged["cases"].sum())
    came = float(judged["defaults"].sum()) / float(judged["cases"].sum())
    in_all = _("Promised in all: {promised} in default; came: {came}.").format(
        promised=numbers.percent(promised, language), came=numbers.percent(came, language)
    )
    return Chart(
        name="promised",
        kind="reliability",
        title=_("Did as many default as the scores promised?"),
        sentence=f"{sentence} {in_all}",
        data=judged,
        x=Axis("predicted", _("Promised (mean PD)"), "percent"),
        y=Axis("observed", _("Came (share in default)"), "percent"),
        lower="lower",
        upper="upper",
    )


def _show_table(here: Here, judged: pl.DataFrame, source: str) -> None:
    _ = here.say
    words = {"low": _("promised too little"), "high": _("promised too much"), "": _("kept")}
    verdict = (
        pl.when(pl.col("p") < UNLIKELY).then(pl.lit(words["low"]))
        .when(pl.col("p") > 1 - UNLIKELY).then(pl.lit(words["high"]))
        .otherwise(pl.lit(words[""]))
    )  # fmt: skip
    columns = (
        Column("name", _("Group")),
        Column("cases", _("Loans"), "integer"),
        Column("predicted", _("PD"), "percent"),
        Column("defaults", _("Defaults"), "integer"),
        Column("observed", _("Share in default"), "percent"),
        Column("lower", _("Interval, lower end"), "percent"),
        Column("upper", _("Interval, upper end"), "percent"),
        Column("p", _("p-value"), "number"),
        Column("verdict", _("Promise")),
    )
    show_rows(
        here, "promised", _("Group by group"), columns, judged.with_columns(verdict=verdict), told=[source]
    )
