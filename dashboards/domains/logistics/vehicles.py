"""The carrier's second page: its own vehicles by their risk of breaking down."""

from analytics.task import Task
from dashboards.domains.logistics.cases import LABELS
from dashboards.domains.logistics.wording import (
    purpose_of_vehicle_breakdown,
    title_of_vehicles,
    value_words,
)
from dashboards.explore import figure
from dashboards.explore.figure import Figure
from dashboards.queries.vehicles import EVENTS, FACTS
from dashboards.screens.domain import DomainPage
from dashboards.screens.parts.columns import Shown
from dashboards.wording import Say

_TASK, _VEHICLES = "logistics.vehicle_breakdown", "logistics.vehicles"
_LABELS = LABELS[_TASK]
_DEPOT = Shown("depot", label=_LABELS["depot"])


def _figures(task: Task) -> tuple[Figure, ...]:
    return (
        figure.cases(lambda _: _("Vehicles")),
        figure.urgent(task),
        figure.expected(
            lambda _: _("Expected breakdowns"),
            lambda _: _("The sum of all scores: how many of these vehicles will break down within 14 days."),
        ),
        figure.mean_score(task),
    )


def _outcome(_: Say) -> str:
    return _("Breakdowns within 14 days, by month")


VEHICLES = DomainPage(
    name="logistics-vehicle_breakdown",
    order=4,
    task=_TASK,
    title=title_of_vehicles,
    icon=":material/car_crash:",
    about=purpose_of_vehicle_breakdown,
    outcome=_outcome,
    value_words=value_words,
    figures=_figures,
    entity=Shown("entity_id", _VEHICLES, "vehicle_id"),
    columns=(
        _DEPOT,
        Shown("model", _VEHICLES),
        Shown("in_service_on", _VEHICLES),
        Shown("km_a_year", _VEHICLES),
        Shown("messages", label=_LABELS["messages"]),
    ),
    segments=(_DEPOT, Shown("model", _VEHICLES)),
    facts=FACTS,
    events=EVENTS,
)
