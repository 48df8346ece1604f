"""The columns of a linear model, made of the coded matrix: what a straight line cannot say gets columns.

Numbers: missing ones become the median and mark a column of their own; long tails are bent by asinh, which
is the logarithm far out and a straight line near the median; hinges at quantiles let the line break (a linear
spline, Hastie et al. 2009, chapter 5). Where the task says that the score must not fall (or rise), ramps from
knot to knot take the place of hinges: while no coefficient is negative (positive), the line never falls
(rises). Categories: one column each for the frequent ones, the rest pooled.
Nothing is learned from outcomes, so one design serves all folds.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.matrix import CodeBook, Matrix

Array = NDArray[np.float64]

LONG_TAIL = 1.5  # skewness beyond which a number is bent
CLIPPED = 0.001  # share of the values on each side that count as the last ordinary one
KNOTS = 5
FEW_VALUES = 12  # a number of so few distinct values may break at each of them
FEWEST_OF_A_CATEGORY = 5
MOST_CATEGORIES = 100


@dataclass(frozen=True)
class Block:
    """The columns made of one matrix column.

    A number: `asinh` or itself, after (x - center) / scale within [low, high]; a hinge max(0, z - knot) for
    each of `knots`, that of a `direction` ends at the next knot. A category: one column per code.
    `marks_missing`: the last column is 1 where it is missing.
    """

    center: float = 0.0
    scale: float = 1.0
    low: float = 0.0
    high: float = 0.0
    bent: bool = False
    knots: tuple[float, ...] = ()
    codes: tuple[int, ...] | None = None
    marks_missing: bool = False
    direction: int = 0

    @property
    def hinges(self) -> list[bool]:
        """For each column whether it is a hinge."""
        plain = [False] * (1 if self.codes is None else len(self.codes))
        return plain + [True] * len(self.knots) + [False] * self.marks_missing

    def columns(self, values: NDArray[np.float32]) -> Array:
        """Shape (rows, columns of the block)."""
        missing = np.isnan(values)
        if self.codes is not None:
            found = (values[:, None] == np.array(self.codes, dtype=np.float32)).astype(float)
        else:
            z = self._straightened(np.where(missing, self.center, values))
            ends = [*self.knots[1:], np.inf] if self.direction else [np.inf] * len(self.knots)
            hinges = (np.clip(z, knot, end) - knot for knot, end in zip(self.knots, ends, strict=False))
            found = np.column_stack([z, *hinges])
        return np.column_stack([found, missing]) if self.marks_missing else found

    def _straightened(self, values: Array) -> Array:
        z = (np.clip(values, self.low, self.high) - self.center) / self.scale
        return np.asarray(np.arcsinh(z) if self.bent else z)


@dataclass(frozen=True)
class Design:
    """One block per matrix column."""

    blocks: tuple[Block, ...]

    @property
    def widths(self) -> list[int]:
        return [len(block.hinges) for block in self.blocks]

    @property
    def hinges(self) -> NDArray[np.bool_]:
        """Marks the columns that are hinges, shape (columns,)."""
        return np.array([hinge for block in self.blocks for hinge in block.hinges], dtype=bool)

    @property
    def numbers(self) -> NDArray[np.bool_]:
        """Marks the columns that are numbers or hinges, neither 0 nor 1, shape (columns,)."""
        marks: list[bool] = []
        for block in self.blocks:
            width = len(block.hinges) - block.marks_missing
            marks += [block.codes is None] * width + [False] * block.marks_missing
        return np.array(marks, dtype=bool)

    @property
    def directions(self) -> NDArray[np.int64]:
        """For each column the sign its coefficient must have, 0 for either, shape (columns,)."""
        signs: list[int] = []
        for block in self.blocks:
            width = len(block.hinges) - block.marks_missing
            signs += [block.direction] * width + [0] * block.marks_missing
        return np.array(signs, dtype=np.int64)

    def columns(self, matrix: Matrix) -> Array:
        """Shape (rows, columns)."""
        return np.hstack([block.columns(matrix[:, place]) for place, block in enumerate(self.blocks)])

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(block) for block in self.blocks]

    @classmethod
    def from_json(cls, given: list[dict[str, Any]]) -> "Design":
        blocks = (
            Block(
                **{
                    **block,
                    "knots": tuple(block["knots"]),
                    "codes": None if block["codes"] is None else tuple(block["codes"]),
                }
            )
            for block in given
        )
        return cls(tuple(blocks))


def learn_design(matrix: Matrix, code_book: CodeBook, monotone: tuple[int, ...] = ()) -> Design:
    """The design of the learning rows; `monotone` has one direction per matrix column, or none at all."""
    categories = set(code_book.category_positions)
    directions = monotone or (0,) * matrix.shape[1]
    return Design(
        tuple(
            _category(matrix[:, place]) if place in categories else _number(matrix[:, place], direction)
            for place, direction in enumerate(directions)
        )
    )


def _category(values: NDArray[np.float32]) -> Block:
    missing = np.isnan(values)
    codes, counts = np.unique(values[~missing], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]
    frequent = order[counts[order] >= FEWEST_OF_A_CATEGORY]
    return Block(codes=tuple(sorted(codes[frequent].astype(int).tolist())), marks_missing=bool(missing.any()))


def _number(values: NDArray[np.float32], direction: int) -> Block:
    missing = np.isnan(values)
    marks_missing = bool(missing.any())
    known = values[~missing].astype(np.float64)
    if not len(known):
        return Block(marks_missing=marks_missing)
    low, quarter, center, three_quarters, high = np.quantile(known, [CLIPPED, 0.25, 0.5, 0.75, 1 - CLIPPED])
    known = np.clip(known, low, high)
    spread = float(known.std())
    scale = float(three_quarters - quarter) / 1.349 or spread or 1.0
    skewness = float(np.mean(((known - known.mean()) / spread) ** 3)) if spread else 0.0
    block = Block(
        float(center),
        scale,
        float(low),
        float(high),
        bent=abs(skewness) > LONG_TAIL,
        marks_missing=marks_missing,
        direction=direction,
    )
    return replace(block, knots=_knots(block.columns(known.astype(np.float32))[:, 0]))


def _knots(z: Array) -> tuple[float, ...]:
    """Where the line may break: at the distinct values between the ends, of many at quantiles."""
    distinct = np.unique(z)
    if len(distinct) > FEW_VALUES:
        quantiles = np.quantile(z, np.linspace(0, 1, KNOTS + 2)[1:-1])
        distinct = np.unique([distinct[0], *quantiles, distinct[-1]])
    return tuple(distinct[1:-1].tolist())
