"""The report `fleet-daily`: which shipments are likely to be late, tomorrow's routes, what to order."""

from collections.abc import Iterator

from dashboards.domains.logistics.driver_sheets import driver_sheets
from dashboards.domains.logistics.plan_sections import in_a_sentence, plan_sections, plans_ahead
from dashboards.domains.logistics.stock_sections import stock_sections
from dashboards.domains.logistics.wording import title
from dashboards.queries.logistics import shipments_sql
from dashboards.queries.routes import PlanRows
from dashboards.reports import changes, standard
from dashboards.reports.desk import Blueprint, Scored
from dashboards.reports.document import Document
from dashboards.reports.report import Column, Headlines, Section, Table
from dashboards.wording import say, together
from pipelines.logistics.contracts import SHIPMENTS


def summary(desk: Scored) -> str:
    """How many will be late, and what is planned for the next day."""
    _ = desk.say
    now, _before = standard.measured(desk)
    late = _("About {late} of {all} shipments on the road are expected to be late.").format(
        late=desk.count(round(now["expected"] or 0)), all=desk.count(now["cases"])
    )
    return together([late, in_a_sentence(desk, _plans(desk))], desk.language)


def values(desk: Scored) -> dict[str, float]:
    """The figures by name: also how many are expected to be late, and how many stops cannot be served."""
    now, _before = standard.measured(desk)
    return {
        **standard.values(desk, now),
        "expected_late": float(now["expected"] or 0),
        "not_served": float(sum(plan.unserved.height for plan in _plans(desk))),
    }


def _plans(desk: Scored) -> list[PlanRows]:
    return desk.once(plans_ahead)


def _figures(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    now, before = standard.measured(desk)
    common = standard.common_headlines(desk, now, before, _("Shipments on the road"))
    earlier = None if before is None else round(before["expected"] or 0)
    late = desk.headline(_("Expected to be late"), round(now["expected"] or 0), earlier)
    yield Headlines((*common.figures, late), common.since)


def _routes(desk: Scored) -> Iterator[Section | Document]:
    plans = _plans(desk)
    yield from plan_sections(desk, plans)
    if driven := [plan for plan in plans if plan.routes.height]:
        yield driver_sheets(desk, driven)


def _outcomes(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    return standard.outcomes(desk, _("Share delivered late, by month of dispatch"))


def _segments(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    cases = shipments_sql(desk.task)
    return standard.segments(desk, cases, "depot", _("Mean score by depot"), _("Depot"))


def _ranking(desk: Scored) -> Iterator[Table]:
    _ = desk.say
    yield standard.ranking(
        desk,
        _("Shipments most likely to be late"),
        Column("entity_id", _("Shipment")),
        Column("depot", _("Depot"), wraps=True),
        Column("carrier", _("Carrier"), wraps=True),
        Column("promised_at", _("Promised by"), "date"),
    )


REPORT = Blueprint(
    name="fleet-daily",
    title=lambda language: title(say(language)),
    summary=summary,
    figures=(*standard.FIGURES, "expected_late", "not_served"),
    values=values,
    sections={
        "figures": _figures,
        "changes": changes.sections,
        "routes": _routes,
        "stock": stock_sections,
        "bands": standard.bands,
        "scores": standard.scores,
        "outcomes": _outcomes,
        "reliability": standard.reliability,
        "segments": _segments,
        "reasons": standard.reasons,
        "ranking": _ranking,
        "purpose": standard.purpose,
    },
    domain="logistics",
    task="logistics.late_delivery",
    cases=shipments_sql,
    contracts=(SHIPMENTS,),
    parameters={
        "carrier": "logistics.carriers.carrier_id",
        "depot": "logistics.depots.depot_id",
        "service": "logistics.shipments.service",
    },
    defaults={"schedule": "30 6 * * *"},
)
