"""The day has begun: what is driven stays, the rest is planned anew around delays and new orders."""

from datetime import UTC, datetime, time
from threading import Event
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from dashboards.domains.logistics.comparison import show_comparison
from dashboards.queries.routes import PlanRows
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.searching import Progress, searched
from pipelines.store import Audit

if TYPE_CHECKING:
    from analytics.routing.plan import Plan
    from analytics.routing.replan import News

_SECONDS = 5.0
_LONGEST = 60.0


def show_replan(here: Here, rows: PlanRows) -> None:
    """Asks for the time and the delays, and plans the rest of the day on a button."""
    from analytics.routing.replan import News

    _ = here.say
    st.markdown(
        _(
            "What was driven until then stays as it is. The rest of the day is planned anew with the orders "
            "that have come in since and the delays below, and the new plan is in force at once."
        )
    )
    vehicles = rows.routes["vehicle_id"].unique(maintain_order=True).to_list()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        clock = st.time_input(
            _("Time now, on the depot's clock"), _now(rows), step=300, key="replan-now", width=230
        )
        seconds = st.number_input(
            _("Seconds to search"),
            min_value=0.5,
            max_value=_LONGEST,
            value=_SECONDS,
            key="replan-seconds",
            width=190,
        )
    cancelled = st.multiselect(
        _("Cancelled stops"),
        rows.stops.filter(~pl.col("driven"))["stop_id"].to_list(),
        placeholder=_("none"),
        key="replan-cancelled",
    )
    delays = _delays(here, vehicles)
    before = f"replanned-{rows.plan['depot_id']}-{rows.plan['day']}"
    if st.button(_("Replan the rest of the day"), type="primary", icon=":material/update:"):
        with errors_in_words(_):
            news = News(_moment(rows, clock), delays, tuple(cancelled))
            made = _replan(here, rows, news, seconds)
            st.session_state[before] = (rows, made.plan_id)
            st.rerun()  # the new plan is in force: the page shows it
    former, plan_id = st.session_state.get(before, (None, None))
    if former and plan_id == rows.plan["plan_id"]:
        st.success(_("Replanned. Against the plan before:"), icon=":material/check_circle:")
        show_comparison(here, former, rows, (_("Before"), _("Now")))


def _replan(here: Here, rows: PlanRows, news: "News", seconds: float) -> "Plan":
    from analytics.routing.replan import replan_with
    from analytics.routing.traffic import Search

    plan = rows.plan

    def work(on_progress: Progress, stop: Event) -> "Plan":
        how = Search(seconds, on_progress=on_progress, stop=stop)
        return replan_with(here.settings, plan["depot_id"], plan["day"], news, how)

    made = searched(here, seconds, work)
    with here.store.session() as session:
        session.add(Audit(who=here.role, action="routes.replan", detail=made.plan_id))
    return made


def _delays(here: Here, vehicles: list[str]) -> dict[str, float]:
    """Minutes by which vehicles are behind their plan, as a person enters them."""
    _ = here.say
    vehicle, minutes = _("Vehicle"), _("Minutes behind")
    edited = st.data_editor(
        pl.DataFrame({vehicle: vehicles, minutes: [0.0] * len(vehicles)}),
        hide_index=True,
        disabled=[vehicle],
        column_config={minutes: st.column_config.NumberColumn(min_value=0.0, max_value=720.0, step=1.0)},
        key=f"replan-delays-{'-'.join(vehicles)}",
        width=360,
    )
    return {name: late for name, late in edited.select(vehicle, minutes).iter_rows() if late}


def _now(rows: PlanRows) -> time:
    """The time of day to propose: now if the plan is for today, else two hours after the first departure."""
    now = datetime.now(ZoneInfo(rows.zone))
    if now.date() == rows.plan["day"]:
        return now.time().replace(second=0, microsecond=0)
    first: datetime | None = rows.routes["starts_at"].drop_nulls().min()  # type: ignore[assignment]
    if first is None:
        return time(10)
    local = first.replace(tzinfo=UTC).astimezone(ZoneInfo(rows.zone))
    return time(min(23, local.hour + 2))


def _moment(rows: PlanRows, clock: time) -> datetime:
    """A time on the depot's clock on the day of the plan, in UTC."""
    return datetime.combine(rows.plan["day"], clock, ZoneInfo(rows.zone)).astimezone(UTC)
