"""The few figures at the top of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboards import numbers
from dashboards.screens.here import Here

_STYLE = """
<style>
.st-key-headlines {display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem}
.st-key-headlines > div {width: auto !important; height: 100%}
.st-key-headlines [data-testid="stMetric"] {height: 100%}
.st-key-headlines :is([data-testid="stMetricLabel"], [data-testid="stMetricDelta"]) * {white-space: normal}
</style>
"""


@dataclass(frozen=True)
class Headline:
    """One figure as it is shown, what it means where that is not plain, and a note below it."""

    label: str
    value: str
    help: str = ""
    note: str = ""


def headlines_of_events(
    here: Here, row: dict[str, Any], cases: str, expected: str, how: str
) -> list[Headline]:
    """`queries.predictions.headline` in words: `cases` and `expected` name the figures, `how` the sum."""
    _, language = here.say, here.language
    return [
        Headline(cases, numbers.integer(row["cases"], language)),
        Headline(_("In the upper bands"), numbers.integer(row["urgent"], language)),
        Headline(expected, numbers.number(row["expected"], language, 0), how),
        Headline(_("Mean score"), numbers.percent(row["mean_score"], language)),
    ]


def show_headlines(headlines: Sequence[Headline]) -> None:
    """The figures side by side; on a narrow screen two in a row."""
    st.html(_STYLE)
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
