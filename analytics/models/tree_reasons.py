"""Exact contributions of LightGBM trees, many rows at a time.

The Shapley value of a feature in a leaf (path-dependent, Lundberg et al. 2020) depends on a row only through
which conditions on the way to the leaf it meets. With o = 1 where a row meets all conditions on a feature,
else 0, and z = the share of training rows that do, a leaf of value v gives feature j

    v (o_j - z_j)  integral over t from 0 to 1 of  product over i != j of  z_i + t (o_i - z_i),

a polynomial that Gauss-Legendre quadrature integrates exactly. A tree is cut into pieces of few splits; for
each the values of every pattern of outcomes are tabled once, and a row only looks them up. LightGBM's own
`pred_contrib` walks every tree anew for every row.
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from analytics.matrix import Matrix

Array = NDArray[np.float64]
Bits = NDArray[np.bool_]
Places = NDArray[np.int64]
Step = tuple[
    int, bool, float
]  # a split of the tree, the side taken, the share of training rows that takes it
Leaf = tuple[float, tuple[Step, ...]]  # its value and the way to it

PIECE = 10  # splits of a piece: its table has up to 2^10 patterns
LONGEST = 12  # splits on the way to a single leaf that are still tabled
AT_ONCE = 1_000  # rows: what belongs to them stays in the processor's cache
WORTH_TABLING = 2_000  # rows that pay for the tables


def contributions(booster: lgb.Booster, matrix: Matrix, threads: int) -> Array:
    """What `predict(matrix, pred_contrib=True)` returns, shape (rows, classes x (columns + 1)), to rounding.

    The tables of a booster are made once there are enough rows, and kept as long as it lives; a booster must
    not be trained further after that.
    """
    tables = _TABLES.get(booster)
    if tables is None:
        if len(matrix) < WORTH_TABLING:
            return np.asarray(booster.predict(matrix, pred_contrib=True, num_threads=threads))
        tables = _TABLES[booster] = TreeTables(booster)
    return tables.contributions(matrix, threads)


class TreeTables:
    """The tabled trees of one booster: about half a second and 20 MB for 200 trees of 31 leaves."""

    def __init__(self, booster: lgb.Booster) -> None:
        dumped = booster.dump_model()
        self._classes: int = dumped["num_tree_per_iteration"]
        self._columns: int = dumped["max_feature_idx"] + 1
        self._trees = [_Tree(tree["tree_structure"], self._columns) for tree in dumped["tree_info"]]

    def contributions(self, matrix: Matrix, threads: int = 1) -> Array:
        """What `predict(matrix, pred_contrib=True)` returns: columns and base, class after class."""
        parts = [matrix[start : start + AT_ONCE] for start in range(0, len(matrix), AT_ONCE)]
        with ThreadPoolExecutor(threads) as pool:
            return np.concatenate(list(pool.map(self._contributions, parts)))

    def _contributions(self, matrix: Matrix) -> Array:
        rows = _Rows(matrix)
        total = np.zeros((self._classes, self._columns + 1, len(matrix)))
        for number, tree in enumerate(self._trees):
            tree.add(rows, total[number % self._classes])
        return total.reshape(-1, len(matrix)).T


_TABLES: WeakKeyDictionary[lgb.Booster, TreeTables] = WeakKeyDictionary()


class _Rows:
    """A batch of rows, column by column: as they are and, below that, with 0 for missing."""

    def __init__(self, matrix: Matrix) -> None:
        columns = np.ascontiguousarray(matrix.T)
        self.missing = np.isnan(columns)
        filled = np.where(self.missing, np.float32(0), columns)
        self.values = np.concatenate([columns, filled])
        self.codes = np.where(self.missing | (filled < 0), -1, np.minimum(filled, 2**30)).astype(np.int64)


@dataclass(frozen=True)
class _Pieces:
    """The tabled pieces of a tree, flat.

    Lookup p reads `table` at `offsets[p]` plus the pattern of `piece[p]`. Lookups are sorted by feature;
    those of `features[k]` begin at `starts[k]`.
    """

    weights: NDArray[np.float32]  # (pieces, splits): turns outcomes into the number of the pattern
    piece: Places
    offsets: Places
    starts: Places
    features: Places
    table: Array


class _Splits:
    """The splits of one tree, and which way rows go at each."""

    def __init__(self, nodes: list[dict[str, Any]], columns: int) -> None:
        numeric = np.array([node["decision_type"] == "<=" for node in nodes], bool)
        fills = np.array([node["missing_type"] == "None" for node in nodes], bool)
        defaults = np.array([node["default_left"] for node in nodes], bool)
        self.features = np.array([node["split_feature"] for node in nodes], np.int64)
        self._sources = self.features + columns * fills
        limits = [
            node["threshold"] if is_number else np.nan for node, is_number in zip(nodes, numeric, strict=True)
        ]
        self._limits = np.array(limits, np.float64)[:, None]
        self._left_if_missing = np.flatnonzero(numeric & ~fills & defaults)
        self._by_code = np.flatnonzero(~numeric)
        chosen = [[int(code) for code in nodes[split]["threshold"].split("||")] for split in self._by_code]
        # The last column stays empty: it stands for missing (code -1) and for codes never chosen.
        self._goes_left = np.zeros((len(chosen), max(map(max, chosen), default=0) + 2), bool)
        for row, codes in enumerate(chosen):
            self._goes_left[row, codes] = True

    def outcomes(self, rows: _Rows) -> Bits:
        """Whether each row goes left, shape (splits, rows)."""
        left: Bits = rows.values[self._sources] <= self._limits
        left[self._left_if_missing] |= rows.missing[self.features[self._left_if_missing]]
        if len(self._by_code):
            splits, width = self._goes_left.shape
            codes = np.minimum(rows.codes[self.features[self._by_code]], width - 1) % width
            left[self._by_code] = self._goes_left.ravel()[codes + np.arange(splits)[:, None] * width]
        return left


class _Tree:
    def __init__(self, root: dict[str, Any], columns: int) -> None:
        self._nodes: list[dict[str, Any]] = []
        pieces = list(self._cut(root, ()))
        self._splits = _Splits(self._nodes, columns)
        leaves = [leaf for piece in pieces for leaf in piece]
        self._base = sum(value * math.prod(share for *_, share in way) for value, way in leaves)
        short = [piece for piece in pieces if 0 < len(_splits_of(piece)) <= LONGEST]
        self._long = [leaf for piece in pieces if len(_splits_of(piece)) > LONGEST for leaf in piece]
        self._pieces = self._tabled(short) if short else None

    def add(self, rows: _Rows, total: Array) -> None:
        """Adds the contributions to `total`, shape (columns + 1, rows); the last row is the base."""
        total[-1] += self._base
        if not self._nodes:
            return
        left = self._splits.outcomes(rows)
        if self._pieces:
            pieces = self._pieces
            patterns = (pieces.weights @ left.astype(np.float32)).astype(np.int64)
            found = pieces.table[patterns[pieces.piece] + pieces.offsets]
            total[pieces.features] += np.add.reduceat(found, pieces.starts, axis=0)
        for leaf in self._long:
            features, values = self._leaf_values(leaf, left)
            total[features] += values

    def _cut(self, node: dict[str, Any], way: tuple[Step, ...]) -> Iterator[list[Leaf]]:
        """The pieces of the tree: lists of leaves that together hang on few splits."""
        if "leaf_value" in node or len(way) + _size(node) <= PIECE:
            yield list(self._leaves(node, way))
            return
        for child, step in self._steps(node):
            yield from self._cut(child, (*way, step))

    def _leaves(self, node: dict[str, Any], way: tuple[Step, ...]) -> Iterator[Leaf]:
        if "leaf_value" in node:
            yield node["leaf_value"], way
            return
        for child, step in self._steps(node):
            yield from self._leaves(child, (*way, step))

    def _steps(self, node: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Step]]:
        split = len(self._nodes)
        self._nodes.append(node)
        for child, left in ((node["left_child"], True), (node["right_child"], False)):
            yield child, (split, left, _count(child) / _count(node))

    def _tabled(self, pieces: list[list[Leaf]]) -> _Pieces:
        weights = np.zeros((len(pieces), len(self._nodes)), np.float32)
        lookups: list[tuple[int, int, Array]] = []
        for number, leaves in enumerate(pieces):
            splits = _splits_of(leaves)
            weights[number, splits] = 2.0 ** np.arange(len(splits))
            outcomes = np.zeros((len(self._nodes), 2 ** len(splits)), bool)
            outcomes[splits] = np.arange(2 ** len(splits)) >> np.arange(len(splits))[:, None] & 1
            table: dict[int, Array] = {}
            for leaf in leaves:
                for feature, values in zip(*self._leaf_values(leaf, outcomes), strict=True):
                    table[feature] = table.get(feature, 0.0) + values
            lookups += [(feature, number, values) for feature, values in table.items()]
        lookups.sort(key=lambda lookup: lookup[:2])
        features, starts = np.unique([feature for feature, *_ in lookups], return_index=True)
        sizes = [len(values) for *_, values in lookups]
        return _Pieces(
            weights,
            np.array([number for _, number, _ in lookups]),
            np.cumsum([0, *sizes[:-1]])[:, None],
            starts,
            features,
            np.concatenate([values for *_, values in lookups]),
        )

    def _leaf_values(self, leaf: Leaf, outcomes: Bits) -> tuple[list[int], Array]:
        """What a leaf gives each feature on its way, (features, rows), by the outcomes, (splits, rows)."""
        value, way = leaf
        met: dict[int, Bits] = {}
        shares: dict[int, float] = {}
        for split, left, share in way:
            feature = int(self._splits.features[split])
            side = outcomes[split] if left else ~outcomes[split]
            met[feature] = met[feature] & side if feature in met else side
            shares[feature] = shares.get(feature, 1.0) * share
        z = np.array(list(shares.values()))[:, None]
        difference = np.array(list(met.values())) - z
        places, weights = _quadrature((len(shares) + 1) // 2)
        factors = z + places * difference
        integral = (weights * value * factors.prod(axis=1, keepdims=True) / factors).sum(axis=0)
        return list(shares), integral * difference


@lru_cache
def _quadrature(points: int) -> tuple[Array, Array]:
    """Places and weights that integrate polynomials of degree below 2 x points from 0 to 1 exactly."""
    places, weights = np.polynomial.legendre.leggauss(points)
    return (places[:, None, None] + 1) / 2, weights[:, None, None] / 2


def _splits_of(leaves: Sequence[Leaf]) -> list[int]:
    return sorted({split for _, way in leaves for split, *_ in way})


def _size(node: dict[str, Any]) -> int:
    return 0 if "leaf_value" in node else 1 + _size(node["left_child"]) + _size(node["right_child"])


def _count(node: dict[str, Any]) -> int:
    count: int = node["leaf_count"] if "leaf_value" in node else node["internal_count"]
    return count
