"""Excel and OpenDocument sheets, as text. A sheet is read whole: it has at most 1,048,576 rows."""

from typing import Any

import pyarrow as pa

from connectors.connector import Origin, with_origin
from connectors.errors import AssistantError, UsageError, did_you_mean
from connectors.files.detect import looks_like_header, unique_names
from connectors.files.workbench import FileToRead
from connectors.source import Pieces

_MIDNIGHT = " 00:00:00"


def read_excel(file: FileToRead) -> Pieces:
    """The rows of one sheet (option `sheet`, else the first); dates are ISO text."""
    options, label = file.options, file.label
    cells = _cells(file)
    rows = cells.height
    if rows == 0 or cells.width == 0:
        raise AssistantError(f"The sheet in «{label}» is empty.", "Name another one with the option `sheet`.")
    head = [["" if cell is None else cell for cell in row] for row in cells.head(200).rows()]
    guessed = looks_like_header(head) if not options.columns else False
    header = guessed if options.header is None else options.header
    names = unique_names(options.columns or (head[0] if header else [""] * cells.width))
    if len(names) != cells.width:
        raise UsageError(
            f"«{label}» has {cells.width} columns, the option `columns` names {len(names)}.",
            "Name every column, in the order of the sheet.",
        )
    records = _tidy(cells.slice(1 if header else 0), names)
    yield with_origin(records, Origin(label, 1))


def _cells(file: FileToRead) -> Any:
    """Every cell of the sheet as text, no row taken for a header (a Polars frame)."""
    import fastexcel

    try:
        book = fastexcel.read_excel(file.path)
    except fastexcel.FastExcelError as error:
        raise AssistantError(
            f"«{file.label}» is not a workbook that can be read.",
            "Is it complete, and not protected by a password?",
        ) from error
    sheet: int | str = 0 if file.options.sheet is None else file.options.sheet
    if isinstance(sheet, str) and sheet not in book.sheet_names:
        raise UsageError(f"«{file.label}» has no sheet «{sheet}».", did_you_mean(sheet, book.sheet_names))
    return book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()


def _tidy(cells: Any, names: tuple[str, ...]) -> pa.Table:
    """Renamed; empty cells NULL; a column of pure dates without the midnight that Excel adds to each."""
    import polars as pl

    frame = cells.rename(dict(zip(cells.columns, names, strict=True)))
    dated = [
        name
        for name in names
        if frame[name].null_count() < frame.height and frame[name].str.ends_with(_MIDNIGHT).all()
    ]
    frame = frame.with_columns(pl.col(dated).str.strip_suffix(_MIDNIGHT)) if dated else frame
    frame = frame.with_columns(pl.all().replace("", None))
    return frame.filter(~pl.all_horizontal(pl.all().is_null())).to_arrow(compat_level=pl.CompatLevel.oldest())
