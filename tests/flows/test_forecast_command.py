"""`sda forecast`: from a table or a file to a file."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from pipelines.settings import Settings
from tests.flows.conftest import Sda

FIRST = date(2026, 1, 5)


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Eight weeks of two shops, and a third of which nothing is known; one shop has the name of a formula."""
    rows = [
        (shop, FIRST + timedelta(days=day), float(10 + day % 7))
        for shop in ("=north", "south")
        for day in range(56)
    ]
    rows.append(("west", FIRST, None))
    path = tmp_path / "sales.csv"
    pl.DataFrame(rows, schema=["shop", "day", "sold"], orient="row").write_csv(path)
    return path


def asked(table: object, output: object, *more: object) -> tuple[object, ...]:
    given = ("--table", table, "--id", "shop", "--time", "day", "--value", "sold", "--seconds", 0)
    return ("forecast", *given, "--horizon", 7, "--output", output, *more)


def test_a_file_is_forecast_into_a_file(sda: Sda, sales: Path, tmp_path: Path) -> None:
    output = tmp_path / "ahead.csv"
    result = sda(*asked(sales, output, "--json", "--level", 0.9, "--level", 0.5))
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["series"], told["rows"], told["season"], told["frequency"]) == (2, 14, 7, "1d")
    assert told["left_out"] == [{"series": "west", "reason": "no value at all"}]
    assert told["mase"] == 0
    assert set(told["coverage"]) == {"0.9", "0.5"}
    assert [row["method"] for row in told["chosen"]] == ["SeasonalNaive", "SeasonalNaive"]
    assert any("AutoETS was left out" in note for note in told["notes"])
    rows = pl.read_csv(output, try_parse_dates=True)
    columns = ["shop", "day", "mean", "lower", "upper", "lower_50", "upper_50", "method"]
    assert rows.columns == columns
    south = rows.filter(pl.col("shop") == "south")
    assert south["day"][0] == FIRST + timedelta(days=56)
    assert south["mean"].to_list() == [10, 11, 12, 13, 14, 15, 16]


def test_a_table_of_the_warehouse_is_forecast(sda: Sda, shop: Settings, tmp_path: Path) -> None:
    assert sda("ingest").exit_code == 0
    output = tmp_path / "ahead.parquet"
    given = ("--table", "shop.orders", "--time", "ordered_at", "--value", "amount", "--seconds", 0)
    result = sda("forecast", *given, "--horizon", 2, "--output", output)
    assert result.exit_code == 0, result.stderr
    assert "1 series by 1d" in result.stdout
    assert pl.read_parquet(output)["series"].to_list() == ["all", "all"]


def test_sums_are_in_the_output_and_agree_with_their_parts(sda: Sda, sales: Path, tmp_path: Path) -> None:
    output = tmp_path / "ahead.csv"
    assert sda(*asked(sales, output, "--sums")).exit_code == 0
    rows = pl.read_csv(output)
    by = {key[0]: part["mean"].to_list() for key, part in rows.group_by("series")}
    assert set(by) == {"Σ", "=north", "south"}
    assert by["Σ"] == pytest.approx([a + b for a, b in zip(by["=north"], by["south"], strict=True)])


def test_a_workbook_holds_the_same_rows_and_no_formula(sda: Sda, sales: Path, tmp_path: Path) -> None:
    output = tmp_path / "ahead.xlsx"
    assert sda(*asked(sales, output)).exit_code == 0
    rows = fastexcel.read_excel(output).load_sheet(0).to_polars()
    assert len(rows) == 14
    assert rows["shop"][0] == "=north"


def test_hours_are_told_by_the_clock_on_the_wall(sda: Sda, tmp_path: Path) -> None:
    clock = [datetime(2026, 3, 27) + timedelta(hours=at) for at in range(49)]  # until the night of the change
    pl.DataFrame({"at": clock, "load": [float(at % 24) for at in range(49)]}).write_csv(tmp_path / "load.csv")
    given = ("--table", tmp_path / "load.csv", "--time", "at", "--value", "load", "--seconds", 0)
    output = tmp_path / "ahead.csv"
    result = sda("forecast", *given, "--zone", "Europe/Berlin", "--horizon", 3, "--output", output)
    assert result.exit_code == 0, result.stderr
    told = pl.read_csv(output)["at"].to_list()
    assert [moment[11:16] + moment[-6:] for moment in told] == ["01:00+01:00", "03:00+02:00", "04:00+02:00"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--value", "sodl"), "sold"),
        (("--table", "shop.order"), "There is no table"),
        (("--output", "ahead.txt"), ".parquet"),
        (("--output", "nowhere/ahead.csv"), "does not exist"),
        (("--zone", "Europe/Berlln"), "Europe/Berlin"),
        (("--frequency", "fortnight"), "no frequency"),
        (("--id", "day"), "twice"),
        (("--horizon", "0"), "0"),
    ],
)
def test_wrong_usage_is_told_in_a_line(
    change: tuple[str, str], words: str, sda: Sda, sales: Path, tmp_path: Path
) -> None:
    result = sda(*asked(sales, tmp_path / "ahead.csv", *change))
    assert result.exit_code == 2
    assert words in result.stderr
    assert not (tmp_path / "ahead.csv").exists()


def test_files_that_cannot_be_read_or_written_are_told_in_a_line(
    sda: Sda, sales: Path, tmp_path: Path
) -> None:
    odd, folder = tmp_path / "odd.parquet", tmp_path / "folder.csv"
    odd.write_text("no parquet")
    (tmp_path / "ragged.csv").write_text("shop,day,sold\na,2026-01-05,1,2,3\n")
    (tmp_path / "empty.csv").write_text("")
    folder.mkdir()
    for table in (odd, tmp_path / "ragged.csv", tmp_path / "empty.csv"):
        result = sda(*asked(table, tmp_path / "ahead.csv"))
        assert (result.exit_code, "cannot be read" in result.stderr) == (2, True), result.stderr
    result = sda(*asked(sales, folder))
    assert (result.exit_code, "is a folder" in result.stderr) == (2, True), result.stderr
