"""Columns that are one quantity measured several times (BILL_1, BILL_2 ...): what they say together.

Trees cut one column at a time and need many cuts to see a mean or a trend. Columns of one name but for the
number at its end, each correlated with the next, are taken for such a series; its mean, spread, least, most
and trend become columns of their own, and its mean and first value relative to other amounts of a like size
(a bill and the credit limit). Nothing is learned from outcomes. What such a column contributes to a score is
shared equally by the columns it was made of.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.matrix import CodeBook, Matrix

Array = NDArray[np.float64]

FEWEST, MOST = 3, 60  # columns of a series
CORRELATED = 0.3  # rank correlation of neighbours, on average
LIKE_SIZE = 100.0  # how many times larger or smaller an amount may be that a series is seen relative to
FEWEST_VALUES = 20  # distinct ones, of such an amount
MOST_AMOUNTS = 5
LOOKED_AT = 5_000  # rows
_NUMBERED = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True)
class Series:
    """The matrix columns of a series in their order, and of the amounts it is seen relative to."""

    columns: tuple[int, ...]
    amounts: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        return 5 + 2 * len(self.amounts)

    def values(self, matrix: Matrix) -> Array:
        """Shape (rows, width): mean, spread, least, most, trend; mean and first value by each amount."""
        given = matrix[:, self.columns].astype(np.float64)
        known = ~np.isnan(given)
        with np.errstate(divide="ignore", invalid="ignore"):  # no value, or just one: NaN
            count = known.sum(axis=1)
            mean = np.nansum(given, axis=1) / count
            apart = np.where(known, given - mean[:, None], 0.0)
            step = np.where(known, np.arange(len(self.columns)), 0.0)
            step = np.where(known, step - (step.sum(axis=1) / count)[:, None], 0.0)
            found = [
                mean,
                np.sqrt((apart**2).sum(axis=1) / count),
                np.fmin.reduce(given, axis=1),
                np.fmax.reduce(given, axis=1),
                (step * apart).sum(axis=1) / (step**2).sum(axis=1),
            ]
            for amount in self.amounts:
                by = np.where(matrix[:, amount] > 0, matrix[:, amount], np.nan)
                found += [mean / by, given[:, 0] / by]
        return np.column_stack(found)

    def sources(self) -> list[tuple[int, ...]]:
        """The matrix columns that each of the values is made of."""
        relative = [source for amount in self.amounts for source in self._relative(amount)]
        return [self.columns] * 5 + relative

    def _relative(self, amount: int) -> list[tuple[int, ...]]:
        return [(*self.columns, amount), (self.columns[0], amount)]


def find_series(code_book: CodeBook, matrix: Matrix, monotone: Sequence[int] = ()) -> tuple[Series, ...]:
    """The series among the numbers of the coded matrix; none of columns with a monotone direction."""
    free = [place for place in _numbers(code_book) if not (monotone and monotone[place])]
    names = code_book.sources
    some = matrix[:: max(1, len(matrix) // LOOKED_AT)].astype(np.float64)
    families: dict[str, list[tuple[int, int]]] = {}
    for place in free:
        found = _NUMBERED.fullmatch(names[place])
        if found:
            families.setdefault(found[1], []).append((int(found[2]), place))
    ordered = [tuple(place for _, place in sorted(members)) for members in families.values()]
    runs = [run for run in ordered if FEWEST <= len(run) <= MOST and _hangs_together(some[:, run])]
    taken = {place for run in runs for place in run}
    others = [place for place in free if place not in taken and _is_amount(some[:, place])]
    return tuple(Series(run, tuple(_like(some, run, others))[:MOST_AMOUNTS]) for run in runs)


def extended(matrix: Matrix, series: Sequence[Series]) -> Matrix:
    """The matrix with the values of the series as further columns."""
    if not series:
        return matrix
    return np.hstack([matrix, *(each.values(matrix).astype(np.float32) for each in series)])


def returned(contributions: Array, series: Sequence[Series], width: int) -> Array:
    """Contributions (..., columns of the extended matrix) handed back to the first `width` columns."""
    found = contributions[..., :width].copy()
    sources = [source for each in series for source in each.sources()]
    for place, source in enumerate(sources, width):
        found[..., source] += contributions[..., place, None] / len(source)
    return found


def as_json(series: Sequence[Series]) -> list[dict[str, Any]]:
    return [{"columns": list(each.columns), "amounts": list(each.amounts)} for each in series]


def from_json(given: Sequence[dict[str, Any]]) -> tuple[Series, ...]:
    return tuple(Series(tuple(each["columns"]), tuple(each["amounts"])) for each in given)


def _numbers(code_book: CodeBook) -> list[int]:
    kinds = [column.kind for column in code_book.columns for _ in range(column.width)]
    return [place for place, kind in enumerate(kinds) if kind == "number"]


def _hangs_together(columns: Array) -> bool:
    neighbours = zip(columns.T[:-1], columns.T[1:], strict=True)
    return float(np.mean([_rank_correlation(one, next_) for one, next_ in neighbours])) >= CORRELATED


def _rank_correlation(one: Array, other: Array) -> float:
    """Spearman's, over the rows where both are known; 0 where it is not defined."""
    from scipy.stats import rankdata

    known = ~np.isnan(one) & ~np.isnan(other)
    ranks = rankdata(one[known]), rankdata(other[known])
    if known.sum() < FEWEST_VALUES or not all(each.std() for each in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def _is_amount(column: Array) -> bool:
    known = column[~np.isnan(column)]
    return len(np.unique(known)) >= FEWEST_VALUES and bool((known > 0).mean() > 0.9)


def _like(some: Array, run: Sequence[int], others: Sequence[int]) -> Iterator[int]:
    """Those of the other columns whose values are of a like size."""
    size = _size(some[:, run])
    for place in others:
        if size and 1 / LIKE_SIZE <= _size(some[:, place]) / size <= LIKE_SIZE:
            yield place


def _size(values: Array) -> float:
    known = np.abs(values[~np.isnan(values) & (values != 0)])
    return float(np.median(known)) if len(known) else 0.0
