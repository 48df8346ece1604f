"""Sheets: every row, typed, and nothing that a spreadsheet would run."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import fastexcel
import polars as pl
import pytest
from hypothesis import example as tried
from hypothesis import given
from hypothesis import strategies as st

from dashboards.reports import cells, sheets
from dashboards.reports.render import render
from dashboards.reports.report import Column, Fact, Table
from tests.dashboards.reports.example import NAMES, PERIOD, carriers, example

COLUMNS = (Column("name", "Name"), Column("score", "Score", "percent", lower="low", upper="high"))
# Letters that XML, CSV or Excel mean something by, and those that they cannot hold.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("=+-@;\t\r\n,'\"&<>_x0041\x00\x0b\ufffe"), st.characters(exclude_categories=["Cs"])
    ),
    min_size=1,
    max_size=20,
)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def table(names: list[str], title: str = "Names") -> Table:
    n = len(names)
    frame = pl.DataFrame(
        {"name": names, "score": [0.5] * n, "low": [0.4] * n, "high": [0.6] * n},
        schema={"name": pl.String, "score": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    )
    return Table("names", title, COLUMNS, frame)


def workbook(*tables: Table) -> bytes:
    return sheets.workbook("Title", tables, (Fact("Model", "=1+1"),), PERIOD, "en")


def texts_of(content: bytes, sheet: int = 1) -> list[str]:
    """The inline texts of a sheet, as Excel reads them (ECMA-376, 22.9.2.19)."""
    root = ET.fromstring(ZipFile(BytesIO(content)).read(f"xl/worksheets/sheet{sheet}.xml"))
    raw = [node.text or "" for node in root.iter(f"{MAIN}t")]
    return [re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text) for text in raw]


@given(st.lists(TEXTS))
@tried(["a;=1+1", "\t=1", "＝1", ";@x", "'=1", " =1", "\ufeff=1", "a;\0=1"])
def test_no_cell_of_the_csv_is_a_formula_and_no_text_is_lost(names: list[str]) -> None:
    text = sheets.csv(table(names), "en").decode("utf-8-sig")
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for cell in row)
            assert not any(cell.lstrip(" \0\ufeff\u200b").startswith(("=", "+", "-", "@")) for cell in row)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["Name", "Score", "Score, lower bound", "Score, upper bound"]
    assert [row[0].replace("'", "") for row in rows[1:]] == [name.replace("'", "") for name in names]


def test_the_csv_can_be_read_by_excel_and_by_programs() -> None:
    content = sheets.csv(replace(carriers(), columns=(*carriers().columns, Column("seen", "Seen"))), "en")
    assert content.startswith(b"\xef\xbb\xbfCarrier,Score,")
    assert content.count(b"\r\n") == content.count(b"\n") == 31
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["Carrier"].removeprefix("'") for row in rows[: len(NAMES)]] == list(NAMES)
    assert rows[1]["Seen"] == rows[1]["Seen (2)"] == "2026-11-02"
    assert float(rows[1]["Amount (EUR)"]) == 2469.0


@given(st.lists(TEXTS))
@tried(["_x0041_", "_x005F_x0041_", "__x0041__", "_x00", "\x00", "\ufffe", "max_x"])
@tried(["=HYPERLINK(1)", "http://x.example", "  blanks  ", "a\r\nb"])
def test_every_text_of_the_workbook_is_what_it_was(names: list[str]) -> None:
    # XML turns the ends of lines into one; a carriage return is written as Excel does.
    assert texts_of(workbook(table(names))) == names


def test_texts_longer_than_a_cell_are_cut() -> None:
    long, short = "😀" * 20_000, "ü" * 16_000
    first, second = texts_of(workbook(table([long, short])))
    assert first.endswith("…")
    assert len(first.encode("utf-16-le")) // 2 <= 32_767
    assert second == short


def test_values_have_their_types() -> None:
    values: dict[str, list[object]] = {
        "day": [date(2026, 11, 22), None],
        "moment": [datetime(2026, 11, 22, 18, 30), None],
        "zoned": [datetime(2026, 11, 22, 18, 30, tzinfo=UTC), None],
        "clock": [time(6, 45), None],
        "yes": [True, None],
        "count": [12, None],
        "long": [2**60 + 1, None],
        "amount": [1234.5, float("nan")],
        "money": [Decimal("12.34"), None],
        "ancient": [date(1815, 6, 18), None],
        "several": [["a", "b"], None],
    }
    frame = pl.DataFrame(values)
    formats = {"day": "date", "moment": "moment", "clock": "clock", "zoned": "moment", "amount": "number"}
    columns = tuple(Column(name, name, formats.get(name, "text")) for name in values)  # type: ignore[arg-type]
    content = workbook(Table("t", "T", columns, frame))
    read = fastexcel.read_excel(content).load_sheet(0).to_polars().row(0, named=True)
    assert read == {
        "day": datetime(2026, 11, 22),
        "moment": datetime(2026, 11, 22, 18, 30),
        "zoned": datetime(2026, 11, 22, 18, 30),
        "clock": time(6, 45) if isinstance(read["clock"], time) else datetime(1899, 12, 31, 6, 45),
        "yes": True,
        "count": 12.0,
        "long": str(2**60 + 1),
        "amount": 1234.5,
        "money": 12.34,
        "ancient": "1815-06-18",
        "several": "['a', 'b']",
    }
    sheet = ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 3
    assert re.search(r'<row r="3"></row>', sheet)  # what is absent has no cell


def test_a_workbook_says_of_what_zone_its_times_are() -> None:
    frame = pl.DataFrame({"at": [datetime(2026, 11, 22, 18, 30)], "day": [date(2026, 11, 22)]})
    for column, told in ((Column("at", "At", "moment"), True), (Column("day", "Day", "date"), False)):
        report = replace(example("en"), sections=(Table("t", "T", (column,), frame),))
        about = fastexcel.read_excel(sheets.xlsx(report)).load_sheet(1, header_row=None).to_polars()
        assert (("Times in the tables", "UTC") in about.rows()) is told


def test_the_workbook_can_be_filtered_and_its_head_stays() -> None:
    sheet = ZipFile(BytesIO(workbook(carriers(cases=12)))).read("xl/worksheets/sheet1.xml").decode()
    assert '<autoFilter ref="A1:G13"/>' in sheet
    assert '<dimension ref="A1:G13"/>' in sheet
    assert 'state="frozen"' in sheet
    styles = ZipFile(BytesIO(workbook(carriers()))).read("xl/styles.xml").decode()
    assert 'formatCode="0.0%"' in styles
    assert 'formatCode="yyyy-mm-dd"' in styles


@pytest.mark.parametrize(
    ("values", "cell"),
    [
        (pl.Series(["=1"], dtype=pl.Enum(["=1"])), "'=1"),
        (pl.Series(["=1"], dtype=pl.Categorical), "'=1"),
        (pl.Series([b"=1"]), "b'=1'"),
        (pl.Series([timedelta(days=1)]), "1 day, 0:00:00"),
        (pl.Series([["=1"]]), "['=1']"),
    ],
)
def test_what_is_no_plain_column_is_written_and_no_formula_either(values: pl.Series, cell: str) -> None:
    content = sheets.csv_bytes(values.alias("x").to_frame()).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content))) == [["x"], [cell]]


def test_a_formula_is_text_in_the_workbook() -> None:
    parts = ZipFile(BytesIO(workbook(table(["=HYPERLINK(1)", "http://x.example"]))))
    for name in parts.namelist():
        content = parts.read(name).decode()
        assert "<f>" not in content
        assert "hyperlink " not in content.lower()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=4))
@tried(["Same", "same", "SAME"])
@tried(["a" * 40, "a" * 41, "a" * 31])
@tried(["History", "'quoted'", "[x]:*?/\\", ""])
@tried(["😀" * 20, "About this report"])
def test_sheets_are_called_as_excel_allows(titles: list[str]) -> None:
    content = workbook(*(table(["x"], title) for title in titles))
    names = fastexcel.read_excel(content).sheet_names
    assert len({name.casefold() for name in names}) == len(titles) + 1
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name.strip("'") == name
        assert name.casefold() != "history"


def test_the_same_tables_are_the_same_bytes_and_know_one_moment() -> None:
    content = sheets.xlsx(example("zh"))
    assert content == sheets.xlsx(example("zh"))
    core = ZipFile(BytesIO(content)).read("docProps/core.xml").decode()
    assert core.count("2026-11-23T07:00:00Z") == core.count("<dcterms:created") + core.count(
        "<dcterms:modified"
    )
    assert fastexcel.read_excel(content).sheet_names == ["承运人", "关于本报告"]


def test_rows_are_written_as_they_are_beyond_one_round(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = workbook(carriers(cases=100))
    monkeypatch.setattr(cells, "_ROWS_AT_ONCE", 7)
    assert workbook(carriers(cases=100)) == whole
    frame = fastexcel.read_excel(whole).load_sheet(0).to_polars()
    assert frame["Seen"].dt.date().to_list() == carriers(cases=100).frame["seen"].to_list()
    assert frame["Amount (EUR)"].to_list() == carriers(cases=100).frame["amount"].to_list()


def test_a_table_longer_than_a_sheet_comes_as_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST_ROWS", 25)
    report = example("en", carriers(cases=24), replace(carriers(cases=25), name="more", title="More"))
    issue = render(report, ("xlsx",))
    stem = "example-2026-11-22"
    assert [file.name for file in issue.files] == [f"{stem}.xlsx", f"{stem}-more.csv"]
    assert issue.files[1].content.count(b"\r\n") == 26
    assert fastexcel.read_excel(issue.files[0].content).sheet_names == ["Carriers", "About this report"]
    told = "More rows than a sheet can hold; the CSV file has them."
    assert told in ZipFile(BytesIO(issue.files[0].content)).read("xl/sharedStrings.xml").decode()


def test_files_hold_no_more_rows_than_asked_for() -> None:
    issue = render(example(), ("xlsx", "csv"), rows=7)
    book, text = (file.content for file in issue.files)
    assert fastexcel.read_excel(book).load_sheet(0).to_polars().height == 7
    assert text.count(b"\r\n") == 8
