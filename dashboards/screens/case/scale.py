"""One score on the scale of its task: the bands, the point, and the interval that the truth may lie in."""

from dataclasses import dataclass
from html import escape
from math import inf

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.cases.spoken import score_text
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
.sda-scale .before {position: absolute; top: .05rem; width: 0; height: 1.9rem; margin-left: -1px;
  border-left: 2px dashed currentColor}
.sda-scale .value {position: absolute; top: -1.4rem; font-weight: 650; transform: translateX(-50%);
  white-space: nowrap}
.sda-bands {display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .85rem}
.sda-bands i {display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin-right: .35rem}
</style>
"""


@dataclass(frozen=True)
class _Span:
    """The stretch that is drawn."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a value lies, in percent of the width."""
        return 100 * min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def show_scale(
    here: Here,
    task: Task,
    score: float,
    lower: float,
    upper: float,
    *,
    ends: tuple[float, float] = (0.0, 1.0),
    before: float | None = None,
) -> None:
    """Draws a score with its interval on the scale of its task; bands in their colours, named below.

    A scale of values ends where the scores do (`ends`), or the bands. `before` is another score to compare
    with, drawn as an outline.
    """
    span = _span(task, (score, lower, upper, score if before is None else before), ends)
    said = in_words(here, task, score, lower, upper)
    bands = _bands(task, span)
    parts = [_bar(span, left, right, _colour(here, task, place)) for place, left, right in bands]
    if not bands:
        parts.append(_bar(span, span.low, span.high, TONES["muted"]))
    left, right = span.share(lower), span.share(upper)
    parts.append(f'<div class="reach" style="left:{left:.2f}%;width:{max(right - left, 0.6):.2f}%"></div>')
    if before is not None:
        parts.append(f'<div class="before" style="left:{span.share(before):.2f}%"></div>')
    parts.append(f'<div class="point" style="left:{span.share(score):.2f}%"></div>')
    place = min(max(span.share(score), _EDGE), 100 - _EDGE)
    value = escape(score_text(task, score, here.language))
    parts.append(f'<div class="value" style="left:{place:.2f}%">{value}</div>')
    names = "".join(_name(here, task, each, left, right) for each, left, right in _all_bands(task))
    st.html(
        f'{_STYLE}<div class="sda-scale" role="img" aria-label="{escape(said)}">{"".join(parts)}</div>'
        f'<div class="sda-bands">{names}</div>'
    )
    st.caption(said)


def in_words(here: Here, task: Task, score: float, lower: float, upper: float) -> str:
    """What is expected and what is plausible.

    The bounds of a probability come straight from past cases with such scores (Venn-Abers), the score from a
    smooth curve. Where both of them lie on one side of it, it is made the other bound: then that is said.
    """
    _ = here.say
    sentence = _("{score} is expected; given the evidence, anything from {lower} to {upper} is plausible.")
    texts = {"score": score, "lower": lower, "upper": upper}
    told = {name: score_text(task, each, here.language) for name, each in texts.items()}
    at_lower, at_upper = (told[each] == told["score"] for each in ("lower", "upper"))
    if task.kind != "regression" and (at_lower or at_upper):
        sentence = _("{score} is expected; past cases with such scores suggest less, down to {lower}.")
        if at_lower:
            sentence = _("{score} is expected; past cases with such scores suggest more, up to {upper}.")
        if at_lower and at_upper:
            sentence = _("{score} is expected; past cases with such scores say the same.")
    return sentence.format(**told)


def _span(task: Task, shown: tuple[float, ...], ends: tuple[float, float]) -> _Span:
    """A share begins at 0 and ends at 1, or earlier where nothing of interest lies beyond."""
    limits = [band.upper for band in task.bands[:-1]]
    if task.kind != "regression":
        return _Span(0.0, min(1.0, max([max(shown) * 1.1, *(limit * 1.4 for limit in limits)])))
    low, high = min(*shown, *ends, *limits), max(*shown, *ends, *limits)
    room = 0.05 * (high - low) or 1.0
    return _Span(low - room, high + room)


def _all_bands(task: Task) -> list[tuple[int, float, float]]:
    """Each band with its limits; open ends are infinite."""
    shares = task.kind != "regression"
    low, high = (0.0, 1.0) if shares else (-inf, inf)
    edges = [low, *(band.upper for band in task.bands[:-1]), high]
    return [(place, edges[place], edges[place + 1]) for place in range(len(task.bands))]


def _bands(task: Task, span: _Span) -> list[tuple[int, float, float]]:
    """The bands as far as they are drawn."""
    return [
        (place, max(left, span.low), min(right, span.high))
        for place, left, right in _all_bands(task)
        if left < span.high and right > span.low
    ]


def _bar(span: _Span, left: float, right: float, colour: str) -> str:
    start, width = span.share(left), span.share(right) - span.share(left)
    return f'<div class="band" style="left:{start:.2f}%;width:{width:.2f}%;background:{colour}"></div>'


def _name(here: Here, task: Task, place: int, left: float, right: float) -> str:
    label = escape(band_label(task, task.bands[place].name, here.language))
    swatch = f'<i style="background:{_colour(here, task, place)}"></i>'
    return f"<span>{swatch}{label} {escape(_limits(here, task, left, right))}</span>"


def _limits(here: Here, task: Task, left: float, right: float) -> str:
    _ = here.say
    if task.kind != "regression":
        return " – ".join(numbers.percent(edge, here.language, 0) for edge in (left, right))
    low, high = (numbers.shown(edge, "number", here.language, task.meaning.unit) for edge in (left, right))
    if left == -inf:
        return _("below {value}").format(value=high)
    return _("from {value}").format(value=low) if right == inf else f"{low} – {high}"


def _colour(here: Here, task: Task, place: int) -> str:
    label = band_label(task, task.bands[place].name, here.language)
    return TONES[band_tones(task, here.language).get(label, "muted")]
