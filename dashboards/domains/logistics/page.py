"""The carrier's pages: the first shows shipments by their risk of arriving late."""

from analytics.task import Task
from dashboards.domains.logistics.arrivals import ARRIVALS
from dashboards.domains.logistics.cases import LABELS
from dashboards.domains.logistics.routes import ROUTES
from dashboards.domains.logistics.stock import STOCK
from dashboards.domains.logistics.tabs.ahead import AHEAD
from dashboards.domains.logistics.tabs.causes import CAUSES
from dashboards.domains.logistics.tabs.punctuality import PUNCTUALITY
from dashboards.domains.logistics.vehicles import VEHICLES
from dashboards.domains.logistics.wording import purpose, title, value_words
from dashboards.explore import figure
from dashboards.explore.figure import Figure
from dashboards.queries.logistics import EVENTS, FACTS
from dashboards.screens.domain import DomainPage
from dashboards.screens.parts.columns import Shown
from dashboards.wording import Say

_TASK, _SHIPMENTS = "logistics.late_delivery", "logistics.shipments"
_LABELS = LABELS[_TASK]
_CARRIER = Shown("carrier", label=_LABELS["carrier"])
_DEPOT = Shown("depot", label=_LABELS["depot"])


def _figures(task: Task) -> tuple[Figure, ...]:
    return (
        figure.cases(lambda _: _("Shipments under way")),
        figure.urgent(task),
        figure.expected(
            lambda _: _("Expected late"),
            lambda _: _("The sum of all scores: how many of these shipments will miss their promise."),
        ),
        figure.mean_score(task),
    )


def _outcome(_: Say) -> str:
    return _("Late deliveries, by month of dispatch")


_PAGE = DomainPage(
    name="logistics",
    order=3,
    task=_TASK,
    title=title,
    icon=":material/local_shipping:",
    about=purpose,
    outcome=_outcome,
    value_words=value_words,
    figures=_figures,
    entity=Shown("entity_id", _SHIPMENTS, "shipment_id"),
    columns=(
        Shown("promised_at", _SHIPMENTS),
        _CARRIER,
        _DEPOT,
        Shown("destination_city", _SHIPMENTS),
        Shown("service", _SHIPMENTS),
        Shown("distance_km", _SHIPMENTS),
    ),
    segments=(_CARRIER, _DEPOT, Shown("service", _SHIPMENTS)),
    more=(
        Shown("consignee", _SHIPMENTS),
        Shown("destination_country", _SHIPMENTS),
        Shown("mode", _SHIPMENTS),
        Shown("dispatched_at", _SHIPMENTS),
    ),
    facts=FACTS,
    events=EVENTS,
    tabs=(PUNCTUALITY, CAUSES, AHEAD),
)
PAGES = (_PAGE, VEHICLES, ARRIVALS)
SCREENS = (ROUTES, STOCK)
