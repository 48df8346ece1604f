"""Wall-clock shifts as seconds of a day, also where the clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.routing.shifts import WHOLE_DAY, midnight, moment, shift_window, usual_shift

BERLIN = "Europe/Berlin"
HOUR = 3_600
clocks = st.times().map(lambda time: f"{time:%H:%M}")


@pytest.mark.parametrize(
    ("day", "begins", "hours", "early"),
    [
        (date(2026, 11, 2), datetime(2026, 11, 1, 23), 24, 6),
        (date(2026, 3, 29), datetime(2026, 3, 28, 23), 23, 5),  # the hour from 2 to 3 does not exist
        (date(2026, 10, 25), datetime(2026, 10, 24, 22), 25, 7),  # the hour from 2 to 3 comes twice
    ],
)
def test_days_of_23_24_and_25_hours(day: date, begins: datetime, hours: int, early: int) -> None:
    assert midnight(day, BERLIN) == begins
    whole = shift_window(day, WHOLE_DAY, BERLIN)
    assert (whole.opens, whole.closes) == (0, hours * HOUR)
    window = shift_window(day, ("06:00", "14:30"), BERLIN)
    assert (window.opens, window.closes) == (early * HOUR, (early + 8.5) * HOUR)


def test_a_shift_over_midnight_ends_on_the_next_day() -> None:
    window = shift_window(date(2026, 10, 24), ("22:00", "06:00"), BERLIN)
    assert (window.opens, window.closes) == (22 * HOUR, 31 * HOUR)  # in a night of nine hours


def test_a_time_that_the_day_skips_is_an_hour_later() -> None:
    day = date(2026, 3, 29)
    assert moment(day, "02:30", BERLIN) == moment(day, "03:30", BERLIN)
    window = shift_window(day, ("02:15", "03:00"), BERLIN)
    assert window.opens == window.closes == 2.25 * HOUR


@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    clocks,
    clocks,
    st.sampled_from([BERLIN, "Asia/Shanghai", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
)
def test_on_the_clock_of_the_place_a_shift_begins_and_ends_when_it_says(
    day: date, start: str, end: str, timezone: str
) -> None:
    window = shift_window(day, (start, end), timezone)
    last = day if end > start else day + timedelta(days=1)
    for second, on, clock in ((window.opens, day, start), (window.closes, last, end)):
        zone = ZoneInfo(timezone)
        meant = datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=zone)
        exists = meant.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == meant.replace(tzinfo=None)
        moment = (midnight(day, timezone) + timedelta(seconds=second)).replace(tzinfo=UTC)
        assert moment.astimezone(zone).replace(tzinfo=None) == meant.replace(tzinfo=None) or not exists
    assert 0 <= window.closes - window.opens <= 25 * HOUR


def test_the_usual_shift_is_the_one_most_have() -> None:
    early, late = ("06:00", "14:00"), ("12:00", "20:00")
    assert usual_shift([late, early, late, (None, None), ("05:00", None)]) == late
    assert usual_shift([late, early]) == early
    assert usual_shift([(None, None)]) == WHOLE_DAY
