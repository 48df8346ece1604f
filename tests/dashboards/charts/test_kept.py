"""A figure that is drawn once for all is the one that would be drawn, and of no other chart."""

from dataclasses import replace

from dashboards.charts.screen import draw
from dashboards.charts.screen.kept import drawn
from dashboards.wording import say
from tests.dashboards.charts.examples import every_kind


def test_every_chart_is_drawn_once_and_as_it_is() -> None:
    for chart in every_kind(say("en")):
        kept = drawn(chart, "en", dark=True)
        assert kept.to_plotly_json() == draw(chart, "en", dark=True).to_plotly_json()
        assert drawn(replace(chart, data=chart.data.clone()), "en", dark=True) is kept
        assert drawn(chart, "en") is not kept
        assert drawn(replace(chart, data=chart.data.head(1)), "en", dark=True) is not kept
