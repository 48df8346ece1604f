"""The ranked list: ordered and paged by the database, in the columns of the view; a row opens its case."""

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.queries.explore import After, page
from dashboards.screens.address import address
from dashboards.screens.explore.address import go
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.order import chosen_columns, in_a_sentence, offer_order, order_of, sorting
from dashboards.screens.explore.rows import in_rows, score_column
from dashboards.screens.guard import errors_in_words

PAGE_SIZE = 20
_ALWAYS = ("entity_id", "score", "band", "reasons", "score_before", "band_before", "moved")
_PAGES = "explore-pages"
# A heading sorts, a row or any cell of it opens the case.
_SELECTABLE: tuple[Literal["single-column", "single-row", "single-cell"], ...] = (
    "single-column",
    "single-row",
    "single-cell",
)


def show_list(explored: Explored, found: int) -> None:
    """One page of the cases, its order, its columns, and the way to the next page."""
    _ = explored.here.say
    if not found:
        st.info(
            _("No case passes these filters. Take one away to see more."), icon=":material/filter_alt_off:"
        )
        return
    offer_order(explored)
    st.caption(in_a_sentence(explored, found))
    _show_page(explored, found, address())


@st.fragment
def _show_page(explored: Explored, found: int, drawn_at: Mapping[str, Sequence[str]]) -> None:
    """The page of the list; turning it draws nothing else anew, unless a click changed the address."""
    if address() != drawn_at:
        st.rerun()
    with errors_in_words(explored.here.say):
        begins = _begins(explored)
        columns = list(dict.fromkeys([*_ALWAYS, *chosen_columns(explored)]))
        shown = explored.ask(page, explored.asked, columns, PAGE_SIZE, explored.excluded, begins[-1])
        _show_rows(explored, shown.rows)
        _offer_pages(explored, begins, shown.next, shown.rows.height, found)


def _begins(explored: Explored) -> list[After | None]:
    """Where the pages up to the one that is looked at begin. A new question starts on its first page."""
    question = (explored.task.name, explored.board.key, explored.asked.query(), explored.excluded)
    kept = st.session_state.get(_PAGES)
    if not kept or kept[0] != question:
        st.session_state[_PAGES] = kept = (question, [None])
    return list(kept[1])


def _turn(begins: list[After | None]) -> None:
    st.session_state[_PAGES] = (st.session_state[_PAGES][0], begins)


def _offer_pages(
    explored: Explored, begins: list[After | None], following: After | None, shown: int, found: int
) -> None:
    _, language = explored.here.say, explored.here.language
    first = (len(begins) - 1) * PAGE_SIZE + 1
    with st.container(horizontal=True, vertical_alignment="center", key="explore-pages"):
        st.markdown(
            _("{first}–{last} of {all}").format(
                first=numbers.integer(first, language),
                last=numbers.integer(first + shown - 1, language),
                all=numbers.integer(found, language),
            ),
            width="content",
        )
        if found > PAGE_SIZE:
            st.button(
                _("Previous"),
                icon=":material/chevron_left:",
                key="page-before",
                disabled=len(begins) == 1,
                on_click=_turn,
                args=(begins[:-1],),
            )
            st.button(
                _("Next"),
                icon=":material/chevron_right:",
                icon_position="right",
                key="page-after",
                disabled=following is None,
                on_click=_turn,
                args=([*begins, following],),
            )


def _show_rows(explored: Explored, rows: pl.DataFrame) -> None:
    _, on_open = explored.here.say, explored.subject.on_open
    table = in_rows(explored, rows)
    # Every click makes a new table, so that the browser keeps no row or head selected.
    clicks = "explore-list-clicks"
    key = f"explore-list-{st.session_state.get(clicks, 0)}"

    def chosen() -> None:
        selection = st.session_state[key]["selection"]
        st.session_state[clicks] = st.session_state.get(clicks, 0) + 1
        places = selection["rows"] or [row for row, _column in selection["cells"]]
        if places and on_open and places[0] < rows.height:
            on_open(str(rows["entity_id"][places[0]]))
        elif selection["columns"] and (column := table.columns.get(selection["columns"][0])):
            sorted_by, down = order_of(explored.view)
            go(sorting(explored.view, column, down=not down if column == sorted_by else True))

    st.dataframe(
        table.frame,
        hide_index=True,
        key=key,
        on_select=chosen,
        selection_mode=_SELECTABLE if on_open else "single-column",
        column_config={
            _("Score"): score_column(explored),
            **{name: st.column_config.TextColumn(alignment="right") for name in table.numeric},
        },
        height="content",
        alt=_("Ranked list"),
    )
