"""The carrier's pages: the first shows shipments by their risk of arriving late."""

from typing import Any

from dashboards.domains.logistics.arrivals import ARRIVALS
from dashboards.domains.logistics.routes import ROUTES
from dashboards.domains.logistics.stock import STOCK
from dashboards.domains.logistics.vehicles import VEHICLES
from dashboards.domains.logistics.wording import purpose, title, value_words
from dashboards.queries.logistics import EVENTS, FACTS, shipments_sql
from dashboards.queries.predictions import headline
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown
from dashboards.screens.parts.headline import Headline, headlines_of_events
from dashboards.wording import Say
from pipelines.words import words

_SHIPMENTS = "logistics.shipments"
_CARRIER = Shown("carrier", label=words("Carrier", "承运商"))
_DEPOT = Shown("depot", label=words("Depot", "发货仓库"))


def _headlines(here: Here, row: dict[str, Any]) -> list[Headline]:
    _ = here.say
    return headlines_of_events(
        here,
        row,
        _("Shipments under way"),
        _("Expected late"),
        _("The sum of all scores: how many of these shipments will miss their promise."),
    )


def _outcome(_: Say) -> str:
    return _("Late deliveries, by month of dispatch")


_PAGE = DomainPage(
    name="logistics",
    order=3,
    task="logistics.late_delivery",
    title=title,
    icon=":material/local_shipping:",
    about=purpose,
    outcome=_outcome,
    value_words=value_words,
    cases=shipments_sql,
    entity=Shown("entity_id", _SHIPMENTS, "shipment_id"),
    columns=(
        _CARRIER,
        _DEPOT,
        Shown("service", _SHIPMENTS),
        Shown("destination_city", _SHIPMENTS),
        Shown("distance_km", _SHIPMENTS),
        Shown("promised_at", _SHIPMENTS),
    ),
    segments=(_CARRIER, _DEPOT, Shown("service", _SHIPMENTS)),
    headline=headline,
    headlines=_headlines,
    facts=FACTS,
    events=EVENTS,
)
PAGES = (_PAGE, VEHICLES, ARRIVALS)
SCREENS = (ROUTES, STOCK)
