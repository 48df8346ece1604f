"""Business days by countries and by one's own calendars, against a naive walk over the days."""

from datetime import UTC, date, datetime, time, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import UsageError
from dashboards.subscriptions.timing.business_days import business_days
from dashboards.subscriptions.timing.clock import coming, days_off, due
from pipelines.settings import Settings
from tests.dashboards.subscriptions.timing import DAY, Timing

OWN = Settings.model_validate(
    {
        "calendars": {
            "mill": {"country": "DE", "subdivision": "BY", "holidays": ["2026-12-24", "2027-01-04"]},
            "gulf": {"weekend": ["fri", "sat"]},
            "riyadh": {"country": "SA"},
            "never": {"weekend": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]},
        }
    }
)
CLOSED = {date(2026, 12, 24), date(2027, 1, 4)}


def naive(calendar: str, day: date) -> bool:
    """Whether a day is a business day, by the calendar's definition alone."""
    if calendar == "gulf":
        return day.weekday() not in (4, 5)
    if calendar == "mill":
        return (
            day not in CLOSED
            and day.weekday() < 5
            and day not in holidays.country_holidays("DE", subdiv="BY")
        )
    if calendar == "DE-BY":
        return day.weekday() < 5 and day not in holidays.country_holidays("DE", subdiv="BY")
    china = holidays.country_holidays("CN")
    return day not in china and (day.weekday() < 5 or day in china.weekend_workdays)


CALENDARS = ("gulf", "mill", "DE-BY", "CN")


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


@settings(max_examples=40)
@given(
    st.sampled_from(CALENDARS),
    st.dates(date(2025, 1, 1), date(2026, 12, 20)),
    st.sampled_from(["*", "1-5", "0,6", "3", "6"]),
    st.sampled_from([(8,), (7, 18)]),
)
def test_days_off_are_left_out_or_moved_to_the_next_business_day(
    calendar: str, start: date, weekdays: str, hours: tuple[int, ...]
) -> None:
    wanted = {"*": range(7), "1-5": range(5), "0,6": (5, 6), "3": (2,), "6": (5,)}[weekdays]
    days = [start + n * DAY for n in range(75)]
    after, until = at(start + 15 * DAY, 12), at(start + 60 * DAY, 12)
    skipped, moved = set(), set()
    for day in days:
        if day.weekday() in wanted:
            target = day
            while not naive(calendar, target):
                target += DAY
            moved |= {at(target, hour) for hour in hours}
            skipped |= {at(day, hour) for hour in hours if target == day}
    schedule = f"0 {','.join(map(str, hours))} * * {weekdays}"
    for on_holiday, expected in (("skip", skipped), ("next", moved)):
        found = due(OWN, Timing(schedule, "UTC", calendar, on_holiday), after, until)
        assert found == sorted(moment for moment in expected if after < moment <= until)
    off = [each.day for each in days_off(OWN, Timing(schedule, "UTC", calendar), after, until)]
    expected_off = [day for day in days if day.weekday() in wanted and not naive(calendar, day)]
    assert off == [day for day in expected_off if any(after < at(day, hour) <= until for hour in hours)]


@settings(max_examples=40)
@given(
    st.sampled_from(CALENDARS), st.integers(0, 23), st.sampled_from([1, 2, 5, 15, "L", "*"]), st.booleans()
)
def test_business_days_are_counted_within_their_month(
    calendar: str, month: int, which: int | str, moves: bool
) -> None:
    first = date(2025 + month // 12, month % 12 + 1, 1)
    following = (first + 31 * DAY).replace(day=1)
    business = [
        day for day in (first + n * DAY for n in range(31)) if day < following and naive(calendar, day)
    ]
    expected = business if which == "*" else [business[-1] if which == "L" else business[int(which) - 1]]
    timing = Timing(f"30 9 {which}B * *", "UTC", calendar, "next" if moves else "skip")
    found = due(OWN, timing, at(first, 0) - timedelta(seconds=1), at(following, 0) - timedelta(seconds=1))
    assert found == [at(day, 9) + timedelta(minutes=30) for day in expected]


def test_what_was_moved_is_due_once_on_the_day_it_was_moved_to() -> None:
    timing = Timing("0 18 * * 6", "UTC", "DE", "next")  # Saturdays
    monday = date(2026, 5, 4)
    for after in (at(monday - 2 * DAY, 19), at(monday - DAY, 12), at(monday, 0), at(monday, 17)):
        assert due(OWN, timing, after, at(monday, 20)) == [at(monday, 18)]
    assert due(OWN, timing, at(monday, 18), at(monday + 6 * DAY, 20)) == []


def test_china_works_on_the_weekend_days_that_make_up_for_holidays() -> None:
    golden_week = due(
        OWN,
        Timing("0 8 *B * *", "Asia/Shanghai", "CN"),
        at(date(2026, 9, 28), 12),
        at(date(2026, 10, 11), 12),
    )
    assert [moment.day for moment in golden_week] == [29, 30, 8, 9, 10]  # the tenth is a Saturday


def test_a_quarter_hourly_report_keeps_to_business_days() -> None:
    after = at(date(2026, 12, 23), 23)  # then Christmas Eve is off, Christmas, and a weekend
    found = coming(OWN, Timing("*/15 * * * *", "UTC", "mill"), after, 5)
    assert [moment.date().isoformat() for moment in found] == ["2026-12-23"] * 3 + ["2026-12-28"] * 2
    found = coming(OWN, Timing("*/15 * * * *", "UTC", "mill", "next"), after, 5)
    assert [moment.date().isoformat() for moment in found] == ["2026-12-23"] * 3 + ["2026-12-28"] * 2


def test_a_country_has_its_own_weekend() -> None:
    friday, sunday = date(2026, 5, 8), date(2026, 5, 10)
    for name in ("SA", "riyadh"):
        assert (friday in business_days(OWN, name), sunday in business_days(OWN, name)) == (False, True)


def test_an_unknown_calendar_is_told_with_the_nearest() -> None:
    for name, words in (
        ("DE-BAY", "DE-BY"),
        ("germany", "Did you mean DE"),
        ("Chna", "Did you mean CN"),
        ("mil", "Did you mean mill"),
        ("XQZ", "Declare it in"),
        ("de-by-x", "no subdivision"),
    ):
        with pytest.raises(UsageError, match=words):
            business_days(OWN, name)
    wrong = Settings.model_validate(
        {"calendars": {"a": {"country": "Frnce"}, "b": {"country": "US", "subdivision": "ZZ"}}}
    )
    for name, words in (("a", r"\[calendars.a\].*Did you mean FR"), ("b", "US has no subdivision «ZZ»")):
        with pytest.raises(UsageError, match=words):
            business_days(wrong, name)


def test_a_calendar_without_business_days_is_told() -> None:
    timing = Timing("0 8 * * *", "UTC", "never", "next")
    with pytest.raises(UsageError, match="no business day within 60 days"):
        coming(OWN, timing, at(date(2026, 1, 1), 0))


def test_every_country_of_the_library_is_a_calendar() -> None:
    known = [code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2]
    assert len(known) > 200
    for code in known:
        days = business_days(OWN, code)
        off = next(day for day in (date(2026, 3, 2) + n * DAY for n in range(7)) if day not in days)
        assert days.off_day(off, moves=False).is_weekend or days.off_day(off, moves=False).holiday
