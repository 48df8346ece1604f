"""What narrows the list, each with a way to let go of it; and what of it says nothing (any more)."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboards import numbers
from dashboards.explore.view import View
from dashboards.queries.explore_figures import there
from dashboards.screens.explore.address import asked, go
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.told import filters_in_words, value_in_words
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.said_back import said_back
from dashboards.wording import with_commas


def show_chips(explored: Explored, found: int, of: int, gone: Sequence[str]) -> None:
    """How many cases were found, what narrows them, and what could not be asked (`gone` are columns)."""
    _, language, told = explored.here.say, explored.here.language, filters_in_words(explored)
    with st.container(horizontal=True, vertical_alignment="center", key="explore-chips"):
        if told:
            st.markdown(
                _("**{found}** of {all} cases").format(
                    found=numbers.integer(found, language), all=numbers.integer(of, language)
                ),
                width="content",
            )
        for place, each in enumerate(told):
            st.button(
                said_back(each.text),
                key=f"drop-filter-{place}",
                icon=":material/close:",
                help=_("Drop this filter"),
                on_click=go,
                args=(each.without,),
            )
        if len(told) > 1:
            st.button(
                _("Drop all filters"),
                key="drop-all-filters",
                icon=":material/filter_alt_off:",
                type="tertiary",
                on_click=go,
                args=(unfiltered(explored.view),),
            )
    _say_gone_columns(explored, gone)
    _say_gone_values(explored)


def unfiltered(view: View) -> View:
    """The same view of all cases."""
    return replace(view, search="", choices=(), ranges=(), work="")


def _say_gone_columns(explored: Explored, gone: Sequence[str]) -> None:
    """Filters in the address that this page cannot follow; they are left out and can be dropped."""
    _ = explored.here.say
    if not gone:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            _("This page cannot filter or sort by {columns} (any more); that is left out.").format(
                columns=with_commas([f"«{said_back(name)}»" for name in gone], explored.here.language)
            ),
            icon=":material/filter_alt_off:",
        )
        st.button(
            _("Take it out of the address"),
            key="drop-unknown",
            on_click=go,
            args=(explored.view,),
        )


def _say_gone_values(explored: Explored) -> None:
    """Chosen values that no case has: why a shared link shows less than it did."""
    _ = explored.here.say
    for column, wanted in explored.view.choices:
        named = [value for value in wanted if value]
        found = explored.ask(there, column, named) if named else []
        gone = [value_in_words(explored, column, value) for value in named if value not in found]
        known = {band.name for band in explored.task.bands} if column in ("band", "band_before") else set()
        if gone and not known.issuperset(named) and column != "moved":
            kept = [value for value in wanted if value in found or not value]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.warning(
                    _("There is no {what} {values} (any more).").format(
                        what=escaped(explored.label(column)),
                        values=with_commas([f"«{said_back(each)}»" for each in gone], explored.here.language),
                    ),
                    icon=":material/search_off:",
                )
                st.button(
                    _("Go on without"),
                    key=f"drop-gone-{column}",
                    on_click=_choose,
                    args=(column, kept),
                )


def _choose(column: str, values: Sequence[str]) -> None:
    go(asked().choosing(column, values))
