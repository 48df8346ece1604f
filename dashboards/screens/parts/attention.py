"""Sentences that need attention, most urgent first, each a link to the list behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import numbers
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped

Tone = Literal["bad", "watch", "news"]
_LOOK: Mapping[Tone, tuple[str, str]] = {
    "bad": (":material/error:", "red"),
    "watch": (":material/warning:", "orange"),
    "news": (":material/trending_up:", "blue"),
}
_MOST = 8  # sentences before the rest is folded away
_LONGEST = 240  # characters of a detail on this page


class Urgency(IntEnum):
    """In which order sentences stand, the most urgent first."""

    LATE = 0
    BROKEN = 1
    MOVED = 2
    TODAY = 3
    HELD = 4
    STALE = 5
    LOSS = 6
    WAITING = 7


@dataclass(frozen=True)
class Attention:
    """One sentence (Markdown), how urgent it is, and the list that it opens; `detail` is said below it."""

    urgency: Urgency
    sentence: str
    tone: Tone
    page: str = ""
    address: tuple[tuple[str, str], ...] = ()
    detail: str = ""


def show_attention(here: Here, found: Sequence[Attention]) -> None:
    """The sentences, most urgent first; the rest is folded away."""
    _ = here.say
    st.header(_("Needs attention"), anchor=False)
    if not found:
        st.success(_("All done: nothing needs attention now."), icon=":material/task_alt:")
        return
    told = sorted(found, key=lambda each: each.urgency)
    with wrapping_links("attention"):
        for each in told[:_MOST]:
            _show(here, each)
        if rest := told[_MOST:]:
            more = _("{sentences} more").format(sentences=numbers.integer(len(rest), here.language))
            with st.expander(more):
                for each in rest:
                    _show(here, each)


def _show(here: Here, each: Attention) -> None:
    icon, colour = _LOOK[each.tone]
    sentence = f":{colour}[{icon}] {each.sentence}"
    if each.page in here.pages:
        st.page_link(here.pages[each.page], label=sentence, query_params=each.address)
    else:
        st.markdown(sentence)
    if each.detail:
        plain = each.detail.replace("`", "")
        st.caption(escaped(plain[:_LONGEST] + ("…" if len(plain) > _LONGEST else "")))


def wrapping_links(key: str, gap: Literal["xsmall", "medium"] = "xsmall") -> DeltaGenerator:
    """A container whose links go on in the next line where they are too long for the screen."""
    st.html(f"<style>.st-key-{key} a * {{white-space: normal !important; overflow: visible}}</style>")
    return st.container(key=key, gap=gap)
