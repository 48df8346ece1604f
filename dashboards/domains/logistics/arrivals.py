"""The carrier's page of today's arrivals: the stops still ahead, by the minutes they will be late."""

from analytics.task import Task
from dashboards.domains.logistics.cases import LABELS
from dashboards.domains.logistics.wording import purpose_of_stop_arrival, title_of_arrivals, value_words
from dashboards.explore import figure
from dashboards.explore.figure import Figure
from dashboards.queries.arrivals import EVENTS, FACTS
from dashboards.screens.domain import DomainPage
from dashboards.screens.parts.columns import Shown
from dashboards.wording import Say
from pipelines.queries import exact_mean
from pipelines.words import words

_TASK, _STOPS, _TRIPS = "logistics.stop_arrival", "logistics.trip_stops", "logistics.trips"
_LABELS = LABELS[_TASK]
_DEPOT = Shown("depot", label=_LABELS["depot"])


def _figures(task: Task) -> tuple[Figure, ...]:
    return (
        figure.cases(lambda _: _("Stops ahead")),
        Figure("vehicles", "count(DISTINCT vehicle_id)", lambda _: _("Vehicles on the road")),
        figure.urgent(task),
        Figure(
            "missed",
            "count(*) FILTER (expected_at > closes_at)",
            lambda _: _("Windows missed"),
            help=lambda _: _("Stops whose expected arrival lies after their window closes."),
        ),
        Figure("mean_minutes", exact_mean("score"), lambda _: _("Mean lateness (min)"), "number", digits=1),
    )


def _outcome(_: Say) -> str:
    return _("Minutes late, by month")


ARRIVALS = DomainPage(
    name="logistics-stop_arrival",
    order=5,
    task=_TASK,
    title=title_of_arrivals,
    icon=":material/schedule:",
    about=purpose_of_stop_arrival,
    outcome=_outcome,
    value_words=value_words,
    figures=_figures,
    entity=Shown("entity_id", label=words("Trip and position", "行程与顺序")),
    columns=(
        Shown("expected_at", label=_LABELS["expected_at"]),
        Shown("planned_at", _STOPS),
        Shown("closes_at", _STOPS),
        Shown("vehicle_id", _TRIPS),
        _DEPOT,
        Shown("place", _STOPS),
    ),
    segments=(_DEPOT, Shown("vehicle_id", _TRIPS), Shown("place", _STOPS)),
    more=(Shown("stop_id", _STOPS),),
    facts=FACTS,
    events=EVENTS,
)
