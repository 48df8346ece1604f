"""The report `credit-portfolio`: where the open loan applications stand, and which to look at first."""

import polars as pl

from dashboards.domains.finance.wording import purpose, title, value_words
from dashboards.queries.finance import CURRENCY, applications
from dashboards.reports import standard
from dashboards.reports.desk import Blueprint, Content, Desk
from dashboards.reports.report import Column, Headline, Headlines, Paragraph
from pipelines.finance.contracts import CUSTOMERS, LOANS


def write(desk: Desk) -> Content:
    """The report for one reader: figures, bands, trend, purposes, reasons and the highest scores."""
    _ = desk.say
    now = applications(desk.read, desk.task, desk.as_of)
    before = applications(desk.read, desk.task, desk.before) if desk.before else None
    cases = desk.masked(now, LOANS, CUSTOMERS).with_columns(pl.col("purpose").replace(value_words(_)))
    expected = _sum(now, "expected_loss")
    return Content(
        title=title(_),
        summary=_("{high} of {all} open applications stand in the upper bands; expected loss {loss}.").format(
            high=desk.count(standard.urgent(desk, now)),
            all=desk.count(now),
            loss=desk.money(expected, CURRENCY),
        ),
        sections=(
            _headlines(desk, now, before),
            *standard.charts_of_scores(desk),
            *standard.chart_of_outcomes(desk, _("Defaults within 12 months, by month of application")),
            *standard.chart_of_reliability(desk),
            standard.chart_of_segments(desk, cases, "purpose", _("Mean score by purpose"), _("Purpose")),
            standard.chart_of_reasons(desk, cases),
            standard.ranking(
                desk,
                cases,
                _("Applications with the highest scores"),
                Column("entity_id", _("Application")),
                Column("amount_eur", _("Amount"), "integer", CURRENCY),
                Column("purpose", _("Purpose"), wraps=True),
            ),
            Paragraph(_("What these numbers are for"), purpose(_)),
        ),
    )


def _headlines(desk: Desk, now: pl.DataFrame, before: pl.DataFrame | None) -> Headlines:
    _ = desk.say
    common = standard.common_headlines(desk, now, before, _("Open applications"))
    loss, earlier = _sum(now, "expected_loss"), _sum(before, "expected_loss")
    change = "" if earlier is None or loss is None else _signed_money(desk, loss - earlier)
    return Headlines(
        (*common.figures, Headline(_("Expected loss"), desk.money(loss, CURRENCY), change)), common.since
    )


def _sum(cases: pl.DataFrame | None, column: str) -> float | None:
    return None if cases is None else float(cases[column].sum() or 0)


def _signed_money(desk: Desk, amount: float) -> str:
    return ("+" if amount >= 0 else "−") + desk.money(abs(amount), CURRENCY)


REPORT = Blueprint("credit-portfolio", "finance", "finance.credit_default", write, title)
