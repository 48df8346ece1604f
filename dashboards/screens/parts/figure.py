"""A chart on a page: its title and sentence as text, the picture below; a click on it may pick something."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboards.charts.chart import Chart
from dashboards.charts.screen.kept import drawn
from dashboards.screens.here import Here
from dashboards.screens.parts.export import offer_chart

# Maps are zoomed and moved by buttons: dragging would catch the finger that scrolls a narrow page.
_MAP_BAR = {
    "displayModeBar": True,
    "displaylogo": False,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "pan2d", "resetScale2d"]],
}
_NO_BAR = {"displayModeBar": False, "doubleClick": False}


def show_figure(
    here: Here, chart: Chart, *, on_pick: Callable[[str], None] | None = None, told: Sequence[str] = ()
) -> None:
    """Draws a chart with Plotly, in the colours of the page's theme.

    With `on_pick` a click on a bar or a point calls it with what the mark stands for (the column `chart.pick`
    in that row). What is picked looks so by `chart.chosen`, that is by what the page knows: Plotly's own
    selection is forgotten at once. `told` are the filters that stand, for whoever takes the chart away.
    """
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"### {escaped(chart.title)}", width="content")
        if not chart.is_empty:
            offer_chart(here, chart, told)
    if chart.sentence:
        st.caption(escaped(chart.sentence))
    figure = drawn(
        chart, here.language, dark=st.context.theme.type == "dark", tiles=here.settings.routing.tiles
    )
    config = _MAP_BAR if chart.kind == "map" else _NO_BAR
    if on_pick is None or chart.is_empty:
        st.plotly_chart(figure, theme=None, key=f"figure-{chart.name}", config=config, alt=chart.alt)
        return
    # Every pick makes a new chart, so that the browser holds no selection that the page does not know of.
    picks = f"picks-{chart.name}"
    key = f"figure-{chart.name}-{st.session_state.get(picks, 0)}"

    def picked() -> None:
        points = st.session_state[key]["selection"]["points"]
        st.session_state[picks] = st.session_state.get(picks, 0) + 1
        if points and (what := _stands_for(points[0])) is not None:
            on_pick(what)

    st.plotly_chart(
        figure,
        theme=None,
        key=key,
        config=config,
        alt=chart.alt,
        on_select=picked,
        selection_mode="points",
    )


def _stands_for(point: dict[str, object]) -> str | None:
    """The value of `chart.pick` of a point that was clicked; Streamlit hands single values on in a list."""
    told = point.get("customdata")
    value = told[0] if isinstance(told, list) and told else told
    return None if value is None else str(value)


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: data must not be able to format the page."""
    return "".join("\\" + sign if sign in "\\`*_[]<>~$:|#" else sign for sign in text)
