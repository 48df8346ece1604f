"""What would be if: a vehicle less, a later shift, one stop more. Tried out for seconds, never stored."""

from datetime import UTC, datetime, time
from threading import Event
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from dashboards.domains.logistics.comparison import show_comparison, show_routes, with_places
from dashboards.domains.logistics.plan_words import kind_of_stop
from dashboards.queries.routes import PlanRows, fleet_of
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.searching import Progress, searched

if TYPE_CHECKING:
    from analytics.routing.plan import Plan
    from analytics.routing.what_if import Change

_SECONDS = 3.0
_LONGEST = 60.0


def show_what_if(here: Here, rows: PlanRows) -> None:
    """Asks for a change, tries it on the plan in force, and shows the difference."""
    _ = here.say
    st.markdown(_("Tries a change on the plan in force for a few seconds. Nothing of it is stored."))
    kinds = {
        "without": _("A vehicle less"),
        "later": _("A shift starts later"),
        "stop": _("One stop more"),
    }
    kind = st.segmented_control(
        _("Change"),
        list(kinds),
        format_func=kinds.__getitem__,
        default="without",
        required=True,
        key="what-if-kind",
    )
    change = {"without": _without, "later": _later, "stop": _new_stop}[str(kind)](here, rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = st.number_input(
            _("Seconds to search"),
            min_value=0.5,
            max_value=_LONGEST,
            value=_SECONDS,
            key="what-if-seconds",
            width=190,
        )
        asked = st.button(_("Try it"), type="primary", icon=":material/science:")
    tried = f"what-if-{rows.plan['plan_id']}-{change}"
    if asked:
        with errors_in_words(_):
            st.session_state[tried] = with_places(here, _try(here, rows, change, seconds))
    if then := st.session_state.get(tried):
        show_comparison(here, rows, then, (_("Plan in force"), _("Then")))
        show_routes(here, then, _("The routes then"))


def _try(here: Here, rows: PlanRows, change: "Change", seconds: float) -> "Plan":
    from analytics.routing.traffic import Search
    from analytics.routing.what_if import what_if_with

    plan = rows.plan

    def work(on_progress: Progress, stop: Event) -> "Plan":
        how = Search(seconds, on_progress=on_progress, stop=stop)
        return what_if_with(here.settings, plan["depot_id"], plan["day"], change, how)

    return searched(here, seconds, work)


def _without(here: Here, rows: PlanRows) -> "Change":
    from analytics.routing.what_if import WithoutVehicle

    return WithoutVehicle(_vehicle(here, rows, "what-if-without", _used(rows)))


def _later(here: Here, rows: PlanRows) -> "Change":
    from analytics.routing.what_if import LaterShift

    _ = here.say
    vehicle = _vehicle(here, rows, "what-if-later", ["", *_used(rows)])
    minutes = st.number_input(
        _("Minutes later"), min_value=5, max_value=600, value=60, step=5, key="what-if-minutes", width=190
    )
    return LaterShift(vehicle, float(minutes))


def _new_stop(here: Here, rows: PlanRows) -> "Change":
    """A stop by coordinates, amount and window; it is proposed in the middle of the day's stops."""
    from analytics.routing.what_if import NewStop

    _ = here.say
    with st.container(horizontal=True):
        latitude, longitude = (
            st.number_input(
                label,
                min_value=-limit,
                max_value=limit,
                value=_middle(rows, column),
                format="%.5f",
                key=f"what-if-{column}",
                width=190,
            )
            for label, limit, column in (
                (_("Latitude"), 90.0, "latitude"),
                (_("Longitude"), 180.0, "longitude"),
            )
        )
        kg = st.number_input(_("Weight (kg)"), min_value=0.0, value=20.0, key="what-if-kg", width=190)
        litres = st.number_input(_("Volume (l)"), min_value=0.0, value=100.0, key="what-if-litres", width=190)
        minutes = st.number_input(
            _("Service (min)"), min_value=0.0, max_value=1440.0, value=5.0, key="what-if-service", width=190
        )
        kind = st.selectbox(
            _("Task"),
            ["delivery", "pickup"],
            format_func=lambda each: kind_of_stop(each, _),
            key="what-if-task",
            width=190,
        )
        opens = st.time_input(_("Window opens"), time(8), key="what-if-opens", width=190)
        closes = st.time_input(_("Window closes"), time(17), key="what-if-closes", width=190)
    return NewStop(
        latitude=latitude,
        longitude=longitude,
        kg=kg,
        litres=litres,
        service_minutes=minutes,
        opens_at=_moment(rows, opens),
        closes_at=_moment(rows, closes),
        pickup=kind == "pickup",
    )


def _vehicle(here: Here, rows: PlanRows, key: str, used: list[str]) -> str:
    """One of the vehicles in use, of `used`, or an idle one of the depot; "" stands for all."""
    _ = here.say
    idle = [each for each in here.ask(fleet_of, rows.plan["depot_id"]) if each not in used]
    chosen = st.selectbox(
        _("Vehicle"),
        [*used, *idle],
        format_func=lambda name: _idle(here, name) if name in idle else name or _("all vehicles"),
        key=key,
        width=260,
    )
    return str(chosen or "")


def _used(rows: PlanRows) -> list[str]:
    return [str(name) for name in rows.routes["vehicle_id"].unique(maintain_order=True)]


def _idle(here: Here, vehicle: str) -> str:
    _ = here.say
    return _("{vehicle} (not in use)").format(vehicle=vehicle)


def _middle(rows: PlanRows, column: str) -> float:
    places = pl.concat([rows.stops[column], rows.unserved[column]]).drop_nulls()
    return float(places.median() or 0.0)  # type: ignore[arg-type]


def _moment(rows: PlanRows, clock: time) -> datetime:
    """A time on the depot's clock on the day of the plan, in naive UTC."""
    local = datetime.combine(rows.plan["day"], clock, ZoneInfo(rows.zone))
    return local.astimezone(UTC).replace(tzinfo=None)
