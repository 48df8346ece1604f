"""A table of which the database gives one page at a time, with a row to choose."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

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
    key: str, ids: Sequence[Any], columns: Mapping[str, Sequence[str]], alt: str, **config: Any
) -> None:
    """The rows as a table; a click on one remembers its id (`chosen`)."""

    def remember() -> None:
        selected = st.session_state[key]["selection"]
        places = selected["rows"] or [row for row, _column in selected["cells"]]
        if places and places[0] < len(ids):
            st.session_state[_chosen(key)] = ids[places[0]]

    st.dataframe(
        pl.DataFrame({name: list(values) for name, values in columns.items()}),
        hide_index=True,
        key=key,
        on_select=remember,
        selection_mode=["single-row", "single-cell"],
        height="content",
        column_config=config,
        alt=alt,
    )


def chosen(key: str) -> Any:
    """The id of the row that was chosen last, None where none was or it was closed."""
    return st.session_state.get(_chosen(key))


def choose(key: str, number: Any) -> None:
    """Opens a row; None closes it."""
    st.session_state[_chosen(key)] = number


def _chosen(key: str) -> str:
    return f"{key}-chosen"
