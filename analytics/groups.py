"""The groups that an attribute divides cases into, under names that people read in any language."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

MISSING = "missing"
OTHER = "other"
MOST_VALUES = 6  # distinct numbers that are groups of their own; more are put into bands
MOST_CATEGORIES = 12  # the rarest of more than these are one group
_SHARES = (0.2, 0.4, 0.6, 0.8)  # of the cases below the edges of bands, before the edges are rounded
_MOST = 1e100  # beyond it a number is an error, and its bands need not be right
_STEPS = np.array([1.0, 2.0, 5.0, 10.0])
_EXACT = 17  # digits that tell any two numbers apart


@dataclass(frozen=True)
class Groups:
    """Group names in reading order (bands rising, missing values last) and the place of each case's group."""

    names: tuple[str, ...]
    places: NDArray[np.int64]

    def masks(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """Each group with a mark for its cases, shape (rows,)."""
        return [(name, self.places == place) for place, name in enumerate(self.names)]


def groups_of(values: pl.Series) -> Groups:
    """The groups of an attribute: its categories, its few numbers, or bands («< 30», «30–<40», «≥ 60»).

    Dates are grouped by year; infinite numbers count as missing.
    """
    if values.dtype in (pl.Date, pl.Datetime):
        values = values.dt.year()
    if values.dtype == pl.Boolean:
        return _named(values.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String))
    if values.dtype.is_numeric():
        return _numbered(values.cast(pl.Float64))
    text = values.cast(pl.String).str.strip_chars()
    return _named(text.set(text == "", None))


def _named(names: pl.Series) -> Groups:
    counts = names.drop_nulls().alias("name").value_counts()
    # Of equally many the first by name: the same groups every time.
    found = counts.sort("count", "name", descending=[True, False])["name"].to_list()
    if len(found) > MOST_CATEGORIES:
        rare = found[MOST_CATEGORIES - 1 :]
        names = names.set(names.is_in(rare).fill_null(value=False), OTHER)
        found = [name for name in found if name not in rare] + [OTHER]
    return _placed(names, sorted(set(found), key=lambda name: (name == OTHER, name)))


def _numbered(values: pl.Series) -> Groups:
    numbers = values.set(values.is_finite().not_().fill_null(value=True), None)
    distinct = numbers.drop_nulls().unique().sort()
    if len(distinct) <= MOST_VALUES:
        names = _written(distinct.to_list(), 6)
        written = numbers.replace_strict(distinct, names, default=None, return_dtype=pl.String)
        return _placed(written, names)
    edges = _edges(numbers.drop_nulls().to_numpy())
    limits = _written(edges.tolist(), 10)
    between = [f"{low}–<{high}" for low, high in pairwise(limits)]
    names = [f"< {limits[0]}", *between, f"≥ {limits[-1]}"]
    band = np.searchsorted(edges, numbers.fill_null(0.0).to_numpy(), side="right")
    written = pl.Series([names[place] for place in band], dtype=pl.String)
    return _placed(written.set(numbers.is_null(), None), names)


def _written(numbers: list[float], digits: int) -> list[str]:
    """Different numbers as different texts, to so many digits or, where they are alike to these, to more."""
    texts = [f"{number:.{digits}g}" for number in numbers]
    return texts if len(set(texts)) == len(texts) or digits == _EXACT else _written(numbers, _EXACT)


def _edges(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round numbers near the fifths of the cases, at least one."""
    numbers = np.clip(numbers, -_MOST, _MOST)
    fifths = np.quantile(numbers, _SHARES)
    apart = max(float(fifths[-1] - fifths[0]) / 4, float(np.ptp(numbers)) / 400, 1 / _MOST)
    power = 10.0 ** np.floor(np.log10(apart))
    step = power * _STEPS[np.abs(_STEPS - apart / power).argmin()]
    return np.unique(np.round(fifths / step) * step)


def _placed(names: pl.Series, order: list[str]) -> Groups:
    if names.null_count():
        order = [*(name for name in order if name != MISSING), MISSING]
        names = names.fill_null(MISSING)
    places = names.replace_strict(order, list(range(len(order))), return_dtype=pl.Int64)
    return Groups(tuple(order), places.to_numpy())
