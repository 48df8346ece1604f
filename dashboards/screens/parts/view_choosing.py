"""One of the saved views of a report's page, for a subscription to be cut to."""

import streamlit as st

from analytics.catalog import task_named
from dashboards.addresses import page_of
from dashboards.explore.saved import views_for
from dashboards.explore.view import view_of
from dashboards.explore.view_words import in_words
from dashboards.own_bands import with_bands
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from pipelines.mailing import ReportSettings


def choose_saved_view(here: Here, report: str, given: ReportSettings) -> str:
    """The query of the view that a person chose; "" for all cases, or where no view of the page cuts them."""
    _ = here.say
    if not given.task:
        return ""
    task = with_bands(here.settings, task_named(given.task, here.settings))
    views, _kept = views_for(here.settings, page_of(given.task), task, here.role)
    found = {each.id: each for each in views}
    queries = {number: view_of(each.address).filters.query() for number, each in found.items()}
    known = [number for number, query in queries.items() if query]
    if not known:
        return ""
    number = st.selectbox(
        _("Only the cases of a saved view"),
        known,
        index=None,
        format_func=lambda each: found[each].name,
        key=f"new-{report}-view",
        placeholder=_("all cases"),
    )
    if number is None:
        return ""
    told = in_words(here.settings, task, view_of(queries[number]), here.language)
    st.caption(
        _("Each mail is about the cases that are like this then: **{filters}**.").format(
            filters=escaped(told)
        )
    )
    return queries[number]
