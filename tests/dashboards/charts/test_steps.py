"""Numbers at risk under curves of survival: counted once more from people, the same in both painters."""

import polars as pl

from analytics.survival import kaplan_meier
from dashboards.charts import paper, screen
from dashboards.charts.chart import Axis, Chart
from dashboards.charts.steps import at_risk, time_ticks

EXITS = {"first": [2, 2, 5, 7, 13, 13], "second": [1, 6, 12]}


def _chart() -> Chart:
    curves = []
    for name, days in EXITS.items():
        counts = pl.DataFrame({"time": days}).group_by("time").agg(events=pl.len()).with_columns(censored=0)
        curves.append(kaplan_meier(counts).with_columns(name=pl.lit(name)))
    return Chart(
        "curve", "survival", "Curve", "", pl.concat(curves), Axis("time", "Days"), Axis("survival", "Left"),
        group="name", lower="lower", upper="upper", at_risk="at_risk",
    )  # fmt: skip


def test_whoever_leaves_on_a_tick_is_still_followed_there() -> None:
    chart = _chart()
    ticks = time_ticks(chart)

    assert ticks == [0, 3, 6, 9, 12]
    for name, days in EXITS.items():
        assert at_risk(chart, name, ticks) == [sum(day >= tick for day in days) for tick in ticks]


def test_the_screen_writes_them_in_a_row_for_each_group_and_paper_makes_room() -> None:
    chart = _chart()
    rows = [trace for trace in screen.draw(chart, "en").data if trace.mode == "text"]

    assert [list(trace.text) for trace in rows] == [["6", "4", "3", "2", "2"], ["3", "2", "2", "1", "1"]]
    assert paper.draw(chart, "en").height > paper.HEIGHT
