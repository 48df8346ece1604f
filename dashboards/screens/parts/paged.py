"""A table of which the database gives one page at a time, with a row to choose."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.screens.here import Here
from dashboards.screens.parts.export import show_table

PAGE_SIZE = 10


def page_asked(key: str, *question: object) -> tuple[str, int]:
    """The pager's key and its page: a pager of its own for each question, so a new one starts on page 1."""
    pager = f"{key}-page-{question}"
    return pager, int(st.session_state.get(pager, 1))


def show_pager(pager: str, found: int) -> None:
    """The pager below a table, where there is more than one page."""
    pages = -(-found // PAGE_SIZE)
    if pages > 1:
        st.pagination(pages, key=pager)


def choose_row(
    here: Here,
    key: str,
    ids: Sequence[Any],
    rows: pl.DataFrame,
    title: str,
    *,
    whole: Callable[[], pl.DataFrame],
    told: Sequence[str] = (),
) -> None:
    """The rows as a table; a click on one remembers its id (`chosen`). Moments and numbers are written for
    the page; a file has the rows of all pages (`whole`) as they are.
    """

    def remember() -> None:
        selected = st.session_state[key]["selection"]
        places = selected["rows"] or [row for row, _column in selected["cells"]]
        if places and places[0] < len(ids):
            st.session_state[_chosen(key)] = ids[places[0]]

    show_table(
        here,
        key,
        _written(here, rows),
        told,
        title=title,
        whole=whole,
        key=key,
        on_select=remember,
        selection_mode=["single-row", "single-cell"],
    )


def chosen(key: str) -> Any:
    """The id of the row that was chosen last, None where none was or it was closed."""
    return st.session_state.get(_chosen(key))


def choose(key: str, number: Any) -> None:
    """Opens a row; None closes it."""
    st.session_state[_chosen(key)] = number


def _written(here: Here, rows: pl.DataFrame) -> pl.DataFrame:
    def cells(column: pl.Series) -> list[str]:
        if isinstance(column.dtype, pl.Datetime):
            return [numbers.moment(each, here.language, here.zone) for each in column]
        return [str(each) for each in column]

    return rows.select(pl.Series(each.name, cells(each), pl.String) for each in rows)


def _chosen(key: str) -> str:
    return f"{key}-chosen"
