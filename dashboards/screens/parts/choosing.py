"""Choices that live in the address: one of several, some of many, a text, a yes. A default is not there."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Literal, TypeVar

import streamlit as st

from dashboards.screens.address import address, name_in_address, tied, value_in_address
from dashboards.screens.here import Here
from dashboards.screens.parts.heard import head_unseen
from dashboards.screens.parts.said_back import said_back
from dashboards.wording import with_commas

_ROW = 620  # pixels: among other choices, a row of its own

Name = TypeVar("Name", bound=str)  # what an option is called in the address


def choose_part(here: Here, titles: Mapping[str, str]) -> str:
    """Which part of a page a person looks at, the first unless one is chosen."""
    _ = here.say
    return choose("part", _("Part"), titles, hidden=True)


def choose(
    name: str,
    label: str,
    titles: Mapping[Name, str],
    default: Name | None = None,
    *,
    hidden: bool = False,
    within: Sequence[str] = (),
) -> Name:
    """One of a few, side by side: as the address says under `name`, else the `default` (the first).

    With a `hidden` label it chooses a part of the page, and what is chosen is the heading of that part.
    `within` are the names of choices that stand for something else once this one is changed.
    """
    with st.container(gap=None) if hidden else nullcontext():
        st.segmented_control(
            label,
            list(titles),
            format_func=titles.__getitem__,
            required=True,
            label_visibility="collapsed" if hidden else "visible",
            **_following(name, titles, default, within),
        )
        chosen = _chosen(name, titles)
        if hidden:
            head_unseen(titles[chosen])
    return chosen


def choose_listed(
    here: Here,
    name: str,
    label: str,
    titles: Mapping[Name, str],
    width: int = 240,
    default: Name | None = None,
    *,
    within: Sequence[str] = (),
) -> Name:
    """One of many, from a list that can be searched: as the address says, else the `default` (the first).

    A value in the address that is not there (any more) is said: what is shown is not what the link was of.
    `within` are the names of choices that stand for something else once this one is changed.
    """
    following = _following(name, titles, default, within)
    st.selectbox(label, list(titles), format_func=titles.__getitem__, width=width, **following)
    asked = value_in_address(name)
    _say_gone(here, name, label, [] if asked in titles else [asked])
    return _chosen(name, titles)


def choose_several(
    here: Here,
    name: str,
    label: str,
    titles: Mapping[str, str],
    default: Sequence[str] = (),
    most: int | None = None,
    *,
    width: int | Literal["stretch"] = "stretch",
) -> list[str]:
    """Some of many, in the order of `titles`; the `default` where the address names none that there is.

    None chosen means all. What is not there (any more) is said, as in a list.
    """
    asked = dict.fromkeys(address().get(name, ()))
    known = [each for each in titles if each in asked][:most]

    def act(chosen: Sequence[str]) -> None:
        name_in_address(name, () if chosen == list(default) else chosen)

    chosen = st.multiselect(
        label,
        list(titles),
        format_func=lambda each: titles[each],
        max_selections=most,
        placeholder=here.say("all"),
        width=width,
        **tied(_key(name), known or list(default), act),
    )
    _say_gone(here, name, label, [each for each in asked if each not in titles], known)
    return [each for each in titles if each in chosen]


def look_for(name: str, label: str, placeholder: str, width: int) -> str:
    """A text to search for, as the address says."""
    following = tied(_key(name), value_in_address(name), lambda typed: name_in_address(name, typed or ""))
    typed = st.text_input(label, type="search", placeholder=placeholder, width=width, **following)
    return (typed or "").strip()


def choose_also(name: str, label: str) -> bool:
    """Whether something is wanted beside: not, unless the address says so."""
    wanted = bool(value_in_address(name))
    return st.toggle(label, **tied(_key(name), wanted, lambda on: name_in_address(name, "1" if on else "")))


def _say_gone(here: Here, name: str, label: str, gone: Sequence[str], kept: Sequence[str] = ()) -> None:
    """Why a shared link shows something else than it did, and a way to take that out of the address."""
    _ = here.say
    if not any(gone):
        return

    with st.container(horizontal=True, vertical_alignment="center", width=_ROW):
        st.warning(
            _("{what}: there is no {values} here (any more).").format(
                what=label, values=with_commas([f"«{said_back(each)}»" for each in gone], here.language)
            ),
            icon=":material/search_off:",
        )
        st.button(
            _("Go on without"), key=f"drop-gone-{name}", on_click=name_in_address, args=(name, list(kept))
        )


def _following(
    name: str, titles: Mapping[Name, str], default: Name | None, within: Sequence[str]
) -> Mapping[str, Any]:
    """`key` and `on_change` of a widget that shows what the address says, and writes it there."""
    usual = default or next(iter(titles))

    def act(chosen: str) -> None:
        name_in_address(name, "" if chosen == usual else str(chosen), without=within)

    asked = value_in_address(name, usual)
    return tied(_key(name), asked if asked in titles else usual, act)


def _key(name: str) -> str:
    return f"choose-{name}"


def _chosen(name: str, titles: Mapping[Name, str]) -> Name:
    return next(each for each in titles if each == st.session_state[_key(name)])
