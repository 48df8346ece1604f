"""The filter bar: bands, a search, one choice for each segment, the worklist, and any other column."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboards.explore.view import View
from dashboards.queries.explore import values
from dashboards.screens.address import tied
from dashboards.screens.explore.address import follow
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.more_filters import offer_more
from dashboards.screens.explore.told import value_in_words, work_in_words
from dashboards.screens.parts.figure import escaped

MOST_OPTIONS = 200  # a longer list of values is searched (`more_filters`), not chosen from
_NARROW = 165  # pixels: two beside each other on a phone


def show_filters(explored: Explored) -> None:
    """Everything that narrows the list, each tied to its place in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore-filters"):
        _bands(explored)
        if explored.here.sees_cases(explored.task):
            _search(explored)
        for segment in explored.subject.segments:
            if segment.column in explored.usable():
                _segment(explored, segment.column)
        _worklist(explored)
        offer_more(explored)


def _bands(explored: Explored) -> None:
    _, task = explored.here.say, explored.task
    names = [band.name for band in task.bands] or explored.ask(values, "band")
    st.pills(
        _("Band"),
        names,
        selection_mode="multi",
        format_func=lambda band: value_in_words(explored, "band", band),
        wrap=True,
        **tied(
            "filter-band",
            [name for name in names if name in explored.view.chosen("band")],
            follow(choosing("band")),
        ),
    )


def _search(explored: Explored) -> None:
    _ = explored.here.say
    st.text_input(
        _("Find by number"),
        type="search",
        placeholder=_("how it begins, or *part"),
        help=_("The beginning of the number, or a part of it after a star: *123"),
        max_chars=100,
        width=190,
        **tied(
            "filter-search",
            explored.view.search,
            follow(lambda view, text: replace(view, search=(text or "").strip())),
        ),
    )


def _segment(explored: Explored, column: str) -> None:
    """The choice among the values of a column; nothing where there is nothing to choose between."""
    chosen = explored.view.chosen(column)
    known = explored.ask(values, column, "", MOST_OPTIONS + 1)
    if not chosen and not 1 < len(known) <= MOST_OPTIONS:
        return
    options = list(dict.fromkeys([*known[:MOST_OPTIONS], *chosen]))
    st.multiselect(
        escaped(explored.label(column)),
        options,
        format_func=lambda value: value_in_words(explored, column, value),
        placeholder=explored.here.say("all"),
        select_all=False,
        wrap=False,
        width=_NARROW,
        **tied(f"filter-{column}", list(chosen), follow(choosing(column))),
    )


def _worklist(explored: Explored) -> None:
    _ = explored.here.say
    st.selectbox(
        _("Worklist"),
        ["open", "mine", "done"],
        format_func=lambda work: work_in_words(_, work),
        placeholder=_("all"),
        width=_NARROW,
        **tied(
            "filter-work",
            explored.view.work or None,
            follow(lambda view, work: replace(view, work=work or "")),
        ),
    )


def choosing(column: str) -> Callable[[View, Any], View]:
    """What a choice of a column's values does to a view."""
    return lambda view, chosen: view.choosing(column, chosen)
