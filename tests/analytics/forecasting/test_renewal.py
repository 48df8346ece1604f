"""The way down from one order to the next, against walks."""

import numpy as np
import pytest

from analytics.forecasting.renewal import descent


def walked(between: np.ndarray, gap: float) -> tuple[float, float]:
    """Units of an order, and where above the point the last review before it found the stock: means."""
    orders, units, last, position = 0, 0.0, 0.0, gap
    for asked in np.random.default_rng(5).choice(between, 60_000):
        if asked > position:
            orders, units, last, position = orders + 1, units + gap - position + asked, last + position, gap
        else:
            position -= asked
    return units / orders, last / orders


@pytest.mark.parametrize("gap", [0.0, 3.0, 9.0, 21.0, 150.0])
@pytest.mark.parametrize("kind", ["even", "seldom", "wild"])
def test_orders_are_as_large_and_shelves_as_full_as_on_walks(gap: float, kind: str) -> None:
    rng = np.random.default_rng(2)
    between = {
        "even": rng.normal(8, 1, 500).clip(1),
        "seldom": rng.poisson(0.3, 500) * 2.0,
        "wild": rng.exponential(8, 500),
    }[kind]
    down = descent(between, gap)
    units, last = walked(between, gap)
    assert down.batch == pytest.approx(units, rel=0.1)
    ordering = down.often * (between[:, None] > down.seen).sum(axis=0)
    # A few points stand for all positions: near enough for the stock, if not for single units.
    assert (ordering * down.seen).sum() / ordering.sum() == pytest.approx(last, abs=0.12 * between.max())
