"""Matrices of distances and times made whole: gaps are filled, oddities told."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from connectors.errors import UsageError

Array = NDArray[np.float64]
Guess = Callable[[], tuple[Array, Array]]

_MOST_BETWEEN = 64  # places tried as a detour: with more, a look at all would take seconds
_TOLERANCE = 1.0, 0.01  # seconds and share by which a way may be slower than a detour, for rounding


def mended(metres: Array, seconds: Array, guess: Guess) -> tuple[Array, Array, list[str]]:
    """Both matrices, (n, n), without gaps, and in words what was mended.

    NaN, infinite and negative entries are gaps. A gap is filled with the quickest way over other places, and
    where there is none with `guess()` (metres, seconds), which is not called otherwise. Asymmetry is right as
    it is. A pair slower than a detour over a third place (the triangle inequality does not hold) is told and
    kept: who gave the matrix may know why nobody drives that detour. Raises UsageError if the shapes are not
    those of one square.
    """
    _one_square(metres, seconds)
    metres, seconds, notes = metres.copy(), seconds.copy(), _without_loops(metres, seconds)
    for matrix in (metres, seconds):
        np.fill_diagonal(matrix, 0.0)
    gaps, told = _gaps(metres, seconds)
    notes += told
    if gaps.any():
        metres[gaps] = seconds[gaps] = np.nan
        notes += _fill(metres, seconds, gaps, guess)
    return metres, seconds, notes + _detours(seconds)


def _one_square(metres: Array, seconds: Array) -> None:
    if metres.ndim != 2 or metres.shape[0] != metres.shape[1] or metres.shape != seconds.shape:
        raise UsageError(
            f"Distances of shape {metres.shape} and times of shape {seconds.shape} are no travel matrix.",
            "Both need one row and one column for each place.",
        )


def _without_loops(metres: Array, seconds: Array) -> list[str]:
    loops = int(((np.diagonal(metres) > 0) | (np.diagonal(seconds) > 0)).sum())
    return [f"Places with a way to themselves: {loops}; taken as 0."] if loops else []


def _gaps(metres: Array, seconds: Array) -> tuple[NDArray[np.bool_], list[str]]:
    negative = (metres < 0) | (seconds < 0)
    gaps = negative | ~np.isfinite(metres) | ~np.isfinite(seconds)
    return gaps, [f"Negative entries: {negative.sum()}; taken as missing."] if negative.any() else []


def _fill(metres: Array, seconds: Array, gaps: NDArray[np.bool_], guess: Guess) -> list[str]:
    """Fills the gaps in place."""
    pairs = len(gaps) * (len(gaps) - 1)
    over_others = _fill_by_detours(metres, seconds, gaps)
    left: NDArray[np.bool_] = np.isnan(seconds)
    notes = []
    if over_others:
        notes.append(
            f"Missing pairs: {over_others} of {pairs}; filled with the quickest way over other places."
        )
    if np.any(left):
        guessed_metres, guessed_seconds = guess()
        metres[left], seconds[left] = guessed_metres[left], guessed_seconds[left]
        notes.append(f"Missing pairs that no way over others leads to: {left.sum()} of {pairs}; estimated.")
    return notes


def _fill_by_detours(metres: Array, seconds: Array, gaps: NDArray[np.bool_]) -> int:
    """Fills what a chain of known pairs reaches; how many pairs that were."""
    from scipy.sparse.csgraph import shortest_path

    known = ~gaps
    np.fill_diagonal(known, False)
    hopeful = gaps & np.any(known, axis=1)[:, None] & np.any(known, axis=0)
    rows = np.flatnonzero(hopeful.any(axis=1))
    if not len(rows):
        return 0
    # To scipy 0, or less than 1e-8, is no edge at all; two stops in one house have one.
    edges = np.where(gaps, 0.0, np.maximum(seconds, 1e-6))
    if 10 * len(rows) < len(gaps):
        quickest, before = shortest_path(edges, method="D", indices=rows, return_predecessors=True)
    else:
        quickest, before = shortest_path(edges, method="FW", return_predecessors=True)
        quickest, before = quickest[rows], before[rows]
    row, column = np.nonzero(hopeful[rows] & np.isfinite(quickest))
    metres[rows[row], column] = _along(metres, before, rows, row, column)
    seconds[rows[row], column] = quickest[row, column]
    return len(row)


def _along(
    metres: Array,
    before: NDArray[np.int32],
    rows: NDArray[np.intp],
    row: NDArray[np.intp],
    column: NDArray[np.intp],
) -> Array:
    """Metres of the chains that the predecessors describe, walked back all at once."""
    total, at = np.zeros(len(row)), column
    while (away := at != rows[row]).any():
        previous = np.where(away, before[row, at], at)
        total += metres[previous, at]
        at = previous
    return total


def _detours(seconds: Array) -> list[str]:
    """Whether the triangle inequality holds, over a sample of places in between."""
    size = len(seconds)
    between = np.arange(size)
    if size > _MOST_BETWEEN:
        between = np.random.default_rng(0).choice(size, _MOST_BETWEEN, replace=False)
    quickest = np.full_like(seconds, np.inf)
    for place in between:
        np.minimum(quickest, seconds[:, place, None] + seconds[place], out=quickest)
    slower = seconds - quickest
    broken = slower > np.maximum(_TOLERANCE[0], _TOLERANCE[1] * seconds)
    if not broken.any():
        return []
    told = f"{broken.sum()}, by up to {slower.max():.0f} s; kept as given."
    return [f"Pairs slower than a detour over a third place (the triangle inequality does not hold): {told}"]
