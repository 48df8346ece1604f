"""Numbers and moments as readers write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from dashboards import numbers


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (numbers.integer(1234567, "en"), "1,234,567"),
        (numbers.percent(0.1234, "zh"), "12.3%"),
        (numbers.points(-0.012, "en"), "-1.2"),
        (numbers.number(0.012345, "en"), "0.0123"),
        (numbers.number(12.0, "en"), "12"),
        (numbers.number(Decimal("3.14159"), "en"), "3.14"),
        (numbers.money(1234.4, "EUR", "en"), "EUR 1,234"),
        (numbers.month(date(2026, 11, 1), "zh"), "2026年11月"),
        (numbers.percent(None, "en"), numbers.ABSENT),
        (numbers.number(float("nan"), "en"), numbers.ABSENT),
        (numbers.day(None, "en"), numbers.ABSENT),
    ],
)
def test_values_are_written_as_readers_expect(shown: str, expected: str) -> None:
    assert shown == expected


@given(
    st.floats(-1e14, 1e14, allow_nan=False) | st.integers(-(10**14), 10**14),
    st.integers(0, 4),
    st.sampled_from(["en", "zh"]),
)
def test_numbers_are_written_as_babel_writes_them(value: float, digits: int, language: str) -> None:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    locale = {"en": "en", "zh": "zh_Hans_CN"}[language]
    for shown, form in (
        (numbers.number(value, language, digits), pattern),
        (numbers.percent(value, language, digits), pattern + "%"),
        (numbers.signed(value, language, digits), f"+{pattern};-{pattern}"),
    ):
        assert shown == format_decimal(value, form, locale)


@given(st.floats(0, 1), st.floats(0, 1))
def test_two_shares_and_the_points_between_them_add_up_as_they_are_written(
    before: float, after: float
) -> None:
    shown = (numbers.percent(before, "en"), numbers.points_between(before, after, "en"))
    first, change = (Decimal(each.rstrip("%")) for each in shown)
    assert f"{first + change}%" == numbers.percent(after, "en")


def test_a_moment_is_brought_to_the_readers_zone() -> None:
    late = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert numbers.moment(late, "en", "Asia/Shanghai") == "Nov 23, 2026 04:30 (Asia/Shanghai)"
    assert numbers.day(late.replace(tzinfo=None), "zh", "Asia/Shanghai") == "2026年11月23日"


@given(st.floats(-1e9, 1e9, allow_nan=False), st.integers(-6, 6), st.sampled_from([1, 2, 5]))
def test_ticks_a_step_apart_have_labels_that_differ(start: float, power: int, factor: int) -> None:
    step = factor * 10.0**power
    first = round(start / step) * step
    if abs(first) < 1e6 * step:
        labels = {numbers.axis_label(first + n * step, "number", "en", step) for n in range(4)}
        assert len(labels) == 4


@given(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["integer", "number", "percent", "signed"]),
)
def test_no_number_is_too_odd_to_be_shown(value: float, kind: numbers.Format) -> None:
    assert numbers.shown(value, kind, "en")
