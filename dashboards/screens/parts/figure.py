"""A chart on a page: its title and sentence as text, the picture below."""

import streamlit as st

from dashboards.charts.chart import Chart
from dashboards.charts.screen import draw
from dashboards.screens.here import Here

# Maps are zoomed and moved by buttons: dragging would catch the finger that scrolls a narrow page.
_MAP_BAR = {
    "displayModeBar": True,
    "displaylogo": False,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "pan2d", "resetScale2d"]],
}


def show_figure(here: Here, chart: Chart) -> None:
    """Draws a chart with Plotly, in the colours of the page's theme."""
    st.markdown(f"#### {escaped(chart.title)}")
    if chart.sentence:
        st.caption(escaped(chart.sentence))
    st.plotly_chart(
        draw(
            chart,
            here.language,
            dark=st.context.theme.type == "dark",
            tiles=here.settings.routing.tiles,
        ),
        theme=None,
        key=f"figure-{chart.name}",
        config=_MAP_BAR if chart.kind == "map" else {"displayModeBar": False},
        alt=chart.alt,
    )


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: data must not be able to format the page."""
    return "".join("\\" + sign if sign in "\\`*_[]<>~$:|#" else sign for sign in text)
