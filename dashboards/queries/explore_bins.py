"""Bins of equal width over numbers, days and moments, and the range of a view that each one stands for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from dashboards.queries.explore_filters import Sort, sort_of

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  moments in the lake are naive UTC
_ALONE = 0.02  # how wide a bin of one value is, as a share of it
_SECOND, _DAY = 1_000_000, 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Bins:
    """`number` bins from `low` on: numbers as they are, days since 1970, moments in microseconds since."""

    sort: Sort
    low: float
    width: float
    number: int

    def sql(self, name: str) -> str:
        """The values of a column (quoted) on the line of the bins."""
        if self.sort == "day":
            return f"({name} - DATE '1970-01-01')"
        return f"epoch_us({name})" if self.sort == "moment" else f"CAST({name} AS DOUBLE)"

    def frame(self, counted: Mapping[int, int]) -> pl.DataFrame:
        """`start, end, cases, range` of all bins."""
        edges = [self._told(self.low + place * self.width) for place in range(self.number + 1)]
        places = range(self.number)
        return pl.DataFrame(
            {
                "start": edges[:-1],
                "end": edges[1:],
                "cases": [counted.get(place, 0) for place in places],
                "range": [self._range(place) for place in places],
            },
            schema_overrides={"cases": pl.Int64},
        )

    def _told(self, place: float) -> Any:
        if self.sort == "day":
            return _EPOCH + timedelta(days=place)
        return _EPOCH + timedelta(microseconds=place) if self.sort == "moment" else float(place)

    def _range(self, place: int) -> str:
        """From the least value of a bin to the greatest, both included, as a view writes them."""
        low, end = self.low + place * self.width, self.low + (place + 1) * self.width
        if self.sort in ("whole", "day"):
            return f"{self._written(low)}..{self._written(end - 1)}"
        if self.sort == "moment":
            return f"{self._written(low)}..{self._written(end - 1)}"
        return f"{low!r}..{(end if place == self.number - 1 else math.nextafter(end, -math.inf))!r}"

    def _written(self, place: float) -> str:
        told = self._told(place)
        if self.sort == "day":
            return str(told.date().isoformat())
        return str(told.isoformat()) if self.sort == "moment" else str(int(place))


def bins_between(kind: str, low: Any, high: Any, most: int) -> Bins | None:
    """At most `most` bins that hold all values from `low` to `high`; None where there are no values."""
    sort = sort_of(kind)
    if low is None or high is None:
        return None
    if sort == "number":
        least, greatest = float(low), float(high)
        if (width := (greatest - least) / most) > 0:
            return Bins(sort, least, width, most)
        width = _ALONE * abs(least) or _ALONE  # one value: a bar about it that can be seen
        return Bins(sort, least - width / 2, width, 1)
    first, last = _place(low), _place(high)
    unit = 1
    if sort == "moment":
        unit = _DAY if (last - first) >= most * _DAY else _SECOND
        first -= first % unit
    width_in_units = -(-(last - first + 1) // (unit * most))
    width = unit * max(1, width_in_units)
    return Bins(sort, first, width, (last - first) // width + 1)


def _place(value: Any) -> int:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1)
    if isinstance(value, date):
        return (value - _EPOCH.date()).days
    return int(value if not isinstance(value, Decimal) else value.to_integral_value())
