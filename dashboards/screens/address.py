"""The address of this browser tab, and widgets that follow it. What a person set is kept nowhere else.

A widget follows the address: before it is drawn it is made to show what stands there, and when a person
changes it the address is written. So a link, a bookmark, a reload and the way back show the same, and two
tabs know nothing of each other.

A person may act twice before the first act is answered. The second message then carries what the browser
knew: the address from before the first act, and what other widgets showed then. Neither is a wish of theirs:
taken for one, it would undo the first act.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

Address = Mapping[str, Sequence[str]]

_LATE = 5  # answers that a message may be late by
_WRITTEN, _DISPLAYS = "address-written", "address-displays"


@dataclass(frozen=True)
class _Written:
    """The address as it was written last, and those before that the browser may still take for it."""

    now: Address
    before: tuple[Address, ...]


@dataclass
class _Display:
    """What a widget was made to show: now, and lately, until it was made to show something else."""

    now: str = ""
    before: deque[str] = field(default_factory=lambda: deque(maxlen=_LATE))


def address() -> Address:
    """The names in the address and their values; as written last where the browser had not heard of that."""
    found, written = _found(), _written()
    if written is None or found == written.now or found not in written.before:
        return found
    st.query_params.from_dict(written.now)
    return written.now


def value_in_address(name: str, default: str = "") -> str:
    """The value of a name in the address, the last one if it has several; the default where it has none."""
    return next(reversed(address().get(name, ())), default)


def begin_run() -> None:
    """Called before a page is drawn, after the widgets were heard: did the person go somewhere else?

    An address that no widget wrote came by a link or by the way back, and that is where they want to be.
    """
    written = _written()
    if written and _found() != written.now:
        del st.session_state[_WRITTEN]


def write(names: Address) -> None:
    """Writes the whole address in one step."""
    before, written = address(), _written()
    earlier = written.before if written else ()
    new = {name: list(values) for name, values in names.items() if values}
    st.session_state[_WRITTEN] = _Written(new, (*earlier, before)[-_LATE:])
    st.query_params.from_dict(new)


def name_in_address(name: str, value: str | Sequence[str], *, without: Sequence[str] = ()) -> None:
    """Writes the value or values of one name; none take it away. With it goes what is `without`."""
    values = [value] if isinstance(value, str) and value else value
    others = {each: found for each, found in address().items() if each not in (name, *without)}
    write({**others, name: values} if values else others)


def tied(key: str, value: object, act: Callable[[Any], None]) -> Mapping[str, Any]:
    """`key` and `on_change` of a widget that shows `value`, and does `act` with what a person makes of it.

    Left alone where it shows that already: set again, it would take back what a person changed meanwhile.
    """
    displays: dict[str, _Display] = st.session_state.setdefault(_DISPLAYS, {})
    if key not in st.session_state:  # drawn for the first time, or again after another page
        displays.pop(key, None)
        st.session_state[key] = value
    display = displays.setdefault(key, _Display())
    if told(st.session_state[key]) != told(value):
        display.before.append(told(st.session_state[key]))
        st.session_state[key] = value
    display.now = told(value)
    return {"key": key, "on_change": lambda: None if _is_echo(key) else act(st.session_state[key])}


def told(value: object) -> str:
    """A value as it stands in the address."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _found() -> Address:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _written() -> _Written | None:
    written: _Written | None = st.session_state.get(_WRITTEN)
    return written


def _is_echo(key: str) -> bool:
    """Whether it says only what it was made to show no longer, in a message about another widget."""
    displays: dict[str, _Display] = st.session_state[_DISPLAYS]
    return told(st.session_state[key]) in displays[key].before and any(
        told(st.session_state[other]) != each.now
        for other, each in displays.items()
        if other != key and other in st.session_state
    )
