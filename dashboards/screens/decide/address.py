"""What a person set on this tab lives in the address: the threshold, the costs, the scenario.

A widget follows the address: before it is drawn it is made to show what stands there, and when a person
moves it the address is written. So links and reloads show the same, and two browser tabs know nothing of
each other.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import streamlit as st


def number_in(name: str, default: float | None, low: float, high: float) -> float | None:
    """The number that the address gives, brought between `low` and `high`; the default if it gives none."""
    try:
        value = float(st.query_params.get(name, ""))
    except ValueError:
        return default
    return min(max(value, low), high) if isfinite(value) else default


def text_in(name: str, known: Mapping[str, object], default: str) -> str:
    """The name that the address gives; the default where it gives none or one that is not known."""
    asked = st.query_params.get(name, default)
    return asked if asked in known else default


def put(**values: object) -> None:
    """Writes values into the address; None takes one out of it."""
    for name, value in values.items():
        if value is None:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = told(value)


def tied(name: str, value: object) -> Mapping[str, Any]:
    """`key` and `on_change` of a widget that shows `value` now and writes what it becomes to the address."""
    key = shown(f"decide-{name}", value)

    def write() -> None:
        put(**{name: st.session_state[key]})

    return {"key": key, "on_change": write}


def shown(key: str, value: object) -> str:
    """The key of a widget that is made to show `value`.

    Left alone where it does already: a value that is set again would take back what a person moved meanwhile.
    """
    if key not in st.session_state or told(st.session_state[key]) != told(value):
        st.session_state[key] = value
    return key


def told(value: object) -> str:
    """A value as it stands in the address."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def offer_place(label: str, icon: str, address: Mapping[str, Sequence[str]], key: str) -> None:
    """A way to another place of this page. No link: to its own page Streamlit keeps the browser's address."""
    if st.button(label, icon=icon, type="tertiary", key=f"decide-to-{key}"):
        st.query_params.from_dict(address)
        st.rerun()


def setting(**values: object) -> Callable[[], None]:
    """What a button calls to write values into the address."""
    return lambda: put(**values)
