"""The carrier's second page: its own vehicles by their risk of breaking down."""

from typing import Any

from dashboards.domains.logistics.wording import (
    purpose_of_vehicle_breakdown,
    title_of_vehicles,
    value_words,
)
from dashboards.queries.predictions import headline
from dashboards.queries.vehicles import EVENTS, FACTS, vehicles_sql
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown
from dashboards.screens.parts.headline import Headline, headlines_of_events
from dashboards.wording import Say
from pipelines.words import words

_VEHICLES = "logistics.vehicles"
_DEPOT = Shown("depot", label=words("Depot", "所属仓库"))


def _headlines(here: Here, row: dict[str, Any]) -> list[Headline]:
    _ = here.say
    return headlines_of_events(
        here,
        row,
        _("Vehicles"),
        _("Expected breakdowns"),
        _("The sum of all scores: how many of these vehicles will break down within 14 days."),
    )


def _outcome(_: Say) -> str:
    return _("Breakdowns within 14 days, by month")


VEHICLES = DomainPage(
    name="logistics-vehicle_breakdown",
    order=4,
    task="logistics.vehicle_breakdown",
    title=title_of_vehicles,
    icon=":material/car_crash:",
    about=purpose_of_vehicle_breakdown,
    outcome=_outcome,
    value_words=value_words,
    cases=vehicles_sql,
    entity=Shown("entity_id", _VEHICLES, "vehicle_id"),
    columns=(
        _DEPOT,
        Shown("model", _VEHICLES),
        Shown("in_service_on", _VEHICLES),
        Shown("km_a_year", _VEHICLES),
        Shown("messages", label=words("Messages, 28 days", "近28天消息数")),
    ),
    segments=(_DEPOT, Shown("model", _VEHICLES)),
    headline=headline,
    headlines=_headlines,
    facts=FACTS,
    events=EVENTS,
)
