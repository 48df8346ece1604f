"""One matrix from several: what the shifts cover counts."""

import numpy as np

from analytics.routing.problem import Travel, Window
from analytics.routing.travel import flattened


def _travel(*levels: float, periods: tuple[float, ...]) -> Travel:
    seconds = np.stack([np.array([[0.0, level], [level, 0.0]]) for level in levels])
    return Travel(np.array([[0.0, 1.0], [1.0, 0.0]]), seconds, "made", periods, ("a note",))


def test_a_period_counts_by_how_long_the_shifts_cover_it() -> None:
    travel = _travel(10, 40, 90, periods=(0, 100, 200))
    flat = flattened(travel, [Window(50, 250), Window(100, 150)])
    # 50 s of the first, 100 + 50 of the second, 50 of the third
    assert flat.seconds[0, 0, 1] == (50 * 10 + 150 * 40 + 50 * 90) / 250
    assert flat.periods == (0.0,)
    assert (flat.source, flat.notes) == (travel.source, travel.notes)


def test_towards_the_slowest_period_that_is_covered() -> None:
    travel = _travel(10, 40, 90, periods=(0, 100, 200))
    window = [Window(0, 200)]
    assert flattened(travel, window, slowest=1).seconds[0, 0, 1] == 40
    assert flattened(travel, window, slowest=0.5).seconds[0, 0, 1] == (25 + 40) / 2


def test_without_any_cover_all_periods_count_alike() -> None:
    travel = _travel(10, 40, periods=(0, 100))
    assert flattened(travel, []).seconds[0, 0, 1] == 25
    assert flattened(travel, [Window(5, 5)]).seconds[0, 0, 1] == 25


def test_one_period_stays_as_it_is() -> None:
    travel = _travel(10, periods=(0,))
    assert flattened(travel, [Window(0, 5)]) is travel
