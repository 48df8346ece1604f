"""Sheets: every row, typed, and nothing that a spreadsheet would run."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import fastexcel
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dashboards.reports import sheets
from dashboards.reports.report import Column, Table
from tests.dashboards.lake import CASES
from tests.dashboards.reports.conftest import Built

COLUMNS = (Column("name", "Name"), Column("score", "Score", "percent", lower="low", upper="high"))


def table(names: list[str]) -> Table:
    n = len(names)
    frame = pl.DataFrame(
        {"name": names, "score": [0.5] * n, "low": [0.4] * n, "high": [0.6] * n},
        schema={"name": pl.String, "score": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    )
    return Table("names", "Names", COLUMNS, frame)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_no_cell_of_the_csv_is_a_formula_and_no_text_is_lost(names: list[str]) -> None:
    text = sheets.csv(table(names), "en").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["Name", "Score", "Score, lower bound", "Score, upper bound"]
    cells = [row[0] for row in rows[1:]]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert [cell.removeprefix("'") for cell in cells] == [name.removeprefix("'") for name in names]


def test_the_workbook_has_typed_columns_and_is_the_same_every_time(built: Built) -> None:
    report = built("patient-risk", "zh")
    content = sheets.xlsx(report)
    book = fastexcel.read_excel(content)
    frame = book.load_sheet(0).to_polars()
    assert content == sheets.xlsx(report)
    assert frame.height == CASES
    assert frame["评分"].dtype == pl.Float64
    assert isinstance(frame["最近就诊"][0], datetime)
    assert book.sheet_names[1] == "关于本报告"


def test_a_formula_is_text_in_the_workbook(built: Built) -> None:
    from zipfile import ZipFile

    report = replace(built("fleet-daily", "en"), sections=(table(["=HYPERLINK(1)", "http://x.example"]),))
    sheet = ZipFile(BytesIO(sheets.xlsx(report))).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower()
