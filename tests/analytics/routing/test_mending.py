"""Matrices with gaps and oddities, against a Floyd-Warshall in plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.routing.mending import mended
from connectors.errors import UsageError

Array = NDArray[np.float64]


def never() -> tuple[Array, Array]:
    raise AssertionError("nothing is to be guessed")


def quickest(metres: Array, seconds: Array) -> tuple[Array, Array]:
    """The seconds of the quickest way between all pairs, and the least metres among ways that quick."""
    size = len(seconds)
    ways = [
        [(float(seconds[i, j]), float(metres[i, j])) if i != j else (0.0, 0.0) for j in range(size)]
        for i in range(size)
    ]
    ways = [[(math.inf, 0.0) if math.isnan(way[0]) else way for way in row] for row in ways]
    for k in range(size):
        for i in range(size):
            for j in range(size):
                over = ways[i][k][0] + ways[k][j][0], ways[i][k][1] + ways[k][j][1]
                ways[i][j] = min(ways[i][j], over)
    return np.array([[w[1] for w in row] for row in ways]), np.array([[w[0] for w in row] for row in ways])


@st.composite
def gappy(draw: st.DrawFn) -> tuple[Array, Array]:
    """Random matrices, asymmetric, of which some entries are missing; times differ, so ways are unique."""
    size = draw(st.integers(2, 7))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    metres, seconds = random.uniform(100, 9_000, (size, size)), random.uniform(10, 900, (size, size))
    gaps = random.random((size, size)) < draw(st.floats(0, 0.9))
    seconds[gaps] = np.nan
    for matrix in (metres, seconds):
        np.fill_diagonal(matrix, 0)
    return metres, seconds


@given(gappy())
def test_gaps_become_the_quickest_way_over_others_else_the_guess(given_: tuple[Array, Array]) -> None:
    metres, seconds = given_
    guess = np.full_like(metres, 7.0), np.full_like(metres, 5.0)
    got_metres, got_seconds, notes = mended(metres, seconds, lambda: guess)
    gaps = np.isnan(seconds)
    way_metres, way_seconds = quickest(metres, seconds)
    reachable = gaps & np.isfinite(way_seconds)
    assert np.allclose(got_seconds[reachable], way_seconds[reachable])
    assert np.allclose(got_metres[reachable], way_metres[reachable])
    assert (got_seconds[gaps & ~reachable] == 5).all()
    assert (got_metres[gaps & ~reachable] == 7).all()
    assert np.array_equal(got_seconds[~gaps], seconds[~gaps])
    assert np.array_equal(got_metres[~gaps], metres[~gaps])
    told = "\n".join(notes)
    assert (f"Missing pairs: {reachable.sum()} of" in told) == bool(reachable.any())
    assert (f"leads to: {(gaps & ~reachable).sum()} of" in told) == bool((gaps & ~reachable).any())


@given(st.integers(0, 2**32))
def test_pairs_slower_than_a_detour_are_told_and_kept(seed: int) -> None:
    points = np.random.default_rng(seed).uniform(0, 1_000, (9, 2))
    seconds = np.linalg.norm(points[:, None] - points, axis=2)
    assert mended(seconds, seconds, never)[2] == []  # distances in a plane are a metric
    worse = seconds.copy()
    worse[2, 5] = seconds[2, 4] + seconds[4, 5] + 500
    _, kept, [note] = mended(seconds, worse, never)
    assert kept[2, 5] == worse[2, 5]
    assert "1, by up to" in note


def test_asymmetry_needs_no_mending() -> None:
    seconds = np.array([[0.0, 10, 12], [30, 0, 11], [10, 9, 0]])
    _, kept, notes = mended(seconds, seconds, never)
    assert np.array_equal(kept, seconds)
    assert any("slower than a detour" in note for note in notes)  # 1 -> 0 takes 30, over 2 it takes 21


def test_negative_infinite_and_looping_entries_are_told() -> None:
    seconds = np.array([[5.0, 10, 20], [10, 0, np.inf], [20, -1, 0]])
    metres, got, notes = mended(10 * np.abs(seconds), seconds, never)
    assert got[0, 0] == 0
    assert (got[1, 2], got[2, 1]) == (30, 30)
    assert (metres[1, 2], metres[2, 1]) == (300, 300)
    assert notes[:3] == [
        "Places with a way to themselves: 1; taken as 0.",
        "Negative entries: 1; taken as missing.",
        "Missing pairs: 2 of 6; filled with the quickest way over other places.",
    ]


def test_two_stops_in_one_house_lead_on_to_a_third() -> None:
    nan = np.nan
    seconds = np.array([[0.0, 0, nan], [0, 0, 60], [nan, 60, 0]])
    _, got, _ = mended(seconds * 10, seconds, never)
    assert got[0, 2] == pytest.approx(60)


def test_a_matrix_that_is_no_square_is_refused() -> None:
    with pytest.raises(UsageError, match="no travel matrix"):
        mended(np.zeros((2, 3)), np.zeros((2, 3)), never)
    with pytest.raises(UsageError, match="no travel matrix"):
        mended(np.zeros((2, 2)), np.zeros((3, 3)), never)
