"""Due when the wall clock says so, also on the days when it jumps; found again by walking every minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import UsageError
from dashboards.subscriptions.timing.clock import (
    MOST_MISSED,
    check_schedule,
    check_timezone,
    check_timing,
    coming,
    due,
    due_after_downtime,
)
from pipelines.settings import Settings
from tests.dashboards.subscriptions.timing import DAY, MINUTE, ZONES, Timing, changes, walk

HOUR = timedelta(hours=1)
NOTHING = Settings()
CHANGES = [(zone, change) for zone in ZONES for change in changes(zone, 2026, 2036)]
# The last days of 2011 in Samoa, which left one out; two zones that moved for good.
ODD = [
    *(("Pacific/Apia", change) for change in changes("Pacific/Apia", 2010, 2012)),
    *(("Asia/Pyongyang", change) for change in changes("Asia/Pyongyang", 2015, 2018)),
    *(("Europe/Volgograd", change) for change in changes("Europe/Volgograd", 2014, 2020)),
]
minutes = st.sets(st.integers(0, 59), min_size=1, max_size=3)


def field(numbers: set[int]) -> str:
    return ",".join(map(str, sorted(numbers)))


def test_there_are_changes_to_look_at() -> None:
    assert {zone for zone, _ in CHANGES} == set(ZONES) - {"Asia/Shanghai", "Asia/Kolkata", "UTC"}
    assert len(CHANGES) > 100
    assert len(ODD) >= 10


@settings(max_examples=60)
@given(
    st.sampled_from([*CHANGES, *ODD]),
    st.sets(st.integers(-2, 2) | st.integers(-12, 12), min_size=1, max_size=3),
    minutes,
    st.integers(-30 * 60, 30 * 60) | st.integers(-70, 70),
    st.integers(1, 30 * 60) | st.integers(1, 90),
)
def test_a_named_time_is_due_once_around_every_change(
    place: tuple[str, datetime], near: set[int], past: set[int], start: int, length: int
) -> None:
    zone, change = place
    at = {((change + HOUR * hour).astimezone(ZoneInfo(zone))).hour for hour in near}
    after, until = change + start * MINUTE, change + (start + length) * MINUTE
    expected = walk(zone, change, timedelta(hours=90)).named({time(h, m) for h in at for m in past})
    found = due(NOTHING, Timing(f"{field(past)} {field(at)} * * *", zone), after, until)
    assert found == [moment for moment in expected if after < moment <= until]


def test_what_was_due_in_the_first_of_two_hours_is_seen_from_the_second() -> None:
    change = datetime(2026, 11, 1, 6, tzinfo=UTC)  # New York is back at one o'clock
    at_half_past = Timing("30 1 * * *", "America/New_York")
    for minutes_later in (0, 10, 29, 30, 59):
        found = due(NOTHING, at_half_past, change - HOUR, change + minutes_later * MINUTE)
        assert found == [change - HOUR / 2]
    assert due(NOTHING, at_half_past, change, change + 2 * HOUR) == []


@settings(max_examples=40)
@given(st.sampled_from([*CHANGES, *ODD]), st.sampled_from([1, 5, 15, 20, 30]), minutes, st.booleans())
def test_a_schedule_of_every_hour_follows_the_time_that_passes(
    place: tuple[str, datetime], step: int, past: set[int], in_steps: bool
) -> None:
    zone, change = place
    wanted = set(range(0, 60, step)) if in_steps else past
    schedule = f"*/{step} * * * *" if in_steps else f"{field(past)} * * * *"
    after, until = change - 3 * HOUR, change + 26 * HOUR
    shown = walk(zone, change, timedelta(hours=27)).shown(lambda wall: wall.minute in wanted)
    assert due(NOTHING, Timing(schedule, zone), after, until) == [m for m in shown if after < m <= until]


@settings(max_examples=15)
@given(st.sampled_from(CHANGES), st.integers(1, 6), st.integers(0, 20))
def test_steps_within_named_hours_are_named_times(place: tuple[str, datetime], step: int, first: int) -> None:
    zone, change = place
    at = set(range(first, 24, step))
    expected = walk(zone, change, timedelta(hours=90)).named({time(h, m) for h in at for m in (0, 30)})
    after, until = change - 20 * HOUR, change + 20 * HOUR
    found = due(NOTHING, Timing(f"*/30 {first}-23/{step} * * *", zone), after, until)
    assert found == [moment for moment in expected if after < moment <= until]


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_report_comes_once_on_every_day_of_ten_years(zone: str) -> None:
    after, until = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2036, 1, 1, 12, tzinfo=UTC)
    for schedule in ("30 2 * * *", "0 0 * * *", "30 1 * * *"):
        found = due(NOTHING, Timing(schedule, zone), after, until)
        days = [moment.astimezone(ZoneInfo(zone)).date() for moment in found]
        assert days == [days[0] + n * DAY for n in range(len(days))]
        assert len(days) in (3651, 3652, 3653)


@given(
    st.sampled_from([*CHANGES, *ODD]),
    st.sampled_from(["*/45 0-9 * * *", "0 * * * *", "30 2 * * *", "0 0 1 * *", "15,45 */2 * * 1-5"]),
    st.integers(-3000, 3000),
    st.integers(0, 6000),
    st.integers(0, 6000),
)
def test_two_runs_see_together_what_one_run_sees(
    place: tuple[str, datetime], schedule: str, start: int, one: int, other: int
) -> None:
    timing = Timing(schedule, place[0])
    after = place[1] + start * MINUTE
    middle, end = sorted((after + one * MINUTE, after + other * MINUTE))
    halves = [*due(NOTHING, timing, after, middle), *due(NOTHING, timing, middle, end)]
    assert halves == due(NOTHING, timing, after, end)
    assert halves == sorted(set(halves))


def test_weekdays_at_seven_follow_the_clock_into_winter() -> None:
    start = datetime(2026, 10, 30, tzinfo=UTC)
    found = due(NOTHING, Timing("0 7 * * 1-5", "America/New_York"), start, start + timedelta(days=4))
    assert found == [datetime(2026, 10, 30, 11, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC)]


def test_the_day_that_samoa_left_out_is_told_just_after_it() -> None:
    start = datetime(2011, 12, 29, 0, tzinfo=UTC)
    found = due(NOTHING, Timing("0 8 30 * *", "Pacific/Apia"), start, start + timedelta(days=5))
    assert [moment.astimezone(ZoneInfo("Pacific/Apia")).date() for moment in found] == [date(2011, 12, 31)]


def test_a_clock_that_is_set_back_makes_nothing_due_again() -> None:
    timing = Timing("*/15 * * * *", "Europe/London")
    now = datetime(2026, 5, 5, 5, 5, tzinfo=UTC)
    newest = due(NOTHING, timing, now - DAY, now)[-1]
    for back in (timedelta(0), HOUR, 400 * DAY):
        assert due(NOTHING, timing, newest, now - back) == []
        assert due_after_downtime(NOTHING, timing, newest, now - back) == []


def test_after_downtime_the_newest_are_due_and_no_more() -> None:
    timing = Timing("0 7 * * *", "Europe/London")
    now = datetime(2026, 5, 5, 5, 5, tzinfo=UTC)
    three = due(NOTHING, timing, now - 3 * DAY, now)
    assert len(three) == 3
    assert due_after_downtime(NOTHING, timing, now - 3 * DAY, now) == three
    assert due_after_downtime(NOTHING, timing, now, now) == []
    years = due_after_downtime(NOTHING, Timing("* * * * *"), now - 3000 * DAY, now)
    assert years == [now - (MOST_MISSED - 1 - n) * MINUTE for n in range(MOST_MISSED)]


def test_leap_days_are_found_years_ahead_and_what_never_comes_is_told() -> None:
    found = coming(NOTHING, Timing("0 8 29 2 *"), datetime(2026, 1, 1, tzinfo=UTC))
    assert [moment.year for moment in found] == [2028, 2032]
    with pytest.raises(UsageError, match="not a schedule"):
        check_schedule("0 8 30 2 *")


def test_what_does_not_go_together_is_told() -> None:
    for timing, words in (
        (Timing("0 8 1B * *"), "has no calendar"),
        (Timing("0 8 * * 6", calendar="DE"), "is never due"),
        (Timing("0 8 * * *", calendar="DE", on_holiday="later"), "Write skip or next"),
        (Timing("0 8 * * *", calendar="DE-XY"), "has no subdivision"),
    ):
        with pytest.raises(UsageError, match=words):
            check_timing(NOTHING, timing)
    check_timing(NOTHING, Timing("0 8 * * 6", calendar="DE", on_holiday="next"))
    check_timing(NOTHING, Timing("@data"))
    with pytest.raises(UsageError, match="Asia/Shanghai"):
        check_timezone("Asia/Shangai")
