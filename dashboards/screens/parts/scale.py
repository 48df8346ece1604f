"""One score on the scale of its task: the bands, the point, and the interval that the truth may lie in."""

from html import escape

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.charts.palette import TONES
from dashboards.figures import band_label, band_tones
from dashboards.screens.here import Here

_STYLE = """
<style>
.sda-scale {position: relative; height: 3.4rem; margin: 1.6rem 0 1.4rem 0}
.sda-scale .band {position: absolute; top: 1.1rem; height: .8rem; opacity: .75}
.sda-scale .name {position: absolute; top: 2.1rem; font-size: .8rem; white-space: nowrap; opacity: .85}
.sda-scale .reach {position: absolute; top: .85rem; height: 1.3rem; border: 2px solid currentColor;
  border-radius: .3rem; box-sizing: border-box}
.sda-scale .point {position: absolute; top: .55rem; width: 4px; height: 1.9rem; background: currentColor;
  margin-left: -2px; border-radius: 2px}
.sda-scale .value {position: absolute; top: -.9rem; font-weight: 650; transform: translateX(-50%);
  white-space: nowrap}
</style>
"""
_NARROWEST_NAMED = 6  # percent of the width


def show_scale(here: Here, task: Task, score: float, lower: float, upper: float) -> None:
    """Draws a probability between 0 and the top of its scale; bands in their colours."""
    top = _top(task, upper)
    said = _in_words(here, score, lower, upper)
    parts = [_band(here, task, place, top) for place in range(len(task.bands))]
    left, right = _share(lower, top), _share(upper, top)
    parts.append(f'<div class="reach" style="left:{left:.2f}%;width:{max(right - left, 0.6):.2f}%"></div>')
    parts.append(f'<div class="point" style="left:{_share(score, top):.2f}%"></div>')
    value = escape(numbers.percent(score, here.language))
    place = min(max(_share(score, top), 4.0), 96.0)
    parts.append(f'<div class="value" style="left:{place:.2f}%">{value}</div>')
    st.html(f'{_STYLE}<div class="sda-scale" role="img" aria-label="{escape(said)}">{"".join(parts)}</div>')
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


def _band(here: Here, task: Task, place: int, top: float) -> str:
    band = task.bands[place]
    start = task.bands[place - 1].upper if place else 0.0
    left, right = _share(start, top), _share(band.upper, top)
    label = band_label(task, band.name, here.language)
    colour = TONES[band_tones(task, here.language).get(label, "muted")]
    width = right - left
    name = (
        f'<div class="name" style="left:{left:.2f}%">{escape(label)}</div>'
        if width >= _NARROWEST_NAMED
        else ""
    )
    return f'<div class="band" style="left:{left:.2f}%;width:{width:.2f}%;background:{colour}"></div>{name}'


def _share(value: float, top: float) -> float:
    return 100 * min(max(value / top, 0.0), 1.0)
