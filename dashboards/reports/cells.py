"""Rows of a worksheet, written by Polars a column at a time: many times the speed of writing cell by cell.

The cells are those of ECMA-376 (18.3.1.4): numbers as they are, dates as days since the end of 1899,
booleans, and texts inline, which no spreadsheet takes for a formula or a link.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import polars as pl

MOST_ROWS = 1_048_576  # of a sheet in Excel, its head among them
_LONGEST_TEXT = 32_767  # UTF-16 units of a cell
_ROWS_AT_ONCE = 50_000
_EXACT = 2**53  # beyond it a spreadsheet loses digits
_EPOCH = 25_569  # days from the end of 1899 to the beginning of 1970
_DAY = 86_400e6  # microseconds
_FIRST_DAY = date(1900, 3, 1)  # Excel believes that 1900 had a 29th of February
TEXTS = (pl.String, pl.Categorical, pl.Enum)
# What XML cannot hold is written as Excel does: `_x` and the number of the letter.
_ESCAPED = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    **{chr(code): f"_x{code:04X}_" for code in (*range(9), 11, 12, *range(13, 32), 0xFFFE, 0xFFFF)},
}


def rows(frame: pl.DataFrame, styles: Sequence[str]) -> Iterator[bytes]:
    """The rows of a sheet below its head, as XML; `styles` are the numbers of the columns' styles."""
    columns = [_values(frame[name]) for name in frame.columns]
    for start in range(0, frame.height, _ROWS_AT_ONCE):
        part = pl.DataFrame([column.slice(start, _ROWS_AT_ONCE) for column in columns])
        number = (pl.int_range(pl.len()) + start + 2).cast(pl.String)
        cells = [
            _cell(pl.col(name), letters(place), styles[place], part.schema[name])
            for place, name in enumerate(part.columns)
        ]
        row = pl.concat_str(pl.lit('<row r="'), "n", pl.lit('">'), *cells, pl.lit("</row>"))
        yield "".join(part.with_columns(n=number).select(row).to_series()).encode()


def letters(place: int) -> str:
    """The name of a column: `A`, `Z`, `AA`."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def _values(column: pl.Series) -> pl.Series:
    """The column as one of four kinds that cells have: float, integer, boolean, text. Absent stays absent."""
    kind = column.dtype
    if kind.is_numeric():
        return _numbers(column)
    if kind in (pl.Date, pl.Datetime):
        return _days(column)
    if kind == pl.Time:
        return column.cast(pl.Int64) / (1000 * _DAY)
    if kind == pl.Boolean:
        return column
    return column.cast(pl.String) if kind in TEXTS else written(column)


def written(column: pl.Series) -> pl.Series:
    """What has no cell of its own (lists, for one) as Python writes it."""
    return pl.Series(
        column.name, [None if each is None else str(each) for each in column.to_list()], pl.String
    )


def _numbers(column: pl.Series) -> pl.Series:
    """Numbers; as text where a spreadsheet would lose digits, absent where it has no word for them."""
    if column.dtype.is_integer():
        longest = column.drop_nulls().cast(pl.Int128).abs().max()
        is_exact = longest is None or int(str(longest)) <= _EXACT
        return column.cast(pl.Int64 if is_exact else pl.String)
    numbers = column.cast(pl.Float64)
    return numbers.set(~numbers.is_finite(), None)


def _days(column: pl.Series) -> pl.Series:
    """Moments as days; where one is before Excel's time all are written out."""
    moments = column.cast(pl.Datetime("us"))  # a zone falls away: all moments are UTC
    first = moments.min()
    if isinstance(first, datetime) and first.date() < _FIRST_DAY:
        return moments.dt.to_string("iso").str.strip_suffix(" 00:00:00.000000")
    return moments.dt.timestamp("us") / _DAY + _EPOCH


def _cell(value: pl.Expr, column: str, style: str, kind: pl.DataType) -> pl.Expr:
    opening = (pl.lit(f'<c r="{column}'), pl.col("n"))
    if kind == pl.String:
        cell = pl.concat_str(
            *opening,
            pl.lit(f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'),
            _text(value),
            pl.lit("</t></is></c>"),
        )
    elif kind == pl.Boolean:
        said = value.cast(pl.Int8).cast(pl.String)
        cell = pl.concat_str(*opening, pl.lit(f'" s="{style}" t="b"><v>'), said, pl.lit("</v></c>"))
    else:
        cell = pl.concat_str(
            *opening, pl.lit(f'" s="{style}"><v>'), value.cast(pl.String), pl.lit("</v></c>")
        )
    return cell.fill_null("")


def _text(text: pl.Expr) -> pl.Expr:
    """A text for a cell: without what XML cannot hold, and no longer than a cell may be."""
    # As many bytes cannot be more UTF-16 units; only then are letters counted, each as two.
    long = text.str.len_bytes() > _LONGEST_TEXT
    short = pl.when(long).then(text.str.slice(0, _LONGEST_TEXT // 2 - 1) + "…").otherwise(text)
    # What only looks like an escaped letter is escaped itself.
    alike = short.str.contains("_x[0-9A-Fa-f]{4}_")
    plain = pl.when(alike).then(short.str.replace_all("_x", "_x005F_x", literal=True)).otherwise(short)
    return plain.str.replace_many(list(_ESCAPED), list(_ESCAPED.values()))
