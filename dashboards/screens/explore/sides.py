"""Two sides of a comparison: their figures beside each other, the difference in words, one chart."""

from dataclasses import dataclass
from itertools import pairwise

import polars as pl
import streamlit as st

from dashboards.charts.chart import Axis, Chart
from dashboards.headings import headed
from dashboards.queries.explore_figures import extent, spread
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.headlines import FOUND, Row, row_of
from dashboards.screens.explore.told import filters_in_words, is_share
from dashboards.screens.parts.export import day_told, show_table
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.units import unit_in_words

_BINS = 20


@dataclass(frozen=True)
class Side:
    """One side: what it is called, and what is explored there."""

    name: str
    explored: Explored


def show(explored: Explored, one: Side, other: Side) -> None:
    """The figures of both sides in a table, in words, and how the scores of both are spread."""
    _, language = explored.here.say, explored.here.language
    rows = [row_of(side.explored) for side in (one, other)]
    if not all(row[FOUND] for row in rows):
        empty = next(side.name for side, row in zip((one, other), rows, strict=True) if not row[FOUND])
        st.info(
            _("«{side}» has no cases with these filters.").format(side=escaped(empty)),
            icon=":material/filter_alt_off:",
        )
        return
    st.markdown(_in_words(explored, one, other, *rows))
    figures = explored.subject.figures
    day = day_told(explored.here, explored.as_of)
    told = [day, *(each.text for each in filters_in_words(explored))]
    table = pl.DataFrame(
        headed(
            [
                (_("Figure"), [each.label(_) for each in figures]),
                *(
                    (side.name, [each.written(row[each.name], language) for each in figures])
                    for side, row in zip((one, other), rows, strict=True)
                ),
                (
                    _("Difference"),
                    [each.change(rows[0][each.name], rows[1][each.name], language) for each in figures],
                ),
            ]
        )
    )
    show_table(explored.here, "compared", table, told, title=_("The figures of both sides"))
    show_figure(explored.here, _chart(explored, one, other), told=told)


def _in_words(explored: Explored, one: Side, other: Side, first: Row, second: Row) -> str:
    """`Mean score: 12.3% in «car», 8.1% in «home»: 4.2 points more.`"""
    _, language = explored.here.say, explored.here.language
    figure = explored.subject.figures[-1]
    values = first[figure.name], second[figure.name]
    difference = (values[0] or 0) - (values[1] or 0)
    words = (
        _("{figure}: {first} in «{one}», {second} in «{other}».")
        if None in values
        else _("{figure}: {first} in «{one}», {second} in «{other}», which is {change} more in «{one}».")
        if difference > 0
        else _("{figure}: {first} in «{one}», {second} in «{other}», which is {change} less in «{one}».")
        if difference < 0
        else _("{figure}: {first} in «{one}», the same in «{other}».")
    )
    change = figure.change(first[figure.name], second[figure.name], language).lstrip("+-")
    unit = _("points") if figure.kind == "percent" else ""
    return words.format(
        figure=escaped(figure.label(_)),
        one=escaped(one.name),
        other=escaped(other.name),
        first=escaped(figure.written(first[figure.name], language)),
        second=escaped(figure.written(second[figure.name], language)),
        change=escaped(f"{change} {unit}".strip()),
    )


def _chart(explored: Explored, one: Side, other: Side) -> Chart:
    """The share of the cases of each side at each score, as two lines."""
    _ = explored.here.say
    bounds = [
        side.explored.ask(extent, side.explored.filters, "score", side.explored.excluded)
        for side in (one, other)
    ]
    low, high = min(low for low, _high in bounds), max(high for _low, high in bounds)
    low = 0.0 if is_share(explored, "score") else low
    width = max((high - low) / _BINS, 1e-9)
    edges = [low + width * place for place in range(_BINS + 1)]
    parts = []
    for side in (one, other):
        counted = side.explored.ask(spread, side.explored.filters, "score", edges, side.explored.excluded)
        parts.append(shares(side.name, edges, counted))
    return distributions(explored, pl.concat(parts))


def shares(name: str, edges: list[float], counted: list[int]) -> pl.DataFrame:
    """`score, share, side` of one side; `score` is the middle of a bin."""
    total = max(sum(counted), 1)
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    return pl.DataFrame(
        {"score": middles, "share": [cases / total for cases in counted], "side": [name] * len(middles)},
        schema={"score": pl.Float64, "share": pl.Float64, "side": pl.String},
    )


def distributions(explored: Explored, data: pl.DataFrame) -> Chart:
    """Two lines over the score: what share of each side's cases stands there."""
    _, task = explored.here.say, explored.task
    return Chart(
        name="compared",
        kind="curve",
        title=_("Both distributions of scores"),
        sentence=_("How large a share of each side has about this score."),
        data=data,
        x=Axis(
            "score",
            _("Score"),
            "percent" if is_share(explored, "score") else "number",
            unit_in_words(task.meaning.unit, explored.here.language),
        ),
        y=Axis("share", _("Share of cases"), "percent"),
        group="side",
    )
