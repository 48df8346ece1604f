"""A link from a figure to the list behind it: a page at a view, whatever else cuts it kept."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboards.addresses import ONLY
from dashboards.explore.view import View
from dashboards.screens.address import address, write
from dashboards.screens.here import Here


def link_to_list(here: Here, page: str, view: View, label: str, icon: str = ":material/list:") -> None:
    """A link to the cases of `page` that pass `view`."""
    if page != here.page:
        st.page_link(here.pages[page], label=label, icon=icon, query_params=address_of(view))
        return
    # A link to the page one is on shows other things and leaves the address as it was: nobody could share it.
    st.button(label, icon=icon, type="tertiary", on_click=_go, args=(view,), key=f"list-{view.query()}")


def address_of(view: View) -> Mapping[str, Sequence[str]]:
    """The names and values of the address: the view's, and the rows to which this page is cut."""
    names = {name: list(values) for name, values in address().items() if name.startswith(ONLY)}
    for name, value in view.address():
        names.setdefault(name, []).append(value)
    return names


def _go(view: View) -> None:
    write(address_of(view))
