"""The colours of both painters: those of Okabe and Ito (2008), told apart by colour-blind readers too.

Tones carry a meaning (calm, watch, alert); groups without one take the colours in turn. Both stand out on
white and on dark ground.
"""

from collections.abc import Mapping

from dashboards.charts.chart import Chart, Tone

TONES: Mapping[Tone, str] = {
    "plain": "#0072B2",
    "calm": "#56B4E9",
    "watch": "#E69F00",
    "alert": "#D55E00",
    "muted": "#9AA5B1",
}
IN_TURN = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

HEAT = ("#EDF4FA", "#7FB8DA")  # from the least to the most of a table of values: dark letters stand out

INK = "#1F2933"
QUIET = "#616E7C"
GRID = "#E4E7EB"
INK_ON_DARK = "#E4E7EB"
QUIET_ON_DARK = "#9AA5B1"
GRID_ON_DARK = "#3E4C59"


def colour_of(chart: Chart, group: str) -> str:
    """The colour of a group: by its tone where it has one, else in turn."""
    if group in chart.tones:
        return TONES[chart.tones[group]]
    turn = turn_of(chart, group)
    return TONES["plain"] if turn is None else IN_TURN[turn % len(IN_TURN)]


def round_of(chart: Chart, group: str) -> int:
    """How often the colours were used up before this group: what a line's dashes tell apart."""
    return (turn_of(chart, group) or 0) // len(IN_TURN)


def turn_of(chart: Chart, group: str) -> int | None:
    """The place of a group among those without a tone; None for one with a tone."""
    groups = [each for each in chart.groups if each not in chart.tones]
    return groups.index(group) if group in groups else None


def faint(colour: str, opacity: float) -> str:
    """A colour that the ground shines through; `#RRGGBB` as it is where nothing does."""
    return colour if opacity >= 1 else f"rgba({', '.join(map(str, _channels(colour)))}, {opacity})"


def ink_on(colour: str) -> str:
    """White or dark letters, whichever reads better on `colour` (relative luminance after WCAG 2.2)."""
    channels = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    # Contrast with white is 1.05 / (l + 0.05), with the dark ink about (l + 0.05) / 0.067.
    return "#FFFFFF" if (luminance + 0.05) ** 2 < 1.05 * 0.067 else INK


def _channels(colour: str) -> list[int]:
    """Red, green and blue of `#RRGGBB`, 0 to 255."""
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
