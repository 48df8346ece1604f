"""A table or a chart as a file to take away, which says itself what it shows: page, filters, moment, who.

The notes stand where every reader of the format leaves them alone: in a sheet of their own (XLSX), in the
metadata of the file (Parquet), at the foot of the picture (PNG, SVG). A CSV has no such place: a first line
of remarks breaks what reads it, a column of them is said ten million times. So it comes in a ZIP, which is
also smaller, with its notes as a text beside it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import IO, Literal
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl

from dashboards.charts.chart import Chart
from dashboards.numbers import Format, integer
from dashboards.reports import cells, sheets
from dashboards.reports.report import Column, Fact, Table
from dashboards.wording import say

FileKind = Literal["xlsx", "csv", "parquet"]
PictureKind = Literal["png", "svg"]
KINDS: Mapping[FileKind, tuple[str, str, str]] = {  # what people call it, its ending, its media type
    "xlsx": ("Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("CSV", "csv.zip", "application/zip"),
    "parquet": ("Parquet", "parquet", "application/vnd.apache.parquet"),
}
MOST_IN_A_SHEET = cells.MOST_ROWS - 1  # its head takes one
PICTURE_WIDTH = 900
_LEVEL = 4  # of compression: half the time of the usual 6, a few per cent more bytes


@dataclass(frozen=True)
class Export:
    """What is written: the columns, how many `rows` there are, and what the file says of itself.

    `stem` is the name of the file without its ending, `made` the moment of its making (UTC).
    """

    stem: str
    title: str
    columns: tuple[Column, ...]
    rows: int
    facts: tuple[Fact, ...]
    made: datetime
    language: str

    def table(self, frame: pl.DataFrame) -> Table:
        return Table("rows", self.title, self.columns, frame)

    def notes(self) -> dict[str, str]:
        """What the file says of itself, in order: words -> words."""
        _ = say(self.language)
        return {
            _("Shows"): self.title,
            **{fact.label: fact.value for fact in self.facts},
            _("Rows"): integer(self.rows, self.language),
        }


def write(kind: FileKind, export: Export, parts: Iterable[pl.DataFrame], file: IO[bytes]) -> int:
    """Writes the rows of `parts` (one at least, all with the columns of the export) and gives their number.

    Only one part is held at a time. XLSX holds all of them, for a sheet has `MOST_IN_A_SHEET` rows at most:
    it has the first, and says so.
    """
    return _WRITERS[kind](export, parts, file)


def file_of(kind: FileKind, export: Export, frame: pl.DataFrame) -> bytes:
    """The same of a table that is at hand."""
    file = BytesIO()
    write(kind, export, [frame], file)
    return file.getvalue()


def columns_of(frame: pl.DataFrame) -> tuple[Column, ...]:
    """The columns of a frame that has its titles as names, written by their types.

    Numbers are left as they are: a year has no thousands.
    """
    return tuple(Column(name, name, _format_of(kind)) for name, kind in frame.schema.items())


def picture_of(kind: PictureKind, chart: Chart, language: str, foot: str) -> bytes:
    """A chart with title and sentence, `foot` below it, as sharp as screens are (PNG) or as lines (SVG)."""
    from dashboards.charts import paper

    if kind == "svg":
        return paper.draw_svg(chart, language, width=PICTURE_WIDTH, alone=foot).encode()
    return paper.draw(chart, language, width=PICTURE_WIDTH, alone=foot).png


def _write_csv(export: Export, parts: Iterable[pl.DataFrame], file: IO[bytes]) -> int:
    rows = 0
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        with archive.open(f"{export.stem}.csv", "w", force_zip64=True) as csv:
            for place, part in enumerate(parts):
                csv.write(sheets.csv(export.table(part), export.language, head=place == 0))
                rows += part.height
        with archive.open(f"{export.stem}.txt", "w") as notes:
            told = "".join(f"{label}: {value}\r\n" for label, value in export.notes().items())
            notes.write(told.encode("utf-8-sig"))
    return rows


def _write_parquet(export: Export, parts: Iterable[pl.DataFrame], file: IO[bytes]) -> int:
    """Typed, under the names that the columns have in the database, its notes as JSON under `about`."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    rows, writer = 0, None
    metadata = {"title": export.title, "about": json.dumps(export.notes(), ensure_ascii=False)}
    names = [column.name for column in export.columns]
    try:
        for part in parts:
            table: pa.Table = part.select(names).to_arrow()
            if writer is None:
                schema = table.schema.with_metadata({**(table.schema.metadata or {}), **metadata})
                writer = ParquetWriter(file, schema, compression="zstd")
            writer.write_table(table.cast(writer.schema))
            rows += part.height
    finally:
        if writer is not None:
            writer.close()
    return rows


def _write_xlsx(export: Export, parts: Iterable[pl.DataFrame], file: IO[bytes]) -> int:
    _ = say(export.language)
    kept: list[pl.DataFrame] = []
    room = MOST_IN_A_SHEET
    for part in parts:
        kept.append(part.head(room))
        room -= kept[-1].height
        if not room:
            break
    frame = pl.concat(kept)
    notes = export.notes()
    if frame.height < export.rows:
        told = _("the first {shown} of {all}: a sheet holds no more. CSV and Parquet have all of them.")
        notes[_("Rows")] = told.format(
            shown=integer(frame.height, export.language), all=integer(export.rows, export.language)
        )
    facts = [Fact(label, value) for label, value in notes.items()]
    book = sheets.workbook(
        export.title, [export.table(frame)], facts, export.made, export.language, _("About")
    )
    file.write(book)
    return frame.height


def _format_of(kind: pl.DataType) -> Format:
    if kind == pl.Datetime:
        return "moment"
    if kind == pl.Time:
        return "clock"
    return "date" if kind == pl.Date else "text"


_WRITERS: Mapping[FileKind, Callable[[Export, Iterable[pl.DataFrame], IO[bytes]], int]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "xlsx": _write_xlsx,
}
