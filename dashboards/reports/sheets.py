"""The tables of a report as CSV and XLSX: every row, values typed, nothing a spreadsheet would run."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl

from dashboards.reports import cells
from dashboards.reports.report import Column, Fact, Report, Table
from dashboards.wording import say

# A cell that begins so is a formula to a spreadsheet (OWASP, «CSV injection»); an apostrophe makes it text.
# Where semicolons or tabs part the cells, one begins behind them too, and so it does on a new line. Some drop
# blanks and letters without a shape before they look.
_FORMULA = r"^([\t\r]|[\s\p{C}]*[=+\-@＝＋－＠])"
_FORMULA_WITHIN = r"([;\t\r\n][\s\p{C}]*)([=+\-@＝＋－＠])"
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
_WRITTEN = (pl.Object, pl.Binary, pl.Duration)  # what Polars writes into no CSV by itself
_WIDEST = 60
_LOOKED_AT = 200  # rows, for the width of a column
_LONGEST_NAME = 31  # UTF-16 units
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LEVEL = 4  # of compression: half the time of the usual 6, a few per cent more bytes


def csv(table: Table, language: str, *, head: bool = True) -> bytes:
    """The whole table as CSV in UTF-8 with a mark that Excel understands; numbers plain, dates ISO 8601.

    Without its `head` it is what follows in a file that another part of the table has begun.
    """
    return csv_bytes(_plain(table, language), head=head)


def csv_bytes(frame: pl.DataFrame, *, head: bool = True) -> bytes:
    """A frame as such a CSV."""
    texts = [name for name, kind in frame.schema.items() if kind in cells.TEXTS]
    others = [name for name, kind in frame.schema.items() if kind.is_nested() or kind in _WRITTEN]
    safe = frame.with_columns(
        *(_neutralised(pl.col(name).cast(pl.String)) for name in texts),
        *(cells.written(frame[name]) for name in others),
    )
    file = BytesIO()
    titles = pl.Series("title", safe.columns, pl.String).to_frame().select(_neutralised(pl.col("title")))
    safe.columns = titles["title"].to_list()
    safe.write_csv(file, include_bom=head, include_header=head, line_terminator="\r\n")
    return file.getvalue()


def _neutralised(text: pl.Expr) -> pl.Expr:
    return text.str.replace(_FORMULA, "'${1}").str.replace_all(_FORMULA_WITHIN, "${1}'${2}")


def _plain(table: Table, language: str) -> pl.DataFrame:
    """The columns of the sheet under their titles, bounds in columns of their own."""
    columns = list(_columns(table, language))
    titles = _unique([column.title for column in columns], 1000)
    return table.frame.select(
        pl.col(column.name).alias(title) for column, title in zip(columns, titles, strict=True)
    )


def _columns(table: Table, language: str) -> Iterator[Column]:
    _ = say(language)
    for column in table.in_sheet or table.columns:
        yield Column(column.name, column.heading, column.format)
        if column.lower:
            yield Column(column.lower, _("{title}, lower bound").format(title=column.title), column.format)
            yield Column(column.upper, _("{title}, upper bound").format(title=column.title), column.format)


def fits(table: Table) -> bool:
    """Whether Excel has as many rows as the table."""
    return table.frame.height < cells.MOST_ROWS


def xlsx(report: Report) -> bytes:
    """The tables of a report as a workbook."""
    _ = say(report.language)
    columns = (column for table in report.tables for column in table.in_sheet or table.columns)
    facts = report.facts
    if any(column.format == "moment" for column in columns):  # a cell of a sheet knows no zone
        facts = (*facts, Fact(_("Times in the tables"), "UTC"))
    return workbook(report.title, report.tables, facts, report.period, report.language)


def workbook(
    title: str,
    tables: Sequence[Table],
    facts: Sequence[Fact],
    period: datetime,
    language: str,
    about: str = "",
) -> bytes:
    """A workbook with one sheet per table and one (`about` is its name) that says how it came about.

    Columns have their types, formats and filters; the file's dates are those of `period`, so the same tables
    give the same bytes. Of a table with more rows than Excel knows there is only a word.
    """
    import xlsxwriter

    _ = say(language)
    file = BytesIO()
    shown = [table for table in tables if fits(table)]
    last_title = about or _("About this report")
    *names, last = _unique([_sheet_name(title) for title in (*(each.title for each in shown), last_title)])
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": title, "created": period.astimezone(UTC).replace(tzinfo=None)})
        for name, table in zip(names, shown, strict=True):
            _write_head(book, book.add_worksheet(name), table, language)
        _write_about(book, book.add_worksheet(last), [table for table in tables if not fits(table)], facts, _)
    return _filled(file, shown, language)


def _write_head(book: Any, sheet: Any, table: Table, language: str) -> None:
    """All of a sheet but its rows."""
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F3F6F9", "valign": "top"})
    columns = list(_columns(table, language))
    for place, column in enumerate(columns):
        style = book.add_format({"num_format": _EXCEL_FORMATS.get(column.format, "General"), "valign": "top"})
        sheet.set_column(place, place, _width(column, table.frame[column.name]), style)
        sheet.write_string(0, place, column.title, bold)
    sheet.freeze_panes(1, 1 if len(columns) > 4 else 0)
    sheet.autofilter(0, 0, table.frame.height, len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_about(book: Any, sheet: Any, too_long: list[Table], facts: Sequence[Fact], _: Any) -> None:
    quiet, wrapped = book.add_format({"valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 80)
    more = [(table.title, _("More rows than a sheet can hold; the CSV file has them.")) for table in too_long]
    for place, (label, value) in enumerate([*((fact.label, fact.value) for fact in facts), *more]):
        sheet.write_string(place, 0, label, quiet)
        sheet.write_string(place, 1, value, wrapped)


def _filled(book: BytesIO, tables: Sequence[Table], language: str) -> bytes:
    """The workbook with the rows of its tables: they are put into the sheets that have only their heads."""
    file = BytesIO()
    with ZipFile(book) as empty, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as full:
        sheets = {f"xl/worksheets/sheet{number}.xml": table for number, table in enumerate(tables, 1)}
        for name in empty.namelist():
            with full.open(name, "w", force_zip64=name in sheets) as part:  # dated 1980
                content = empty.read(name)
                if name in sheets:
                    _write_rows(part, content, sheets[name], language)
                else:
                    part.write(content)
    return file.getvalue()


def _write_rows(part: Any, head: bytes, table: Table, language: str) -> None:
    styles = [style.decode() for style in re.findall(rb'<col [^>]*style="(\d+)"', head)]
    frame = table.frame.select(
        pl.col(column.name).alias(str(place)) for place, column in enumerate(_columns(table, language))
    )
    corner = f"{cells.letters(frame.width - 1)}{frame.height + 1}"
    head = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="A1:{corner}"'.encode(), head, count=1)
    before, end, after = head.partition(b"</sheetData>")
    part.write(before)
    for rows in cells.rows(frame, styles):
        part.write(rows)
    part.write(end + after)


def _width(column: Column, values: pl.Series) -> int:
    texts = values.head(_LOOKED_AT).to_list() if column.format == "text" else []
    longest = max((len(str(value)) for value in texts), default=0)
    return min(_WIDEST, max(10, len(column.title) + 4, longest + 2))


def _sheet_name(title: str) -> str:
    """A title as Excel lets a sheet be called: none of `[]:*?/\\`, no apostrophe at its ends."""
    allowed = _FORBIDDEN.sub(" ", title).strip(" '")
    # Excel keeps one name for itself.
    return f"{allowed}_" if allowed.casefold() in ("history", "") else allowed


def _unique(names: Sequence[str], longest: int = _LONGEST_NAME) -> list[str]:
    """Names that differ in more than their case, of at most `longest` UTF-16 units."""
    given: dict[str, str] = {}
    for name in names:
        chosen, number = _short(name, longest), 1
        while chosen.casefold() in given:
            number += 1
            ending = f" ({number})"
            chosen = _short(name, longest - len(ending)) + ending
        given[chosen.casefold()] = chosen
    return list(given.values())


def _short(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").strip()
