"""The report `data-quality`, for whoever keeps the data flowing: what came, what was refused or is stuck."""

from dashboards.numbers import day
from dashboards.reports import quality_found as data
from dashboards.reports import quality_sections
from dashboards.reports.desk import Blueprint, Desk
from dashboards.wording import say, together


def title(language: str) -> str:
    """The title of the report."""
    _ = say(language)
    return _("Data quality")


def summary(desk: Desk) -> str:
    """What came in, and what needs a person."""
    _ = desk.say
    found = data.figures(desk)
    words = _("{rows} rows in {loads} loads since {day}, {refused} of them to quarantine.").format(
        rows=desk.count(found["rows_in"]),
        loads=desk.count(found["loads"]),
        refused=desk.count(found["quarantined"]),
        day=day(data.since(desk), desk.language, desk.timezone),
    )
    urgent = _("Matters that need a look: {count}.").format(count=desk.count(found["urgent"]))
    return together([words, urgent if found["urgent"] else _("Nothing needs a look.")], desk.language)


REPORT = Blueprint(
    name="data-quality",
    title=title,
    summary=summary,
    figures=(
        *("rows", "loads", "rows_in", "quarantined", "waiting", "stale", "act", "not_delivered"),
        *("changed", "urgent"),
    ),
    values=data.figures,
    sections={
        "figures": quality_sections.figures,
        "freshness": quality_sections.freshness,
        "loads": quality_sections.loads,
        "tables": quality_sections.tables,
        "quarantine": quality_sections.quarantined,
        "schema": quality_sections.schemas,
        "models": quality_sections.models_in_service,
        "deliveries": quality_sections.deliveries,
    },
    defaults={
        "role": "engineer",
        "schedule": "0 6 * * *",
        "hold_on_drift": False,
        "hold_on_broken_contract": False,
    },
)
