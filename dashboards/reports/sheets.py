"""The tables of a report as CSV and XLSX: every row, values typed, nothing a spreadsheet would run."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import polars as pl

from dashboards.reports.report import Column, Fact, Report, Table
from dashboards.wording import say

# A cell that begins so is a formula to a spreadsheet (OWASP, «CSV injection»); an apostrophe makes it text.
_FORMULA = r"^[=+\-@\t\r]"
_BOM = b"\xef\xbb\xbf"  # without it Excel reads UTF-8 as the code page of the machine
_EXCEL_FORMATS = {
    "integer": "#,##0",
    "number": "#,##0.00",
    "signed": "+#,##0.00;-#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "moment": "yyyy-mm-dd hh:mm",
    "clock": "hh:mm",
}
_WIDEST = 60


def csv(table: Table, language: str) -> bytes:
    """The whole table as CSV in UTF-8 with a mark that Excel understands; numbers plain, dates ISO 8601."""
    return csv_bytes(_plain(table, language))


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as such a CSV."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    safe = frame.with_columns(_neutralised(pl.col(name)).alias(name) for name in texts)
    return _BOM + safe.write_csv(line_terminator="\r\n").encode()


def _neutralised(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text)


def _plain(table: Table, language: str) -> pl.DataFrame:
    """The columns of the sheet under their titles, bounds in columns of their own."""
    return table.frame.select(pl.col(column.name).alias(column.title) for column in _columns(table, language))


def _columns(table: Table, language: str) -> Iterator[Column]:
    _ = say(language)
    for column in table.in_sheet or table.columns:
        yield Column(column.name, column.heading, column.format)
        if column.lower:
            yield Column(column.lower, _("{title}, lower bound").format(title=column.title), column.format)
            yield Column(column.upper, _("{title}, upper bound").format(title=column.title), column.format)


def xlsx(report: Report) -> bytes:
    """The tables of a report as a workbook."""
    return workbook(report.title, report.tables, report.facts, report.period, report.language)


def workbook(
    title: str, tables: Sequence[Table], facts: Sequence[Fact], period: datetime, language: str
) -> bytes:
    """A workbook with one sheet per table and one that says how it came about.

    Columns have their types, formats and filters; the file's dates are those of `period`, so the same tables
    give the same bytes.
    """
    import xlsxwriter

    _ = say(language)
    file = BytesIO()
    # Texts stay texts: no formulas, no links made of them.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": title, "created": period.astimezone(UTC).replace(tzinfo=None)})
        for number, table in enumerate(tables, 1):
            _write_table(book, book.add_worksheet(_sheet_name(table.title, number)), table, language)
        about = book.add_worksheet(_("About this report"))
        about.set_column(0, 1, 36)
        for place, fact in enumerate(facts):
            about.write_string(place, 0, fact.label)
            about.write_string(place, 1, fact.value)
    return file.getvalue()


def _write_table(book: Any, sheet: Any, table: Table, language: str) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    columns = list(_columns(table, language))
    for place, column in enumerate(columns):
        style = book.add_format({"num_format": _EXCEL_FORMATS.get(column.format, "@")})
        values = table.frame[column.name].to_list()
        sheet.set_column(place, place, _width(column, values))
        sheet.write_string(0, place, column.title, bold)
        for row, value in enumerate(values, 1):
            _write_cell(sheet, row, place, value, style)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, table.frame.height, len(columns) - 1)


def _write_cell(sheet: Any, row: int, place: int, value: object, style: Any) -> None:
    match value:
        case None:
            return
        case date():
            sheet.write_datetime(row, place, value, style)
        case int() | float():
            sheet.write_number(row, place, value, style)
        case _:
            sheet.write_string(row, place, str(value), style)


def _width(column: Column, values: list[object]) -> int:
    longest = max((len(str(value)) for value in values[:200]), default=0)
    return min(_WIDEST, max(10, len(column.title) + 4, longest + 2 if column.format == "text" else 0))


def _sheet_name(title: str, number: int) -> str:
    """A name Excel takes: 31 characters, none of `[]:*?/\\`."""
    allowed = "".join(" " if each in "[]:*?/\\'" else each for each in title)
    return allowed.strip()[:31] or str(number)
