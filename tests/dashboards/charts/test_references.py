"""Several values to compare with on one chart: each is drawn with its label, where there is room for it."""

import polars as pl

from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.charts.paper import draw as draw_on_paper
from dashboards.charts.screen import draw

LOSSES = Chart(
    "losses",
    "histogram",
    "Losses",
    "",
    pl.DataFrame({"start": [0.0, 10.0, 20.0], "end": [10.0, 20.0, 30.0], "share": [0.7, 0.2, 0.1]}),
    Axis("start", "Loss", "number", "EUR"),
    Axis("share", "Share", "percent"),
    x_end="end",
    reference=(Reference(6.0, "expected", "x"), Reference(28.0, "99 %", "x"), Reference(0.5, "half")),
)


def test_all_of_them_stand_on_the_screen_and_labels_do_not_lie_on_each_other() -> None:
    figure = draw(LOSSES, "en")
    told = {each.text: (each.xanchor, each.yshift) for each in figure.layout.annotations}
    assert [shape.x0 for shape in figure.layout.shapes] == [6.0, 28.0, 0]
    assert set(told) == {"expected", "99 %", "half"}
    assert told["expected"][0] == "left"
    assert told["99 %"][0] == "right"
    assert told["expected"][1] != told["99 %"][1]


def test_paper_draws_them_too() -> None:
    with_marks = draw_on_paper(LOSSES, "en").png
    bare = Chart(**{**vars(LOSSES), "reference": None})
    assert with_marks != draw_on_paper(bare, "en").png


def test_one_is_as_good_as_several() -> None:
    one = Chart(**{**vars(LOSSES), "reference": Reference(6.0, "expected", "x")})
    assert one.references == (Reference(6.0, "expected", "x"),)
