"""A file that somebody takes away has the rows as they are, says what it shows, and runs nothing."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyarrow.parquet import read_schema

from dashboards.charts.chart import Axis, Chart
from dashboards.explore import exporting
from dashboards.explore.exporting import Export
from dashboards.reports.report import Column, Fact

MADE = datetime(2026, 11, 22, 10, tzinfo=UTC)
FACTS = (Fact("Filters", "Band: high; =1+1"), Fact("Snapshot", "17"))
FRAME = pl.DataFrame(
    {
        "城市": ["里昂", "=HYPERLINK(1)", None],
        "score": [0.25, None, 1 / 3],
        "rows": [1, 2**40, None],
        "day": [date(2026, 10, 30), None, date(1999, 1, 1)],
        "at": [datetime(2026, 10, 30, 5, 7), None, datetime(2020, 2, 29)],
        "is_new": [True, False, None],
    }
)


def export(frame: pl.DataFrame = FRAME, rows: int | None = None, columns: tuple[Column, ...] = ()) -> Export:
    told = columns or exporting.columns_of(frame)
    return Export("cases-2026-11-22", "Cases", told, rows or frame.height, FACTS, MADE, "en")


def csv_of(file: bytes) -> tuple[str, str]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        rows, notes = archive.namelist()
        assert (rows, notes) == ("cases-2026-11-22.csv", "cases-2026-11-22.txt")
        return archive.read(rows).decode(), archive.read(notes).decode("utf-8-sig")


def test_a_csv_is_read_by_any_tool_and_its_notes_lie_beside_it() -> None:
    rows, notes = csv_of(exporting.file_of("csv", export(), FRAME))

    assert rows.startswith("\ufeff城市,score,")  # the mark that makes Excel read Chinese right
    read = pl.read_csv(io.BytesIO(rows.encode()), try_parse_dates=True)
    assert read["score"].to_list() == FRAME["score"].to_list()
    assert read["day"].to_list() == FRAME["day"].to_list()
    assert read.columns == FRAME.columns
    assert read["城市"].to_list() == ["里昂", "'=HYPERLINK(1)", None]  # a text, not a formula
    assert "Filters: Band: high; =1+1" in notes
    assert "Rows: 3" in notes


def test_a_parquet_file_has_its_types_and_its_notes() -> None:
    file = io.BytesIO(exporting.file_of("parquet", export(), FRAME))

    assert pl.read_parquet(file).equals(FRAME)
    about = json.loads((read_schema(file).metadata or {})[b"about"])
    assert about == {"Shows": "Cases", "Filters": "Band: high; =1+1", "Snapshot": "17", "Rows": "3"}


def test_a_workbook_has_typed_cells_and_a_sheet_of_notes() -> None:
    columns = tuple(
        Column(name, name, "percent" if name == "score" else each.format)
        for name, each in zip(FRAME.columns, exporting.columns_of(FRAME), strict=True)
    )
    book = pl.read_excel(
        exporting.file_of("xlsx", export(columns=columns), FRAME), sheet_id=0, has_header=False
    )
    assert list(book) == ["Cases", "About"]
    told = dict(book["About"].rows())
    assert told["Filters"] == "Band: high; =1+1"
    assert told["Rows"] == "3"
    cells = pl.read_excel(exporting.file_of("xlsx", export(columns=columns), FRAME))
    assert cells["城市"].to_list() == FRAME["城市"].to_list()
    assert cells["score"].to_list() == pytest.approx(FRAME["score"].to_list())
    assert cells["day"].to_list() == FRAME["day"].to_list()
    assert cells["is_new"].to_list() == FRAME["is_new"].to_list()


def test_a_sheet_takes_what_it_can_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_IN_A_SHEET", 4)
    file = io.BytesIO()

    written = exporting.write("xlsx", export(rows=9), [FRAME, FRAME, FRAME], file)

    assert written == 4
    assert pl.read_excel(file.getvalue()).height == 4
    about = dict(pl.read_excel(file.getvalue(), sheet_name="About", has_header=False).rows())
    assert about["Rows"].startswith("the first 4 of 9")


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=5), st.text(max_size=5))
def test_many_parts_make_the_file_that_one_makes(sizes: list[int], text: str) -> None:
    numbers = iter(range(100))
    frames = [
        pl.DataFrame(
            {"n": [next(numbers) for _ in range(size)], "text": [text] * size},
            {"n": pl.Int64, "text": pl.String},
        )
        for size in sizes
    ]
    whole = pl.concat(frames)

    def parts() -> Iterator[pl.DataFrame]:
        yield from frames

    for kind in ("csv", "parquet"):
        file = io.BytesIO()
        assert exporting.write(kind, export(whole, sum(sizes)), parts(), file) == sum(sizes)  # type: ignore[arg-type]
        if kind == "parquet":
            assert pl.read_parquet(file.getvalue()).equals(whole)
        else:
            assert csv_of(file.getvalue())[0] == csv_of(exporting.file_of("csv", export(whole), whole))[0]


def test_a_chart_grows_by_its_title_and_the_filters_at_its_foot() -> None:
    axes = Axis("band", "Band", "text"), Axis("cases", "Cases", "integer")
    chart = Chart(
        "bands", "bar", "按等级", "One in ten.", pl.DataFrame({"band": ["高"], "cases": [3]}), *axes
    )
    short, long = (exporting.picture_of("png", chart, "zh", foot) for foot in ("", "筛选条件：高。" * 60))

    (width, low), (_, high) = (Image.open(io.BytesIO(file)).size for file in (short, long))
    assert width == 2 * exporting.PICTURE_WIDTH
    assert high > low + 40
    svg = exporting.picture_of("svg", chart, "zh", "筛选条件：高。").decode()
    assert svg.startswith("<?xml")
    assert svg != exporting.picture_of("svg", chart, "zh", "另一个").decode()
