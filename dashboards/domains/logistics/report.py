"""The report `fleet-daily`: which shipments are likely to be late, tomorrow's routes, what to order."""

import polars as pl

from dashboards.domains.logistics.driver_sheets import driver_sheets
from dashboards.domains.logistics.plan_sections import in_a_sentence, plan_sections, plans_ahead
from dashboards.domains.logistics.stock_sections import stock_sections
from dashboards.domains.logistics.wording import purpose, title
from dashboards.numbers import integer
from dashboards.queries.logistics import shipments
from dashboards.reports import standard
from dashboards.reports.desk import Blueprint, Content, Desk
from dashboards.reports.report import Column, Headlines, Paragraph
from dashboards.wording import together
from pipelines.logistics.contracts import SHIPMENTS


def write(desk: Desk) -> Content:
    """The report for one reader: figures, routes and orders where they are planned, then the shipments."""
    _ = desk.say
    now = shipments(desk.read, desk.task, desk.as_of)
    before = shipments(desk.read, desk.task, desk.before) if desk.before else None
    cases = desk.masked(now, SHIPMENTS)
    expected = float(now["score"].sum() or 0)
    plans = plans_ahead(desk)
    driven = [plan for plan in plans if plan.routes.height]
    late = _("About {late} of {all} shipments on the road are expected to be late.").format(
        late=integer(round(expected), desk.language), all=desk.count(now)
    )
    return Content(
        title=title(_),
        summary=together([late, in_a_sentence(desk, plans)], desk.language),
        sections=(
            _headlines(desk, now, before, expected),
            *plan_sections(desk, plans),
            *stock_sections(desk),
            *standard.charts_of_scores(desk),
            *standard.chart_of_outcomes(desk, _("Share delivered late, by month of dispatch")),
            *standard.chart_of_reliability(desk),
            standard.chart_of_segments(desk, cases, "depot", _("Mean score by depot"), _("Depot")),
            standard.chart_of_reasons(desk, cases),
            standard.ranking(
                desk,
                cases,
                _("Shipments most likely to be late"),
                Column("entity_id", _("Shipment")),
                Column("depot", _("Depot"), wraps=True),
                Column("carrier", _("Carrier"), wraps=True),
                Column("promised_at", _("Promised by"), "date"),
            ),
            Paragraph(_("What these numbers are for"), purpose(_)),
        ),
        documents=(driver_sheets(desk, driven),) if driven else (),
    )


def _headlines(desk: Desk, now: pl.DataFrame, before: pl.DataFrame | None, expected: float) -> Headlines:
    _ = desk.say
    common = standard.common_headlines(desk, now, before, _("Shipments on the road"))
    earlier = None if before is None else round(float(before["score"].sum() or 0))
    late = desk.headline(_("Expected to be late"), round(expected), earlier)
    return Headlines((*common.figures, late), common.since)


REPORT = Blueprint("fleet-daily", "logistics", "logistics.late_delivery", write, title)
