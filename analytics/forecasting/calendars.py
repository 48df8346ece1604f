"""What the calendar says about each step: hour, weekday, day of the year, by the clock on the wall."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.frequency import Frequency, Moment

Array = NDArray[np.float64]


def calendar_features(moments: Sequence[Moment], frequency: Frequency) -> Array:
    """(moment, feature): what can differ between steps of this frequency; no feature for whole numbers.

    Steps below a day: minute of the day, weekday, whether it is a weekend. Days: weekday, day of the month,
    days left in the month, and the day of the year as a circle. Weeks and months: that circle alone.
    Steps below a day are naive UTC; the zone of the frequency is where the clock hangs.
    """
    if not moments or isinstance(moments[0], int) or frequency.unit == "step":
        return np.empty((len(moments), 0))
    at = pl.Series(list(moments), dtype=pl.Datetime("us")).to_frame("at")
    here = pl.col("at")
    if frequency.unit == "second" and frequency.zone:
        here = here.dt.replace_time_zone("UTC").dt.convert_time_zone(frequency.zone)
    turn = here.dt.ordinal_day().cast(pl.Float64) * (2 * np.pi / 365.25)
    year = [turn.sin().alias("year_sin"), turn.cos().alias("year_cos")]
    weekday = here.dt.weekday().alias("weekday")
    if frequency.unit == "second":
        minute = (here.dt.hour().cast(pl.Int32) * 60 + here.dt.minute()).alias("minute")
        chosen = [minute, weekday, (here.dt.weekday() >= 6).alias("weekend")]
    elif frequency.unit == "day" and frequency.count < 7:
        left = (here.dt.month_end().dt.day() - here.dt.day()).alias("left")
        chosen = [weekday, here.dt.day().alias("day"), left, *year]
    else:
        chosen = year
    return at.select(each.cast(pl.Float64) for each in chosen).to_numpy()
