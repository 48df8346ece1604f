"""The order of the list and its columns: how both are said, chosen, and written to the address."""

from dataclasses import replace

import streamlit as st

from dashboards import numbers
from dashboards.explore.view import View
from dashboards.screens.address import tied
from dashboards.screens.explore.address import follow
from dashboards.screens.explore.explored import Explored
from dashboards.screens.parts.figure import escaped
from dashboards.wording import together

_DRAWN = ("score", "band")  # columns that every list shows, in a way of their own


def offer_order(explored: Explored) -> None:
    """The order of the list and its columns."""
    _, view = explored.here.say, explored.view
    usable = dict.fromkeys([*_DRAWN, *explored.usable()])
    listed = [name for name in explored.listed() if name not in _DRAWN]
    sorted_by, down = order_of(view)
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore-order"):
        st.selectbox(
            _("Sort by"),
            list(usable),
            format_func=explored.label,
            width=220,
            **tied("explore-sort", sorted_by, follow(lambda view, column: sorting(view, column, down=True))),
        )
        st.segmented_control(
            _("Direction"),
            ["down", "up"],
            format_func=lambda way: _("Highest first") if way == "down" else _("Lowest first"),
            required=True,
            label_visibility="collapsed",
            **tied(
                "explore-way",
                "down" if down else "up",
                follow(lambda view, way: sorting(view, order_of(view)[0], down=way == "down")),
            ),
        )
        with st.popover(_("Columns"), icon=":material/view_column:", key="explore-columns"):
            st.multiselect(
                _("Columns"),
                listed,
                format_func=explored.label,
                placeholder=_("those of the page"),
                select_all=False,
                **tied(
                    "explore-cols",
                    chosen_columns(explored),
                    follow(lambda view, names: replace(view, columns=tuple(names))),
                ),
            )


def order_of(view: View) -> tuple[str, bool]:
    """The column that a view sorts by, and whether from the greatest down."""
    return (view.sort.removeprefix("-"), view.sort.startswith("-")) if view.sort else ("score", True)


def sorting(view: View, column: str, *, down: bool) -> View:
    """The view in another order."""
    sort = ("-" if down else "") + column
    return replace(view, sort="" if sort == "-score" else sort)


def in_a_sentence(explored: Explored, found: int) -> str:
    """How many cases there are, in which order, and what a click does."""
    _, language = explored.here.say, explored.here.language
    column, down = order_of(explored.view)
    if (column, down) == ("score", True):
        words = _("{cases} cases, highest score first.")
    elif down:
        words = _("{cases} cases, from the highest «{column}» down.")
    else:
        words = _("{cases} cases, from the lowest «{column}» up.")
    told = words.format(cases=numbers.integer(found, language), column=escaped(explored.label(column)))
    hint = _("Choose a row to open it, a heading to sort by it.") if explored.subject.on_open else ""
    return together([told, hint], language)


def chosen_columns(explored: Explored) -> list[str]:
    """The columns that the view lists beside score and band; those of the page where it names none."""
    names = explored.view.columns or [each.column for each in explored.subject.columns]
    return [name for name in names if name in explored.listed() and name not in _DRAWN]
