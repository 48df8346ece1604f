"""One score on the scale of its task: the bands, the point, and the interval that the truth may lie in."""

from html import escape

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.charts.palette import TONES
from dashboards.figures import band_label, band_tones
from dashboards.screens.here import Here

_EDGE = 4.0  # percent of the width: the value stays readable at both ends
_STYLE = """
<style>
.sda-scale {position: relative; height: 2rem; margin: 1.4rem 0 .3rem 0}
.sda-scale .band {position: absolute; top: .6rem; height: .8rem; opacity: .8}
.sda-scale .reach {position: absolute; top: .35rem; height: 1.3rem; border: 2px solid currentColor;
  border-radius: .3rem; box-sizing: border-box}
.sda-scale .point {position: absolute; top: .05rem; width: 4px; height: 1.9rem; background: currentColor;
  margin-left: -2px; border-radius: 2px}
.sda-scale .value {position: absolute; top: -1.4rem; font-weight: 650; transform: translateX(-50%);
  white-space: nowrap}
.sda-bands {display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .85rem}
.sda-bands i {display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin-right: .35rem}
</style>
"""


def show_scale(here: Here, task: Task, score: float, lower: float, upper: float) -> None:
    """Draws a probability on a scale from 0; bands in their colours, named with their limits below."""
    top = _top(task, upper)
    said = _in_words(here, score, lower, upper)
    edges = [0.0, *(min(band.upper, 1.0) for band in task.bands)]
    parts = [_bar(here, task, place, edges, top) for place in range(len(task.bands))]
    left, right = _share(lower, top), _share(upper, top)
    parts.append(f'<div class="reach" style="left:{left:.2f}%;width:{max(right - left, 0.6):.2f}%"></div>')
    parts.append(f'<div class="point" style="left:{_share(score, top):.2f}%"></div>')
    value = escape(numbers.percent(score, here.language))
    place = min(max(_share(score, top), _EDGE), 100 - _EDGE)
    parts.append(f'<div class="value" style="left:{place:.2f}%">{value}</div>')
    names = "".join(_name(here, task, place, edges) for place in range(len(task.bands)))
    st.html(
        f'{_STYLE}<div class="sda-scale" role="img" aria-label="{escape(said)}">{"".join(parts)}</div>'
        f'<div class="sda-bands">{names}</div>'
    )
    st.caption(said)


def _in_words(here: Here, score: float, lower: float, upper: float) -> str:
    _ = here.say
    sentence = _("{score} is expected; given the evidence, anything from {lower} to {upper} is plausible.")
    return sentence.format(
        score=numbers.percent(score, here.language),
        lower=numbers.percent(lower, here.language),
        upper=numbers.percent(upper, here.language),
    )


def _top(task: Task, upper: float) -> float:
    """The scale ends at 1, or earlier where nothing of interest lies beyond."""
    starts = [band.upper for band in task.bands[:-1]]
    wanted = max([upper * 1.1, *(start * 1.4 for start in starts)])
    return min(1.0, wanted)


def _bar(here: Here, task: Task, place: int, edges: list[float], top: float) -> str:
    left, right = _share(edges[place], top), _share(edges[place + 1], top)
    colour = _colour(here, task, place)
    return f'<div class="band" style="left:{left:.2f}%;width:{right - left:.2f}%;background:{colour}"></div>'


def _name(here: Here, task: Task, place: int, edges: list[float]) -> str:
    label = escape(band_label(task, task.bands[place].name, here.language))
    low, high = (numbers.percent(edge, here.language, 0) for edge in edges[place : place + 2])
    return f'<span><i style="background:{_colour(here, task, place)}"></i>{label} {low} – {high}</span>'


def _colour(here: Here, task: Task, place: int) -> str:
    label = band_label(task, task.bands[place].name, here.language)
    return TONES[band_tones(task, here.language).get(label, "muted")]


def _share(value: float, top: float) -> float:
    return 100 * min(max(value / top, 0.0), 1.0)
