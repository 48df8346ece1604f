"""The few figures at the top of a page."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Headline:
    """One figure as it is shown, and what it means where that is not plain."""

    label: str
    value: str
    help: str = ""


def show_headlines(headlines: Sequence[Headline]) -> None:
    """The figures side by side; on a narrow screen two in a row."""
    with st.container(horizontal=True, key="headlines"):
        for each in headlines:
            st.metric(each.label, each.value, help=each.help or None, border=True, width=185)
