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
    groups = [each for each in chart.groups if each not in chart.tones]
    return IN_TURN[groups.index(group) % len(IN_TURN)] if group in groups else TONES["plain"]
