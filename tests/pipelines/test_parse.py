"""Text as people write it becomes typed values, or null: never a wrong value."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.parse import parsed

# What Unicode calls white space; Python adds four control characters that are none.
BLANKS = "".join(chr(n) for n in range(0x3001) if chr(n).isspace() and not 0x1C <= n <= 0x1F)


def read(values, to, mark=".", layout=""):
    return parsed(pl.Series("v", values, dtype=pl.String), to, mark, layout).to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("1.00E+05", 100_000),
        ("1,234", 1234),
        ("-3", -3),
        ("1.5", None),
        ("x", None),
        ("9" * 30, None),
    ],
)
def test_integers(text, expected):
    assert read([text], "integer") == [expected]


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1.5", ".", 1.5),
        ("1,234.5", ".", 1234.5),
        ("$ 3", ".", 3.0),
        ("1,5", ",", 1.5),
        ("1.234,5", ",", 1234.5),
        ("1.5", ",", 1.5),  # no group of thousands has one digit
        ("NaN", ".", None),
        ("1e3", ".", 1000.0),
        ("12 345,6", ",", 12345.6),
    ],
)
def test_numbers(text, mark, expected):
    assert read([text], "number", mark) == [expected]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1))
def test_every_float_survives_its_own_text_with_either_mark(values):
    assert read([repr(v) for v in values], "number") == values
    assert read([repr(v).replace(".", ",") for v in values], "number", ",") == values


@given(st.lists(st.dates(dt.date(1, 1, 1)), min_size=1))
def test_dates_in_four_layouts(dates):
    day, month, year = "{0.day:02}", "{0.month:02}", "{0.year:04}"  # strftime writes the year 7 as 7
    iso = f"{year}-{month}-{day}"
    for layout in (iso, f"{day}.{month}.{year}", f"{year}/{month}/{day}", f"{iso} 00:00:00"):
        texts = [layout.format(date) for date in dates]
        assert read(texts, "date") == dates


def test_slashed_dates_are_day_first_unless_only_month_first_fits():
    assert read(["3/4/2020"], "date") == [dt.date(2020, 4, 3)]
    assert read(["3/4/2020", "3/24/2020"], "date") == [dt.date(2020, 3, 4), dt.date(2020, 3, 24)]
    assert read(["3/4/2020"], "date", layout="%m/%d/%Y") == [dt.date(2020, 3, 4)]


def test_impossible_dates_are_null():
    assert read(["2023-02-29", "31.11.2020", "0000-00-00", "20201301"], "date") == [None] * 4


def test_zoned_timestamps_become_utc():
    expected = dt.datetime(2020, 1, 2, 1, 4, 5)
    assert (
        read(["2020-01-02T03:04:05+02:00", "2020-01-02T01:04:05Z", "2020-01-02 01:04:05"], "timestamp")
        == [expected] * 3
    )


def test_decimals_are_exact():
    assert read(["0.1", "1,000.25"], "decimal") == [Decimal("0.1"), Decimal("1000.25")]


def test_yes_and_no_in_two_languages():
    assert read(["yes", "否", "TRUE", "0", "maybe"], "boolean") == [True, False, True, False, None]


def test_texts_lose_the_blanks_around_them_and_nothing_else():
    cities = ["Wien", "  Wien", "Wien\t", "\u3000Wien\xa0", "Bad  Ischl ", "wien", "NA"]
    assert read(cities, "text") == ["Wien"] * 4 + ["Bad  Ischl", "wien", "NA"]
    assert read(["", " ", "\n", None, "-"], "text") == [None, None, None, None, "-"]


@given(st.lists(st.none() | st.text(max_size=12)))
def test_texts_are_read_as_python_strips_them(values):
    assert read(values, "text") == [(value or "").strip(BLANKS) or None for value in values]


@given(
    st.lists(st.text(max_size=12)),
    st.sampled_from(["integer", "number", "decimal", "boolean", "date", "timestamp"]),
)
def test_no_text_breaks_a_parser(values, to):
    assert len(read(values, to)) == len(values)


@pytest.mark.parametrize("mark", [".", ","])
def test_a_column_keeps_its_name(mark):
    for to in ("integer", "number", "decimal", "boolean", "date", "timestamp", "text"):
        assert parsed(pl.Series("paid", ["1,5", "x", None]), to, mark).name == "paid"
