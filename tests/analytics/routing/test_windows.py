"""Windows put in order keep exactly the seconds that some given window holds."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analytics.routing.problem import Window
from analytics.routing.windows import BACKWARDS, OUTSIDE, OVERLAPPING, ordered_windows

DAY = 100
spans = st.lists(st.tuples(st.integers(-40, 160), st.integers(-40, 160)), max_size=8)


@given(spans)
def test_a_second_of_the_day_is_in_a_window_exactly_if_it_was(given_: list[tuple[int, int]]) -> None:
    windows, remarks = ordered_windows(given_, DAY)
    forwards = [(opens, closes) for opens, closes in given_ if opens <= closes]
    for second in range(DAY + 1):
        inside = any(opens <= second <= closes for opens, closes in forwards)
        assert inside == any(second in window for window in windows)
    for before, after in pairwise(windows):
        assert before.closes < after.opens
    assert (BACKWARDS in remarks) == (len(forwards) < len(given_))
    today = [span for span in forwards if span[1] >= 0 and span[0] <= DAY]
    assert (OUTSIDE in remarks) == bool(forwards and not today)
    assert bool(windows) == bool(forwards)
    if today:
        assert all(window.opens >= 0 for window in windows)


@given(spans)
def test_overlaps_are_remarked_and_touching_is_not(given_: list[tuple[int, int]]) -> None:
    forwards = [span for span in given_ if span[0] <= span[1]]
    shared = {
        (one, other) for n, one in enumerate(forwards) for other in forwards[n + 1 :] if overlap(one, other)
    }
    _, remarks = ordered_windows(given_, DAY)
    assert (OVERLAPPING in remarks) == bool(shared)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether the later one begins before the other is over."""
    first, second = sorted([one, other])
    return second[0] < first[1]


def test_nine_to_ten_and_ten_to_twelve_are_one() -> None:
    assert ordered_windows([(10, 12), (9, 10)], DAY) == ((Window(9, 12),), set())
