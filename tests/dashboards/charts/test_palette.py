"""Letters on colours can be read, and groups keep their look apart from each other."""

import pytest

from dashboards.charts import palette
from tests.dashboards.charts.examples import map_of_routes


def _luminance(colour: str) -> float:
    """After WCAG 2.2, by its table of definitions."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", sorted({*palette.IN_TURN, *palette.TONES.values()}))
def test_letters_stand_out_from_the_colour_below_them(colour: str) -> None:
    best = max(_contrast("#FFFFFF", colour), _contrast(palette.INK, colour))

    # Where both read almost alike either will do.
    assert _contrast(palette.ink_on(colour), colour) >= best - 0.2
    assert _contrast(palette.ink_on(colour), colour) >= 3.8


def test_a_tone_takes_no_turn_of_the_colours() -> None:
    chart = map_of_routes()
    assert palette.turn_of(chart, chart.groups[7]) == 7
    assert palette.round_of(chart, chart.groups[7]) == 1
    assert palette.turn_of(chart, "nobody") is None
