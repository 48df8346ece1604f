"""The few figures at the top of a page."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

# `:empty`: a sparkline holds an empty group of marks, an image without words to a screen reader.
STYLE = """
<style>
[class*="st-key-headlines"] {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem
}
[class*="st-key-headlines"] > div {width: auto !important; height: 100%}
[class*="st-key-headlines"] [data-testid="stMetric"] {height: 100%}
[class*="st-key-headlines"] [data-testid="stMetricValue"] {font-size: 1.45rem}
[data-testid="stMetricChart"] g[class*="highlighted_points"]:empty {display: none}
[class*="st-key-headlines"] :is(
  [data-testid="stMetricLabel"], [data-testid="stMetricValue"], [data-testid="stMetricDelta"]
) * {white-space: normal}
</style>
"""


@dataclass(frozen=True)
class Headline:
    """One figure as it is shown, what it means where that is not plain, and a note below it."""

    label: str
    value: str
    help: str = ""
    note: str = ""


def show_headlines(headlines: Sequence[Headline]) -> None:
    """The figures side by side; on a narrow screen two in a row."""
    st.html(STYLE)
    with st.container(key="headlines"):
        for each in headlines:
            st.metric(
                each.label,
                each.value,
                each.note or None,
                delta_color="off",
                delta_arrow="off",
                help=each.help or None,
                border=True,
            )
