"""Both painters draw every kind of chart, in both languages, from the same description."""

from io import BytesIO

import polars as pl
import pytest
from matplotlib.ft2font import FT2Font
from PIL import Image

from dashboards.charts import paper, screen
from dashboards.charts.chart import Axis, Chart
from dashboards.charts.fonts import font_file
from dashboards.wording import say, translations
from tests.dashboards.charts.examples import every_kind

CHARTS = every_kind(say("en"))
KINDS = [chart.kind for chart in CHARTS]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("chart", CHARTS, ids=KINDS)
def test_paper_gives_the_same_bytes_twice_at_twice_the_density(chart: Chart, language: str) -> None:
    picture = paper.draw(chart, language)
    image = Image.open(BytesIO(picture.png))
    assert picture == paper.draw(chart, language)
    assert image.size == (2 * picture.width, 2 * picture.height)
    assert len(image.convert("RGB").getcolors(1 << 24) or []) > 10  # something was drawn


@pytest.mark.parametrize("chart", CHARTS, ids=KINDS)
def test_screen_shows_the_values_of_the_description(chart: Chart) -> None:
    figure = screen.draw(chart, "en")
    texts = [str(text) for trace in figure.data for text in (trace.hovertext or ())]
    assert len(texts) == chart.data.height
    assert all(chart.y.title in text for text in texts)


def test_a_reference_stands_where_its_axis_says() -> None:
    curve = next(chart for chart in CHARTS if chart.kind == "curve")
    line = next(chart for chart in CHARTS if chart.kind == "line")
    (upright,), (lying,) = screen.draw(curve, "en").layout.shapes, screen.draw(line, "en").layout.shapes

    assert upright.x0 == upright.x1 == pytest.approx(1 / 6)
    assert lying.y0 == lying.y1 == pytest.approx(0.036)


def test_an_empty_chart_says_so_instead_of_failing() -> None:
    empty = Chart(
        "none", "line", "Nothing", "", pl.DataFrame({"x": [], "y": []}), Axis("x", "X"), Axis("y", "Y")
    )
    assert paper.draw(empty, "zh").png
    assert "no data" in screen.draw(empty, "en").layout.annotations[0].text


def test_a_chart_that_names_a_missing_column_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        Chart("bad", "bar", "", "", pl.DataFrame({"x": [1]}), Axis("x", "X"), Axis("y", "Y"))


def test_data_cannot_bring_markup_to_the_screen() -> None:
    data = pl.DataFrame({"name": ["<a href='x'>click</a>"], "n": [1]})
    chart = Chart("bad", "ranked", "", "", data, Axis("name", "Name", "text"), Axis("n", "N", "integer"))
    figure = screen.draw(chart, "en")
    assert "<a" not in str(figure.data[0].hovertext) + str(figure.layout.yaxis.ticktext)


def test_the_font_has_a_letter_for_all_we_say_in_chinese() -> None:
    letters = set("".join(translations("zh").values()))
    missing = [letter for letter in letters if not FT2Font(str(font_file())).get_char_index(ord(letter))]
    assert not missing
