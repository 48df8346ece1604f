"""The view of this browser tab: read from its address, written to its address, kept nowhere else.

Widgets follow the address: before one is drawn its state is set to what the view says (`tied`), and when a
person changes it the view in the address is written anew (`follow`). So a link, a bookmark, a reload and the
way back show the same, and two tabs know nothing of each other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboards.explore.view import View, is_of_a_view, view_in
from dashboards.screens.here import Here


def address() -> Mapping[str, list[str]]:
    """The names in the address and their values."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def asked() -> View:
    """The view that the address asks for."""
    return view_in(address())


def go(view: View) -> None:
    """Writes a view to the address in one step; names of others stay."""
    kept = {name: values for name, values in address().items() if not is_of_a_view(name)}
    for name, value in view.address():
        kept.setdefault(name, []).append(value)
    st.query_params.from_dict(kept)


def name_in_address(name: str, value: str, *, without: Sequence[str] = ()) -> None:
    """Writes one name of another sort (a tab, a case); "" takes it away, and with it what is `without`."""
    others = {each: values for each, values in address().items() if each not in (name, *without)}
    st.query_params.from_dict(others | ({name: [value]} if value else {}))


def tied(key: str, value: object) -> str:
    """The key of a widget that is made to show `value`: what the address says, whatever it showed before."""
    st.session_state[key] = value
    return key


def follow(key: str, changed: Callable[[View, Any], View]) -> Callable[[], None]:
    """What a widget calls when a person changed it: the view becomes `changed(view, its value)`."""

    def rewrite() -> None:
        go(changed(asked(), st.session_state[key]))

    return rewrite


def link(here: Here) -> str:
    """The address of what is shown, as a person may send it to others: in the language that they read."""
    query = urlencode([(name, value) for name, values in address().items() for value in values])
    seen = str(st.context.url or "").partition("?")[0]
    base = seen or f"{here.settings.public_url.rstrip('/')}/{here.page}"
    return f"{base}?{query}" if query else base
