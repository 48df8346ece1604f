"""Values explained by groups: robust against outliers, careful where a group has few cases.

Each group's effect is the median of what the others leave unexplained (Tukey's median polish), shrunk towards
nothing by as much as chance alone would explain its distance (empirical Bayes with a normal prior, whose
variance is estimated by moments over the groups of a factor).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

_ROUNDS = 10
_MAD_TO_DEVIATION = 1.4826
_MEDIAN_VARIANCE = np.pi / 2  # of a median of normal values, in terms of that of their mean


@dataclass(frozen=True)
class Effect:
    """What each group of one factor adds, and how many cases it had; `groups` ascending."""

    groups: Codes
    added: Array
    cases: Codes

    def of(self, groups: Codes) -> Array:
        """What these groups add; 0 for one that was never seen."""
        return self._looked_up(self.added, groups)

    def cases_of(self, groups: Codes) -> Array:
        """How many cases these groups had."""
        return self._looked_up(self.cases, groups)

    def _looked_up(self, values: NDArray[np.float64] | Codes, groups: Codes) -> Array:
        known = np.minimum(np.searchsorted(self.groups, groups), len(self.groups) - 1)
        found: Array = np.where(self.groups[known] == groups, values[known], 0.0)
        return found


@dataclass(frozen=True)
class Fit:
    """value = level + the sum of what the groups add."""

    level: float
    effects: dict[str, Effect]

    def at(self, groups: Mapping[str, Codes]) -> Array:
        """The value in these groups of each factor; shapes broadcast."""
        value = np.array(self.level)
        for name, codes in groups.items():
            value = value + self.effects[name].of(codes)
        return value


def fitted(values: Array, factors: Mapping[str, Codes]) -> Fit:
    """The effects of the factors on values of shape (n,), one code each per value; n >= 1.

    Factors given first explain first: a finer one that repeats a coarser one keeps only what is its own.
    """
    level = float(np.median(values))
    dense = {name: np.unique(codes, return_inverse=True) for name, codes in factors.items()}
    added = {name: np.zeros(len(groups)) for name, (groups, _) in dense.items()}
    rest = values - level
    for _ in range(_ROUNDS):
        for name, (groups, at) in dense.items():
            rest += added[name][at]
            added[name] = _shrunken_medians(rest, at, len(groups))
            rest -= added[name][at]
        shift = float(np.median(rest))
        level, rest = level + shift, rest - shift
    return Fit(
        level,
        {name: Effect(groups, added[name], np.bincount(at)) for name, (groups, at) in dense.items()},
    )


def _shrunken_medians(rest: Array, at: NDArray[np.intp], groups: int) -> Array:
    frame = pl.DataFrame({"at": at, "rest": rest})
    found = frame.group_by("at").agg(pl.col("rest").median(), pl.len().alias("cases")).sort("at")
    medians, cases = found["rest"].to_numpy(), found["cases"].to_numpy()
    left = rest - medians[at]
    # A median lies on its group's own values: what is left of small groups looks smaller than it is.
    freedom = max(len(rest) - groups, 1) / len(rest)
    spread = _MAD_TO_DEVIATION * float(np.median(np.abs(left))) / np.sqrt(freedom)
    by_chance = _MEDIAN_VARIANCE * spread**2 / cases
    between = max(float(np.average(medians**2 - by_chance, weights=cases)), 0.0)
    shrunken: Array = medians * between / np.maximum(between + by_chance, 1e-300)
    return shrunken
