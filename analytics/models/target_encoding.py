"""Columns of many categories (diagnosis codes, postcodes) as what usually came of each category.

A category becomes the mean outcome of its learning rows, drawn towards the overall mean the less is known of
it (empirical Bayes, Micci-Barreca 2001): (sum + m * mean) / (count + m), where m, the rows that weigh as much
as the overall mean, is the variance within categories over that between them, estimated from the data. Where
categories say nothing m is infinite and the column is constant.

A learning row never meets its own outcome: it is encoded from the rows of the other folds (cross-fitting),
the rows to be checked and scored from all learning rows. Several classes have one mean each. A category
without learning rows has the overall mean; what is missing stays missing, which trees handle themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.matrix import CodeBook, Matrix
from analytics.models.learner import Problem

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

MANY_CATEGORIES = 32  # beyond this LightGBM's own splits on sets of categories overfit
FOLDS, FEWEST_FOLDS = 5, 3


@dataclass(frozen=True)
class EncodedColumn:
    """The mean outcomes, shape (codes, outcomes), of the category codes in one matrix column."""

    position: int
    means: NDArray[np.float32]

    def values(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Shape (rows, outcomes); NaN where the code is missing."""
        missing = np.isnan(codes)
        found = self.means[np.where(missing, 0, codes).astype(np.int64)]
        return np.where(missing[:, None], np.float32(np.nan), found)


@dataclass(frozen=True)
class TargetEncoding:
    """Encoded columns; each first outcome takes the place of the codes, further ones follow at the end."""

    columns: tuple[EncodedColumn, ...]

    def encode(self, matrix: Matrix) -> Matrix:
        """A new matrix, shape (rows, `owners`)."""
        values = [column.values(matrix[:, column.position]) for column in self.columns]
        return _placed(matrix, [column.position for column in self.columns], values)

    def owners(self, width: int) -> Rows:
        """For each column of the encoded matrix the position, below `width`, it was made from."""
        further = [np.repeat(column.position, column.means.shape[1] - 1) for column in self.columns]
        return np.concatenate([np.arange(width), *further]).astype(np.int64)

    def as_json(self) -> list[dict[str, Any]]:
        return [{"position": column.position, "means": column.means.tolist()} for column in self.columns]

    @classmethod
    def from_json(cls, given: Sequence[dict[str, Any]]) -> "TargetEncoding":
        columns = (EncodedColumn(c["position"], np.array(c["means"], dtype=np.float32)) for c in given)
        return cls(tuple(columns))


def encoded_positions(code_book: CodeBook) -> list[int]:
    """The matrix columns that hold codes of many categories."""
    return [position for position, size in _sizes(code_book).items() if size > MANY_CATEGORIES]


def unencoded_categories(code_book: CodeBook) -> list[int]:
    """The matrix columns whose few categories trees split on as they are."""
    encoded = encoded_positions(code_book)
    return [position for position in code_book.category_positions if position not in encoded]


def learn_encoding(problem: Problem, rows: Rows, groups: Rows) -> tuple[TargetEncoding, Matrix]:
    """The encoding that these rows teach, and these rows encoded without their own outcomes.

    `groups`, shape (rows,), are folds that keep an entity's rows together; where they are too few to
    cross-fit the rows are dealt out by chance.
    """
    matrix, outcomes = problem.inputs.matrix[rows], _outcomes(problem, rows)
    sizes, positions = _sizes(problem.code_book), encoded_positions(problem.code_book)
    enough = len(np.unique(groups)) >= FEWEST_FOLDS
    folds = groups if enough else np.random.default_rng(problem.seed).permutation(len(rows)) % FOLDS
    columns, crossed = [], []
    for position in positions:
        codes, levels = matrix[:, position], sizes[position] + 1  # the last: unseen and rare categories
        columns.append(_learned(position, codes, outcomes, levels))
        values = np.empty((len(rows), outcomes.shape[1]), np.float32)
        for fold in np.unique(folds):
            own = folds == fold
            others = _learned(position, codes[~own], outcomes[~own], levels)
            values[own] = others.values(codes[own])
        crossed.append(values)
    return TargetEncoding(tuple(columns)), _placed(matrix, positions, crossed)


def _sizes(code_book: CodeBook) -> dict[int, int]:
    """For each matrix column of codes the number of its categories."""
    sizes = [len(column.categories) for column in code_book.columns for _ in range(column.width)]
    return {position: sizes[position] for position in code_book.category_positions}


def _outcomes(problem: Problem, rows: Rows) -> Array:
    """What is averaged, shape (rows, outcomes): the label, of several classes whether it is each."""
    labels = problem.labels[rows]
    if problem.kind != "multiclass":
        return labels[:, None]
    return np.asarray(labels[:, None] == np.arange(problem.classes), dtype=np.float64)


def _learned(position: int, codes: NDArray[np.float32], outcomes: Array, levels: int) -> EncodedColumn:
    mean = outcomes.mean(axis=0)
    counts, sums = _totals(codes, outcomes, levels)
    seen = counts > 0
    means = np.tile(mean, (levels, 1))
    rows, weight = counts[seen][:, None], _weight_of_the_mean(codes, outcomes, levels)
    means[seen] += rows / (rows + weight) * (sums[seen] / rows - mean)
    return EncodedColumn(position, means.astype(np.float32))


def _totals(codes: NDArray[np.float32], outcomes: Array, levels: int) -> tuple[Array, Array]:
    """Rows and sums of outcomes per code, shapes (levels,) and (levels, outcomes)."""
    known = ~np.isnan(codes)
    places = codes[known].astype(np.int64)
    sums = [np.bincount(places, weights=column, minlength=levels) for column in outcomes[known].T]
    return np.bincount(places, minlength=levels).astype(np.float64), np.column_stack(sums)


def _weight_of_the_mean(codes: NDArray[np.float32], outcomes: Array, levels: int) -> Array:
    """How many rows of a category weigh as much as the overall mean, shape (outcomes,); infinite for noise.

    Variances within and between categories by the method of moments (one-way analysis of variance).
    """
    counts, sums = _totals(codes, outcomes, levels)
    _, squares = _totals(codes, outcomes**2, levels)
    seen = counts > 0
    counts, sums, squares = counts[seen][:, None], sums[seen], squares[seen]
    rows, categories = counts.sum(), len(counts)
    if categories < 2 or rows <= categories:
        return np.full(outcomes.shape[1], np.inf)
    within = (squares - sums**2 / counts).sum(axis=0) / (rows - categories)
    around = (sums**2 / counts).sum(axis=0) - sums.sum(axis=0) ** 2 / rows
    size = (rows - (counts**2).sum() / rows) / (categories - 1)
    between = (around / (categories - 1) - within) / size
    weight: Array = np.full_like(within, np.inf)
    np.divide(within, between, out=weight, where=between > 0)
    return weight


def _placed(matrix: Matrix, positions: Sequence[int], values: Sequence[NDArray[np.float32]]) -> Matrix:
    placed = matrix.copy()
    for position, found in zip(positions, values, strict=True):
        placed[:, position] = found[:, 0]
    return np.hstack([placed, *(found[:, 1:] for found in values)])
