"""How far apart values lie: found, told, counted and carried on."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.forecasting.frequency import Frequency, frequency_of, told
from connectors.errors import UsageError


def found(moments: list[object]) -> Frequency:
    return frequency_of(pl.Series(["a"] * len(moments)), pl.Series(moments))


@pytest.mark.parametrize(
    ("moments", "name", "season"),
    [
        ([datetime(2026, 1, 1, hour) for hour in (0, 1, 2, 5)], "1h", 24),
        ([datetime(2026, 1, 1, 0, minute) for minute in (0, 15, 30)], "15m", 96),
        ([date(2026, 1, day) for day in (1, 2, 3, 9)], "1d", 7),
        ([date(2026, 1, 4) + timedelta(weeks=week) for week in range(5)], "1w", 52),
        ([date(2026, month, 1) for month in (1, 2, 3)], "1mo", 12),
        ([date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)], "1mo", 12),
        ([date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)], "3mo", 4),
        ([1, 2, 3, 7], "step", 1),
        ([date(2026, 1, 1)], "1d", 7),
    ],
)
def test_the_usual_distance_is_the_frequency(moments: list[object], name: str, season: int) -> None:
    assert (found(moments).name, found(moments).season) == (name, season)


def test_four_weeks_are_no_month() -> None:
    assert found([date(2026, 1, 4) + timedelta(days=28 * at) for at in range(5)]).name == "4w"


def test_the_last_day_of_a_month_is_followed_by_the_last_day_of_the_next() -> None:
    assert Frequency("month", 1).after(date(2026, 1, 31), 3) == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


@pytest.mark.parametrize(
    ("text", "name"), [("hour", "1h"), ("Week", "1w"), ("15m", "15m"), ("quarter", "3mo")]
)
def test_a_frequency_is_told_in_words(text: str, name: str) -> None:
    assert told(text).name == name


@pytest.mark.parametrize("text", ["", "0d", "fortnight", "-1h"])
def test_what_is_no_frequency_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no frequency"):
        told(text)


@given(
    st.sampled_from(["15m", "1h", "1d", "1w", "1mo", "1q"]),
    st.dates(date(1995, 1, 1), date(2040, 1, 1)),
    st.integers(1, 60),
)
def test_positions_undo_what_after_does(text: str, first: date, count: int) -> None:
    steps = told(text)
    begin = datetime(first.year, first.month, min(first.day, 28), 12)
    moments = [begin, *steps.after(begin, count)]
    assert steps.positions(pl.Series(moments)).tolist() == list(range(count + 1))


def test_a_moment_between_two_steps_is_refused_and_named() -> None:
    with pytest.raises(UsageError, match="2026-01-03"):
        told("week").positions(pl.Series([date(2026, 1, 1), date(2026, 1, 8), date(2026, 1, 3)]))


def test_a_moment_far_off_is_told() -> None:
    with pytest.raises(UsageError, match="too many"):
        told("hour").positions(pl.Series([datetime(1, 1, 1), datetime(9999, 12, 31)]))
    with pytest.raises(UsageError, match="No calendar reaches"):
        told("day").after(date(9999, 12, 31), 1)
