"""Expected loss on the page: in total, and by band, purpose and currency."""

from datetime import datetime

import polars as pl

from analytics.task import Task
from dashboards import numbers
from dashboards.charts.chart import Axis, Chart
from dashboards.domains.finance.parts import explain, show_rows
from dashboards.domains.finance.wording import value_words
from dashboards.figures import band_label
from dashboards.queries.finance import CURRENCY, share_lost
from dashboards.queries.finance_loss import loss_by
from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose
from dashboards.screens.parts.export import day_told
from dashboards.screens.parts.figure import show_figure
from dashboards.screens.parts.headline import Headline, show_headlines


def show_loss(here: Here, task: Task, as_of: datetime) -> None:
    """The figures of all recent applications, then where the expected loss lies."""
    _ = here.say
    by = {"band": _("Band"), "purpose": _("Purpose"), "currency": _("Currency"), "city": _("City")}
    show_headlines(_headlines(here, task, here.ask(loss_by, task, as_of, "band")))
    column = choose("by", _("Divided by"), by)
    found = _named(here, task, column, here.ask(loss_by, task, as_of, column))
    told = [day_told(here, as_of), _("by {what}").format(what=by[column])]
    show_figure(here, _chart(here, found, by[column]), told=told)
    columns = (
        Column("name", by[column]),
        Column("cases", _("Applications"), "integer"),
        Column("exposure", _("EAD"), "integer", CURRENCY),
        Column("mean_score", _("Mean PD"), "percent"),
        Column("expected_loss", _("Expected loss"), "integer", CURRENCY),
        Column("share", _("Share of the loss"), "percent"),
        Column("rate", _("Loss per amount"), "percent"),
    )
    show_rows(here, "loss", _("Where the expected loss lies"), columns, found, told)
    explain(
        here,
        {
            _("Expected loss"): _(
                "PD × LGD × EAD: how likely a default is, times the share that is lost then, times what is "
                "owed then. It is a mean: the loss of a bad year is far higher."
            ),
            _("LGD"): _("Loss given default: here {share} of the amount, taken for every loan alike.").format(
                share=numbers.percent(share_lost(task), here.language, 0)
            ),
            _("EAD"): _("Exposure at default: here the amount applied for, in {currency}.").format(
                currency=CURRENCY
            ),
        },
    )


def _headlines(here: Here, task: Task, found: pl.DataFrame) -> list[Headline]:
    _, language = here.say, here.language
    exposure, loss = float(found["exposure"].sum()), float(found["expected_loss"].sum())
    unpriced = int(found["unpriced"].sum())
    without = _("{cases} without an exchange rate").format(cases=numbers.integer(unpriced, language))
    return [
        Headline(
            _("Amount (EAD)"), numbers.money(exposure, CURRENCY, language), note=without if unpriced else ""
        ),
        Headline(_("Expected loss"), numbers.money(loss, CURRENCY, language)),
        Headline(_("Loss per amount"), numbers.percent(loss / exposure if exposure else None, language)),
        Headline(_("Share lost at a default (LGD)"), numbers.percent(share_lost(task), language, 0)),
    ]


def _named(here: Here, task: Task, column: str, found: pl.DataFrame) -> pl.DataFrame:
    """The groups in words, with their share of the whole loss; bands in their order."""
    _ = here.say
    words = value_words(_)
    if column == "band":
        words = {band.name: band_label(task, band.name, here.language) for band in task.bands}
        order = {band.name: place for place, band in enumerate(task.bands)}
        found = found.sort(pl.col("value").replace_strict(order, default=len(order), return_dtype=pl.Int64))
    names = [words.get(each, each) if each else _("unknown") for each in found["value"]]
    whole = float(found["expected_loss"].sum()) or 1.0
    return found.with_columns(
        pl.Series("name", names, dtype=pl.String), share=pl.col("expected_loss") / whole
    )


def _chart(here: Here, found: pl.DataFrame, what: str) -> Chart:
    _, language = here.say, here.language
    sentence = ""
    if found.height:
        first = found.sort("expected_loss", descending=True).row(0, named=True)
        sentence = _("«{name}» holds {share} of the expected loss: {loss} on {exposure}.").format(
            name=first["name"],
            share=numbers.percent(first["share"], language, 0),
            loss=numbers.money(first["expected_loss"], CURRENCY, language),
            exposure=numbers.money(first["exposure"], CURRENCY, language),
        )
    return Chart(
        name="loss",
        kind="ranked",
        title=_("Expected loss by {what}").format(what=what.lower()),
        sentence=sentence,
        data=found.head(20),
        x=Axis("name", what, "text"),
        y=Axis("expected_loss", _("Expected loss"), "integer", CURRENCY),
    )
