"""What a method is given of one series: its past without gaps, and the calendar of past and future."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """`values` (step); `calendar` (step, feature) goes on beyond them, as far as is forecast."""

    values: Array
    calendar: Array

    def until(self, origin: int) -> "History":
        """As it was known before step `origin`."""
        return History(self.values[:origin], self.calendar)


def plain(values: Array) -> History:
    """A history without a calendar."""
    return History(values, np.empty((0, 0)))
