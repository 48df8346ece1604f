"""The view of this browser tab, as its address says it and as widgets write it there."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboards.explore.view import View, is_of_a_view, view_in
from dashboards.screens.address import address, write
from dashboards.screens.here import Here


def asked() -> View:
    """The view that the address asks for."""
    return view_in(address())


def go(view: View) -> None:
    """Writes a view to the address in one step; names of others stay."""
    names = {name: list(values) for name, values in address().items() if not is_of_a_view(name)}
    for name, value in view.address():
        names.setdefault(name, []).append(value)
    write(names)


def follow(changed: Callable[[View, Any], View]) -> Callable[[Any], None]:
    """What a widget does when a person changed it: the view becomes `changed(view, its value)`."""
    return lambda value: go(changed(asked(), value))


def link(here: Here) -> str:
    """The address of what is shown, as a person may send it to others: in the language that they read."""
    query = urlencode([(name, value) for name, values in address().items() for value in values])
    seen = str(st.context.url or "").partition("?")[0]
    base = seen or f"{here.settings.public_url.rstrip('/')}/{here.page}"
    return f"{base}?{query}" if query else base
