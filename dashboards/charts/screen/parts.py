"""What the painters of the screen share: texts under the pointer, axes, colours, lines to compare with."""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import palette
from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.charts.ticks import date_ticks, is_time
from dashboards.numbers import shown

FEW_TICKS = 4  # beside the names of lying bars there is little room on a narrow screen


def numeric(chart: Chart, axis: Axis, ticks: int = 6) -> dict[str, Any]:
    """An axis that counts; of few things whole ones only, or two ticks would read the same."""
    formats = {"percent": ".2~%", "integer": ",d", "signed": "+,.2~f"}
    few = axis.format == "integer" and _reach(chart, axis) <= ticks / 2
    return {
        "title": {"text": axis.caption},
        "tickformat": formats.get(axis.format, ",.6~g"),
        "nticks": ticks,
        "tickangle": 0,
    } | ({"tick0": 0, "dtick": 1} if few else {})


def _reach(chart: Chart, axis: Axis) -> float:
    """How far from 0 the values of an axis lie; those that stand upon each other together."""
    data, columns = chart.data, [axis.column]
    if axis is chart.y:
        columns += [each for each in (chart.lower, chart.upper) if each]
        if chart.kind in ("stacked", "histogram"):
            data = data.group_by(chart.x.column).agg(pl.sum(axis.column))
    elif chart.x_end:
        columns.append(chart.x_end)
    return max((abs(each) for column in columns for each in data[column] if each is not None), default=0)


def hover(chart: Chart, part: pl.DataFrame, language: str) -> list[str]:
    """One text per row, written in the reader's way."""
    texts = []
    for row in part.iter_rows(named=True):
        where = shown(row[chart.x.column], chart.x.format, language, chart.x.unit)
        if chart.x_end:
            where += f" – {shown(row[chart.x_end], chart.x.format, language, chart.x.unit)}"
        value = shown(row[chart.y.column], chart.y.format, language, chart.y.unit)
        if chart.lower and chart.upper and row[chart.lower] is not None:
            bounds = (shown(row[each], chart.y.format, language) for each in (chart.lower, chart.upper))
            value += f" [{' – '.join(bounds)}]"
        lines = [f"{safe(chart.x.title)}: {safe(where)}", f"{safe(chart.y.title)}: <b>{safe(value)}</b>"]
        if chart.group:
            lines.insert(0, f"<b>{safe(str(row[chart.group]))}</b>")
        texts.append("<br>".join(lines))
    return texts


def safe(text: str) -> str:
    """Plotly reads a little HTML in its texts; data must not."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def marks(chart: Chart, part: pl.DataFrame, language: str) -> dict[str, Any]:
    """What all marks have: the text under the pointer, and what they stand for where one may pick."""
    told: dict[str, Any] = {"hovertext": hover(chart, part, language), "hoverinfo": "text"}
    if chart.pick:
        told["customdata"] = part[chart.pick].to_list()
    return told


def colours_by_row(chart: Chart) -> list[str]:
    if chart.group:
        colours = [palette.colour_of(chart, str(group)) for group in chart.data[chart.group]]
    else:
        colours = [palette.TONES["plain"]] * chart.data.height
    return shaded(chart, chart.data, colours)


def shaded(chart: Chart, part: pl.DataFrame, colours: list[str]) -> list[str]:
    """The colours of the rows of a part, those faint that are not picked while others are.

    As colours: with opacities of its own for each mark Plotly fails at a click on a bar that has a text.
    """
    strengths = chart.strengths(part) or [1.0] * part.height
    return [palette.faint(colour, strength) for colour, strength in zip(colours, strengths, strict=True)]


def x_axis(figure: go.Figure, chart: Chart, language: str) -> None:
    if is_time(chart.x):
        places, names = date_ticks(chart, language)
        figure.update_xaxes(tickvals=places, ticktext=names, showgrid=False)
    elif chart.x.format == "text":
        figure.update_xaxes(title_text=chart.x.caption, type="category", showgrid=False)
    else:
        figure.update_xaxes(**numeric(chart, chart.x))


def faint(colour: str) -> str:
    """The ground between two bounds."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"


def draw_reference(figure: go.Figure, chart: Chart) -> None:
    """The label of each upright one stands below that of the one before: values may lie close together."""
    for place, reference in enumerate(chart.references):
        if reference.axis == "x":
            side = "top left" if chart.is_far_right(reference.value) else "top right"
            drawn = dashed(reference) | {"annotation_position": side}
            figure.add_vline(x=reference.value, annotation_yshift=-16 * place, **drawn)
        else:
            figure.add_hline(y=reference.value, **dashed(reference))


def dashed(reference: Reference) -> dict[str, Any]:
    line = {"dash": "dash", "width": 1.5, "color": palette.TONES["muted"]}
    return {"line": line, "annotation_text": safe(reference.label), "annotation_position": "top right"}
