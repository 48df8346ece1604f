"""The carrier's page of today's arrivals: the stops still ahead, by the minutes they will be late."""

from typing import Any

from dashboards import numbers
from dashboards.domains.logistics.wording import purpose_of_stop_arrival, title_of_arrivals, value_words
from dashboards.queries.arrivals import EVENTS, FACTS, arrivals_headline, arrivals_sql
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown
from dashboards.screens.parts.headline import Headline
from dashboards.wording import Say
from pipelines.words import words

_STOPS, _TRIPS = "logistics.trip_stops", "logistics.trips"
_DEPOT = Shown("depot", label=words("Depot", "所属仓库"))


def _headlines(here: Here, row: dict[str, Any]) -> list[Headline]:
    _, language = here.say, here.language
    return [
        Headline(_("Stops ahead"), numbers.integer(row["cases"], language)),
        Headline(_("Vehicles on the road"), numbers.integer(row["vehicles"], language)),
        Headline(_("In the upper bands"), numbers.integer(row["urgent"], language)),
        Headline(
            _("Windows missed"),
            numbers.integer(row["missed"], language),
            _("Stops whose expected arrival lies after their window closes."),
        ),
        Headline(_("Mean lateness (min)"), numbers.number(row["mean_minutes"], language, 1)),
    ]


def _outcome(_: Say) -> str:
    return _("Minutes late, by month")


ARRIVALS = DomainPage(
    name="logistics-stop_arrival",
    order=5,
    task="logistics.stop_arrival",
    title=title_of_arrivals,
    icon=":material/schedule:",
    about=purpose_of_stop_arrival,
    outcome=_outcome,
    value_words=value_words,
    cases=arrivals_sql,
    entity=Shown("entity_id", label=words("Trip and position", "行程与顺序")),
    columns=(
        _DEPOT,
        Shown("vehicle_id", _TRIPS),
        Shown("place", _STOPS),
        Shown("planned_at", _STOPS),
        Shown("expected_at", label=words("Expected arrival", "预计到达")),
        Shown("closes_at", _STOPS),
    ),
    segments=(_DEPOT, Shown("vehicle_id", _TRIPS), Shown("place", _STOPS)),
    headline=arrivals_headline,
    headlines=_headlines,
    facts=FACTS,
    events=EVENTS,
)
