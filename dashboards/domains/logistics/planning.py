"""A day without a plan: what to do, and the button that plans it."""

from datetime import date
from threading import Event

import streamlit as st

from dashboards import numbers
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.searching import Progress, searched
from pipelines.store import Audit

LONGEST = 600.0  # seconds of search that a page waits for


def offer_plan(here: Here, depot_id: str, day: date, stops: int) -> None:
    """Says that there is no plan, and makes one on a button."""
    _ = here.say
    words = _("There is no plan yet for this day. {stops} stops wait for one.")
    st.info(words.format(stops=numbers.integer(stops, here.language)), icon=":material/route:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = st.number_input(
            _("Seconds to search"),
            min_value=1.0,
            max_value=LONGEST,
            value=min(LONGEST, here.settings.routing.seconds),
            step=1.0,
            key="routes-seconds",
            width=190,
        )
        asked = st.button(_("Plan this day"), type="primary", icon=":material/route:")
    st.caption(
        _("The daily run plans the next day by itself; `sda flow run plan` does it at once for all depots.")
    )
    if not asked:
        return
    with errors_in_words(_):
        _plan(here, depot_id, day, seconds)
        st.rerun()  # the plan is a new snapshot


def _plan(here: Here, depot_id: str, day: date, seconds: float) -> None:
    from analytics.routing.plan import plan_day

    def work(on_progress: Progress, stop: Event) -> str:
        made = plan_day(here.settings, depot_id, day, seconds=seconds, on_progress=on_progress, stop=stop)
        return made.plan_id

    plan_id = searched(here, seconds, work)
    with here.store.session() as session:
        session.add(Audit(who=here.role, action="routes.plan", detail=plan_id))
