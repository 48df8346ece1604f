"""What a person set on this tab lives in the address: the threshold, the costs, the scenario.

A widget follows the address: before it is drawn it is made to show what stands there, and when a person
moves it the address is written. So links and reloads show the same, and two browser tabs know nothing of
each other.
"""

from collections.abc import Callable, Mapping
from math import isfinite

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
            st.query_params[name] = f"{value:g}" if isinstance(value, float) else str(value)


def tied(name: str, value: object) -> Mapping[str, object]:
    """`key` and `on_change` of a widget that shows `value` now and writes what it becomes to the address."""
    key = f"decide-{name}"
    st.session_state[key] = value

    def write() -> None:
        put(**{name: st.session_state[key]})

    return {"key": key, "on_change": write}


def setting(**values: object) -> Callable[[], None]:
    """What a button calls to write values into the address."""
    return lambda: put(**values)
