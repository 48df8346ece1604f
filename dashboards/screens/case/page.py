"""One case: its score with interval on the scale of bands, why, what happened, who is like it, what if."""

import streamlit as st

from dashboards.cases.history import history
from dashboards.cases.sheet import MOST_EVENTS
from dashboards.queries import predictions
from dashboards.screens.case.about import About
from dashboards.screens.case.change import offer_change
from dashboards.screens.case.events import events_of, in_columns, show_events
from dashboards.screens.case.feedback import show_feedback
from dashboards.screens.case.known import facts_of, show_facts
from dashboards.screens.case.paper import offer_sheet, origin
from dashboards.screens.case.reasons import show_reasons
from dashboards.screens.case.scene import LOOK, scene_of
from dashboards.screens.case.similar import show_similar
from dashboards.screens.case.verdict import show_verdict
from dashboards.screens.case.what_if import TRYING, show_what_if
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose
from dashboards.screens.parts.columns import labels, masked
from dashboards.screens.parts.export import Searched
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.said_back import said_back
from dashboards.screens.parts.work import show_work

_ICONS = {"why": "lightbulb", "events": "history", "similar": "group", TRYING: "tune"}


def show_case(here: Here, about: About, entity_id: str) -> None:
    """The page of one case; says so if there is no such case (any more)."""
    _, task = here.say, about.task
    found = here.ask(predictions.one, task, entity_id)
    if found.is_empty():
        st.warning(
            _("There is no case «{id}» among the predictions.").format(id=said_back(entity_id)),
            icon=":material/search_off:",
        )
        return
    row, entity = found.row(0, named=True), about.entity
    if row["score"] is None:
        st.warning(
            _("The case «{id}» was scored without a result.").format(id=said_back(entity_id)),
            icon=":material/search_off:",
        )
        return
    kind = labels(here, [entity])[entity.column]
    seen = str(masked(here, found, [entity])[entity.column][0])
    scene = scene_of(here, task, row)
    known = facts_of(here, about, entity_id, row["as_of"])
    name = Searched(f"{kind} {seen}")
    st.title(escaped(name), anchor=False)
    newest = events_of(here, about, entity_id, row["as_of"], MOST_EVENTS)
    offer_sheet(here, about, row, scene, name, known, in_columns(here, newest))
    if about.notice:
        st.info(about.notice, icon=":material/info:")
    show_verdict(here, task, row, here.ask_of_all(predictions.days, task)[0], name)
    look = _chosen_look(here)
    if look == "why":
        left, right = st.columns([3, 2], gap="large")
        with left:
            show_reasons(here, task, row, scene, name)
            offer_change(here, task, row, scene, name)
        with right:
            show_facts(here, about, known, row["as_of"])
    elif look == "events":
        if found["as_of"].n_unique() > 1:
            show_figure(here, history(task, found, here.language), told=[name])
        show_events(here, about, entity_id, row["as_of"], name)
    elif look == "similar":
        show_similar(here, task, scene, entity, name)
    else:
        show_what_if(here, task, row, scene, name)
    show_work(here, task, row)
    show_feedback(here, task, row)
    st.caption(origin(here, row))


def _chosen_look(here: Here) -> str:
    """The side of the case that is looked at; only that is drawn. It is in the address: `?look=similar`."""
    _ = here.say
    titles = {
        "why": _("Why this score"),
        "events": _("History and events"),
        "similar": _("Similar cases"),
        TRYING: _("What if"),
    }
    shown = {look: f":material/{_ICONS[look]}: {title}" for look, title in titles.items()}
    return choose(LOOK, _("Look at"), shown, hidden=True)
