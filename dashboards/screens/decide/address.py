"""What a person set on this tab, as the address says it: the threshold, the costs, the scenario."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import streamlit as st

from dashboards.screens.address import Address, name_in_address, tied, told, value_in_address, write


def number_in(name: str, default: float | None, low: float, high: float) -> float | None:
    """The number that the address gives, brought between `low` and `high`; the default if it gives none."""
    try:
        value = float(value_in_address(name))
    except ValueError:
        return default
    return min(max(value, low), high) if isfinite(value) else default


def text_in(name: str, known: Mapping[str, object], default: str) -> str:
    """The name that the address gives; the default where it gives none or one that is not known."""
    asked = value_in_address(name, default)
    return asked if asked in known else default


def put(name: str, value: object) -> None:
    """Writes a value into the address; None takes it out."""
    name_in_address(name, "" if value is None else told(value))


def follows(name: str, value: object) -> Mapping[str, Any]:
    """`key` and `on_change` of a widget that shows `value` now and writes what it becomes to the address."""
    return tied(f"decide-{name}", value, lambda new: put(name, new))


def offer_place(label: str, icon: str, place: Address, key: str) -> None:
    """A way to another place of this page. No link: to its own page Streamlit keeps the browser's address."""
    if st.button(label, icon=icon, type="tertiary", key=f"decide-to-{key}"):
        write(place)
        st.rerun()
