"""Any table as regular series: gaps, zeros, duplicates, irregular times, days of 23 and 25 hours."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analytics.forecasting.panel import panel_of
from analytics.forecasting.series import LeftOut, Reading, regular
from connectors.errors import UsageError

DAILY = Reading(("shop",), "day", "sold")


def days(*rows: tuple[str, int, float | None]) -> pl.DataFrame:
    table = {
        "shop": [r[0] for r in rows],
        "day": [date(2026, 3, r[1]) for r in rows],
        "sold": [r[2] for r in rows],
    }
    return pl.DataFrame(table, schema={"shop": pl.String, "day": pl.Date, "sold": pl.Float64})


def test_a_day_without_a_row_is_a_gap_or_a_zero_as_told() -> None:
    table = days(("a", 1, 5), ("a", 2, 6), ("a", 5, 7), ("b", 2, 1), ("b", 3, 1))
    gaps = panel_of(regular(table, DAILY).frame)
    assert str(gaps.values[0].tolist()) == "[5.0, 6.0, nan, nan, 7.0]"
    zeros = regular(table, Reading(("shop",), "day", "sold", empty="zero"))
    both = {
        key[0]: rows["y"].to_list() for key, rows in zeros.frame.group_by("unique_id", maintain_order=True)
    }
    assert both == {"a": [5, 6, 0, 0, 7], "b": [1, 1, 0, 0]}  # from its own first day to the last of all


def test_several_values_of_a_day_are_added_up_or_averaged_and_told() -> None:
    table = days(("a", 1, 5), ("a", 1, 7), ("a", 2, 1))
    added = regular(table, DAILY)
    assert added.frame["y"].to_list() == [12, 1]
    assert any("1 steps had several values, which were added up" in note for note in added.notes)
    averaged = regular(table, Reading(("shop",), "day", "sold", together="mean"))
    assert averaged.frame["y"].to_list() == [6, 1]


def test_several_id_columns_make_one_series_each() -> None:
    table = pl.DataFrame({"a": ["x", "x", "y"], "b": [1, 2, 1], "t": [1, 1, 1], "v": [1.0, 2.0, 3.0]})
    found = regular(table, Reading(("a", "b"), "t", "v"))
    assert found.keys["unique_id"].to_list() == ["x | 1", "x | 2", "y | 1"]
    assert found.keys.columns == ["unique_id", "id_0", "id_1"]


def test_ids_that_hold_the_mark_between_them_stay_apart() -> None:
    table = pl.DataFrame({"a": ["x | y", "x"], "b": ["z", "y | z"], "t": [1, 1], "v": [1.0, 2.0]})
    found = regular(table, Reading(("a", "b"), "t", "v"))
    assert sorted(found.frame["y"].to_list()) == [1, 2]


def test_columns_may_be_called_as_forecasters_call_them() -> None:
    table = pl.DataFrame({"unique_id": ["a", "b"], "ds": [1, 1], "y": [1.0, 2.0]})
    assert regular(table, Reading(("unique_id",), "ds", "y")).frame.rows() == [("a", 1, 1.0), ("b", 1, 2.0)]


def test_without_an_id_column_there_is_one_series() -> None:
    found = regular(pl.DataFrame({"t": [1, 2], "v": [1, 2]}), Reading((), "t", "v"))
    assert found.frame["unique_id"].unique().to_list() == ["all"]


def test_a_series_without_any_value_is_left_out_by_name() -> None:
    found = regular(days(("a", 1, 5), ("b", 1, None), ("b", 2, float("nan"))), DAILY)
    assert found.left_out == [LeftOut("b", "no value at all")]
    assert found.keys["unique_id"].to_list() == ["a"]


def test_text_that_is_no_number_is_unknown_and_counted() -> None:
    table = pl.DataFrame({"t": ["2026-01-01", "2026-01-02", "2026-01-03"], "v": ["1", "many", "3"]})
    found = regular(table, Reading((), "t", "v"))
    assert found.frame["y"].to_list() == [1, 3]
    assert found.notes[0].startswith("1 values of v are no numbers")


def test_times_without_steps_are_counted_by_day() -> None:
    moments = [datetime(2026, 1, 1 + at // 3, (at * 7) % 24, (at * 13) % 60) for at in range(12)]
    found = regular(pl.DataFrame({"t": moments, "v": [1.0] * 12}), Reading((), "t", "v"))
    assert found.frequency.name == "1d"
    assert found.frame["y"].to_list() == [3, 3, 3, 3]
    assert any("follow no steps" in note for note in found.notes)


def test_sundays_stay_sundays_and_days_told_as_weeks_begin_on_mondays() -> None:
    sundays = [date(2026, 1, 4) + timedelta(weeks=at) for at in range(4)]
    kept = regular(pl.DataFrame({"t": sundays, "v": [1.0] * 4}), Reading((), "t", "v", "week"))
    assert kept.frame["ds"].to_list() == sundays
    every_day = [date(2026, 1, 5) + timedelta(days=at) for at in range(14)]
    weeks = regular(pl.DataFrame({"t": every_day, "v": [1.0] * 14}), Reading((), "t", "v", "week"))
    assert weeks.frame.rows() == [("all", date(2026, 1, 5), 7.0), ("all", date(2026, 1, 12), 7.0)]


def wall_clock(begin: datetime, hours: int, zone: str) -> list[datetime]:
    """What a clock on the wall shows at so many full hours in a row."""
    first = begin.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    shown = [(first + timedelta(hours=at)).astimezone(ZoneInfo(zone)) for at in range(hours)]
    return [moment.replace(tzinfo=None) for moment in shown]


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2026, 3, 29), 23), (datetime(2026, 10, 25), 25), (datetime(2026, 6, 1), 24)]
)
def test_a_day_of_23_hours_has_no_gap_and_one_of_25_no_duplicate(day: datetime, hours: int) -> None:
    clock = wall_clock(day, hours + 24, "Europe/Berlin")
    assert clock[hours] == day + timedelta(days=1)
    table = pl.DataFrame({"t": clock, "v": [float(at) for at in range(hours + 24)]})
    found = regular(table, Reading((), "t", "v", zone="Europe/Berlin"))
    assert found.frame["y"].to_list() == [float(at) for at in range(hours + 24)]
    assert not any("several" in note for note in found.notes)
    assert panel_of(found.frame, found.frequency).values[0].tolist() == found.frame["y"].to_list()


def test_the_same_day_read_as_utc_has_a_gap_or_a_duplicate() -> None:
    spring = pl.DataFrame({"t": wall_clock(datetime(2026, 3, 29), 23, "Europe/Berlin"), "v": [1.0] * 23})
    assert len(panel_of(regular(spring, Reading((), "t", "v")).frame).values[0]) == 24
    autumn = pl.DataFrame({"t": wall_clock(datetime(2026, 10, 25), 25, "Europe/Berlin"), "v": [1.0] * 25})
    assert any("several values" in note for note in regular(autumn, Reading((), "t", "v")).notes)


def test_a_time_the_clock_never_showed_is_left_out_and_counted() -> None:
    clock = [datetime(2026, 3, 29, hour) for hour in range(6)]  # there is no 2 o'clock that night
    found = regular(pl.DataFrame({"t": clock, "v": [1.0] * 6}), Reading((), "t", "v", zone="Europe/Berlin"))
    assert len(found.frame) == 5
    assert any("1 rows without an id or a time" in note for note in found.notes)


def test_days_of_wall_clock_times_are_days_of_that_clock() -> None:
    late = [datetime(2026, 7, day, 23, 30) for day in (1, 2, 3)]
    found = regular(
        pl.DataFrame({"t": late, "v": [1.0] * 3}), Reading((), "t", "v", "day", zone="Asia/Shanghai")
    )
    assert found.frame["ds"].to_list() == [date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 3)]


def test_series_that_end_early_are_told() -> None:
    found = regular(days(("a", 1, 5), ("a", 2, 6), ("b", 1, 5)), DAILY)
    assert any("1 series end before the others" in note for note in found.notes)


def test_text_with_an_offset_is_a_certain_moment() -> None:
    text = ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"]
    found = regular(pl.DataFrame({"t": text, "v": [1.0, 2.0, 3.0]}), Reading((), "t", "v"))
    assert found.frame["ds"].to_list() == [datetime(2026, 3, 29, hour) for hour in (0, 1, 2)]


@pytest.mark.parametrize(("days", "told"), [(21, False), (17, True)])
def test_a_last_week_that_may_not_be_over_is_told(days: int, told: bool) -> None:
    moments = [date(2026, 1, 5) + timedelta(days=day) for day in range(days)]
    table = pl.DataFrame({"at": moments, "value": [1.0] * days})
    notes = regular(table, Reading((), "at", "value", frequency="week")).notes
    assert any("reaches to 2026-01-25, the records to 2026-01-21" in note for note in notes) is told


@pytest.mark.parametrize("values", [[date(2026, 1, 1)], [[1.0]], [b"1"]])
def test_values_that_cannot_be_numbers_are_told(values: list[object]) -> None:
    table = pl.DataFrame({"at": [date(2026, 1, 1)], "value": values})
    with pytest.raises(UsageError, match="holds no numbers"):
        regular(table, Reading((), "at", "value"))


def test_text_that_is_no_time_is_told() -> None:
    with pytest.raises(UsageError, match="No row has a time in «t»"):
        regular(pl.DataFrame({"t": ["soon", "later"], "v": [1.0, 2.0]}), Reading((), "t", "v"))


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (Reading(("shp",), "day", "sold"), "shop"),
        (Reading(("shop",), "sold", "sold"), "holds no times"),
        (Reading(("shop",), "day", "shop"), "No row has"),
    ],
)
def test_wrong_columns_are_named(reading: Reading, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        regular(days(("a", 1, 5)), reading)
