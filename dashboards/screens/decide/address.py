"""What a person set on this tab lives in the address: the threshold, the costs, the scenario.

A widget follows the address: before it is drawn it is made to show what stands there, and when a person
moves it the address is written. So links and reloads show the same, and two browser tabs know nothing of
each other.

Where widgets follow one another (a capacity follows the threshold), a person who moves one twice quickly
sends, with the second move, what the others showed before the first was answered. Such an echo is no wish of
theirs: taken for one, it would put the first back to where it was.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import streamlit as st

_LATE = 5  # answers that a message may be late by


@dataclass
class _Display:
    """What a widget was made to show: now, and lately, until it was made to show something else."""

    now: str = ""
    before: deque[str] = field(default_factory=lambda: deque(maxlen=_LATE))


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
    return {"key": key, "on_change": moved(key, lambda: put(**{name: st.session_state[key]}))}


def shown(key: str, value: object) -> str:
    """The key of a widget that is made to show `value`.

    Left alone where it does already: a value that is set again would take back what a person moved meanwhile.
    """
    asked, known = told(value), _displays().setdefault(key, _Display())
    if key not in st.session_state or told(st.session_state[key]) != asked:
        if key in st.session_state:
            known.before.append(told(st.session_state[key]))
        st.session_state[key] = value
    known.now = asked
    return key


def moved(key: str, act: Callable[[], None]) -> Callable[[], None]:
    """What a widget calls when it is changed: `act`, if a person did it."""
    return lambda: None if _is_echo(key) else act()


def _is_echo(key: str) -> bool:
    """Whether it says only what it was made to show no longer, in a message about another widget."""
    return told(st.session_state[key]) in _displays()[key].before and any(
        told(st.session_state[other]) != each.now
        for other, each in _displays().items()
        if other != key and other in st.session_state
    )


def _displays() -> dict[str, _Display]:
    found: dict[str, _Display] = st.session_state.setdefault("decide-displays", {})
    return found


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
