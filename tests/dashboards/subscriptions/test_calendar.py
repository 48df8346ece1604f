"""Due when the wall clock says so, also on the days when it jumps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.subscriptions.calendar import due

ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Shanghai"]


def test_weekdays_at_seven_follow_the_clock_into_winter() -> None:
    start = datetime(2026, 10, 30, tzinfo=UTC)
    found = due("0 7 * * 1-5", "America/New_York", start, start + timedelta(days=4))
    assert found == [datetime(2026, 10, 30, 11, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC)]


def test_the_hour_that_is_left_out_fires_once_and_the_doubled_one_once() -> None:
    spring, autumn = datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    for day in (spring, autumn):
        found = due("30 2 * * *", "America/New_York", day + timedelta(hours=5), day + timedelta(hours=28))
        assert len(found) == 1
        again = due("30 1 * * *", "America/New_York", day + timedelta(hours=5), day + timedelta(hours=28))
        assert len(again) == 1


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2035, 12, 1), timezones=st.just(UTC)),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_a_daily_report_is_due_once_on_every_calendar_day(
    zone: str, start: datetime, hour: int, minute: int
) -> None:
    found = due(f"{minute} {hour} * * *", zone, start, start + timedelta(days=20))
    days = [moment.astimezone(ZoneInfo(zone)).date() for moment in found]
    assert days == sorted(set(days))
    assert 19 <= len(days) <= 21
    assert (days[-1] - days[0]).days == len(days) - 1


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(0, 4000))
def test_two_runs_see_together_what_one_run_sees(start: datetime, minutes: int) -> None:
    middle, end = start + timedelta(minutes=minutes), start + timedelta(minutes=6000)
    whole = due("*/45 3-9 * * *", "Europe/London", start, end)
    halves = due("*/45 3-9 * * *", "Europe/London", start, middle) + due(
        "*/45 3-9 * * *", "Europe/London", middle, end
    )
    assert halves == whole


@pytest.mark.parametrize("zone", ZONES)
def test_nothing_is_due_before_its_time(zone: str) -> None:
    now = datetime(2026, 5, 5, 5, 5, tzinfo=UTC)
    assert due("* * * * *", zone, now, now) == []
