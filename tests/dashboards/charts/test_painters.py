"""Both painters draw every kind of chart, in both languages, from the same description."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from PIL import Image

from dashboards.charts import paper, screen
from dashboards.charts.chart import Axis, Chart
from dashboards.charts.fonts import font_file, printable
from dashboards.charts.geography import projected
from dashboards.charts.paper import lines
from dashboards.wording import say, translations
from tests.dashboards.charts.examples import every_kind, map_of_routes, timeline_of_vehicles

CHARTS = every_kind(say("en"))
KINDS = [chart.kind for chart in CHARTS]
TOLD = ("map", "gantt", "waterfall")  # kinds whose rows are told in words of their own


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("chart", CHARTS, ids=KINDS)
def test_paper_gives_the_same_bytes_twice_at_twice_the_density(chart: Chart, language: str) -> None:
    picture = paper.draw(chart, language)
    image = Image.open(BytesIO(picture.png))
    assert picture == paper.draw(chart, language)
    assert image.size == (2 * picture.width, 2 * picture.height)
    assert len(image.convert("RGB").getcolors(1 << 24) or []) > 10  # something was drawn


@pytest.mark.parametrize("kind", ["line", "map", "gantt"])
def test_print_is_lines_alone_and_the_same_bytes_twice(kind: str) -> None:
    chart = next(chart for chart in CHARTS if chart.kind == kind)
    drawing = paper.draw_svg(chart, "zh", width=300, height=200)
    root = ET.fromstring(drawing)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert drawing == paper.draw_svg(chart, "zh", width=300, height=200)
    assert root.get("viewBox") == "0 0 216 144"  # in points, 100 CSS pixels to the inch
    assert "path" in tags
    assert not tags & {"text", "image"}  # no letters that need a font, no dots


@pytest.mark.parametrize(
    "chart", [pytest.param(chart, id=chart.kind) for chart in CHARTS if chart.kind not in TOLD]
)
def test_screen_shows_the_values_of_the_description(chart: Chart) -> None:
    figure = screen.draw(chart, "en")
    texts = [str(text) for trace in figure.data for text in (trace.hovertext or ())]
    assert len(texts) == chart.data.height
    assert all(chart.y.title in text for text in texts)


@pytest.mark.parametrize("least", [-6.5, 0.0, 2.0])
def test_a_line_on_paper_begins_at_nothing_and_hides_nothing_below_it(least: float) -> None:
    axes = Figure().add_subplot()
    chart = next(chart for chart in CHARTS if chart.kind == "line")
    values = [least, *range(8, 7 + chart.data.height)]
    axis = chart.y.column
    data = chart.data.with_columns(pl.Series(axis, values, pl.Float64))
    lines.line(axes, replace(chart, data=data, lower="", upper="", reference=None), "en")
    assert axes.get_ylim()[0] == 0 if least >= 0 else axes.get_ylim()[0] < least


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


def test_a_map_puts_every_place_where_it_is_and_tells_of_it() -> None:
    chart = map_of_routes()
    figure = screen.draw(chart, "en")
    marks = [trace for trace in figure.data if trace.mode and "markers" in trace.mode and trace.hovertext]
    places = {(x, y) for trace in marks for x, y in zip(trace.x, trace.y, strict=True)}
    north = chart.data.filter(pl.col("mark") == "unserved")
    x, y = projected(chart, north)

    assert len(places) == chart.data.unique(["latitude", "longitude"]).height
    assert (x[0], y[0]) in places
    assert sum(trace.marker.symbol.count("diamond") for trace in marks if trace.mode == "markers+text") == 1
    assert "<b>" not in "".join(text for trace in marks for text in trace.hovertext)
    assert {"late", "Depot", "not served"} <= {trace.name for trace in figure.data}


def test_maps_fetch_tiles_only_from_a_server_that_is_set() -> None:
    chart = map_of_routes()
    server = "https://tiles.example/{z}/{x}/{y}.png"
    bare, tiled = screen.draw(chart, "en"), screen.draw(chart, "en", tiles=server)

    assert not bare.layout.images
    assert "http" not in bare.to_json()
    assert tiled.layout.images
    assert all(image.source.startswith("https://tiles.example/") for image in tiled.layout.images)


def test_routes_beyond_the_colours_are_told_apart_by_dashes() -> None:
    looks = {
        (trace.line.color, trace.line.dash)
        for trace in screen.draw(map_of_routes(), "en").data
        if trace.mode == "lines"
    }
    assert len(looks) == 8


def test_spans_of_a_gantt_chart_stand_in_their_rows_at_their_times() -> None:
    chart = timeline_of_vehicles()
    bars = [trace for trace in screen.draw(chart, "en").data if trace.type == "bar"]
    spans = {
        (chart.rows[row], trace.name, base, base + timedelta(milliseconds=length))
        for trace in bars
        for row, base, length in zip(trace.y, trace.base, trace.x, strict=True)
    }

    assert spans == set(chart.data.select("vehicle", "what", "begin", "end").iter_rows())
    assert bars[0].name == "shift"  # the ground lies below
    assert bars[-1].marker.pattern.shape  # late is hatched, not only coloured


def test_a_forecast_is_drawn_apart_from_what_is_known() -> None:
    chart = next(chart for chart in CHARTS if chart.kind == "band")
    traces = {trace.name: trace for trace in screen.draw(chart, "en").data if trace.name}

    assert traces["known"].line.width < traces["expected"].line.width
    assert "[4 – 19]" in traces["expected"].hovertext[0]
    assert "[" not in traces["known"].hovertext[0]


def test_names_of_every_script_are_drawn_and_nothing_is_a_formula(
    recwarn: pytest.WarningsRecorder,
) -> None:
    names = ["مؤسسة النور", "שלום בע״מ!", "🚚 Fast 👩‍👩‍👧", "US$ 5 $x^{2$", "唐桂英"]
    data = pl.DataFrame({"name": names, "value": [1.0, 2, 3, 4, 5]})
    chart = Chart("n", "ranked", "🚚", "$a$", data, Axis("name", "الاسم", "text"), Axis("value", "$v$"))
    assert paper.draw(chart, "en").png
    assert not [each for each in recwarn if "Glyph" in str(each.message)]
    assert printable(names[2]) == "(delivery truck) Fast (woman)\u200d(woman)\u200d(girl)"
    assert [printable(name) for name in (*names[:2], *names[3:])] == [*names[:2], *names[3:]]
