"""From text as people and systems write it to typed columns: numbers, yes/no, dates, timestamps.

Each parser is fast on the plain form and looks again, more patiently, only at the values that failed.
What it cannot read becomes null; the caller tells a failed value from an empty one.
"""

from collections.abc import Callable

import polars as pl

from pipelines.contract import Type

_TRUE = ("true", "t", "yes", "y", "1", "1.0", "是")
_FALSE = ("false", "f", "no", "n", "0", "0.0", "否")
# Day before month: a slashed or dotted date is read so unless only the other order fits the whole column.
_DATE_FORMATS = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%d-%m-%Y",
    "%d %b %Y",
    "%b %d, %Y",
)
US_DATE = "%m/%d/%Y"
_TIME_SUFFIXES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f")

POLARS_TYPES: dict[Type, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "decimal": pl.Decimal(18, 4),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
}


def parsed(values: pl.Series, to: Type, decimal_mark: str = ".", layout: str = "") -> pl.Series:
    """`values` as type `to`; null where a value cannot be read as one.

    Text is parsed; other types are converted. NaN counts as missing. Timestamps with a zone become UTC.
    `layout` is the strptime layout that dates and timestamps are written in, where it is known.
    """
    if not isinstance(values.dtype, pl.String):
        return _converted(values, to)
    if layout:
        return _patiently(
            values,
            lambda v: _by_layout(v, to, layout),
            lambda v: _PARSERS[to](v, decimal_mark),
        )
    return _PARSERS[to](values, decimal_mark)


def family(dtype: pl.DataType) -> str:
    """The broad kind of a column as it arrives: a change of it is a change of the source's schema."""
    if dtype.is_numeric():
        return "number"
    named: dict[type[pl.DataType], str] = {
        pl.Boolean: "boolean",
        pl.Date: "date",
        pl.Datetime: "timestamp",
        pl.Null: "empty",
    }
    return named.get(dtype.base_type(), "text")


def _text(values: pl.Series, _mark: str) -> pl.Series:
    """Texts without the blanks around them, which make two groups, or two keys, of one."""
    bare = values.str.strip_chars()
    empty = bare.str.len_bytes() == 0
    return bare.set(empty, None) if empty.any() else bare


def _integer(values: pl.Series, mark: str) -> pl.Series:
    return _patiently(
        values,
        lambda v: v.cast(pl.Int64, strict=False),
        lambda v: _whole(_number_text(v, mark).cast(pl.Float64, strict=False)),
    )


def _number(values: pl.Series, mark: str) -> pl.Series:
    if mark == ",":
        fast = values.str.replace(",", ".", literal=True)
        ambiguous = values.str.contains(".", literal=True)
        fast = pl.select(pl.when(ambiguous).then(None).otherwise(fast).alias(values.name)).to_series()
    else:
        fast = values
    return _patiently(
        values,
        lambda _: fast.cast(pl.Float64, strict=False).fill_nan(None),
        lambda v: _number_text(v, mark).cast(pl.Float64, strict=False).fill_nan(None),
    )


def _decimal(values: pl.Series, mark: str) -> pl.Series:
    return _patiently(
        values,
        lambda v: v.cast(pl.Decimal(18, 4), strict=False),
        lambda v: _number_text(v, mark).cast(pl.Float64, strict=False).cast(pl.Decimal(18, 4), strict=False),
    )


def _boolean(values: pl.Series, _mark: str) -> pl.Series:
    lower = values.str.strip_chars().str.to_lowercase()
    truth = pl.when(lower.is_in(_TRUE)).then(True).when(lower.is_in(_FALSE)).then(False)
    return pl.select(truth.alias(values.name)).to_series()


def _date(values: pl.Series, _mark: str) -> pl.Series:
    return _patiently(values, lambda v: v.str.to_date("%Y-%m-%d", strict=False), _date_patiently)


def _date_patiently(values: pl.Series) -> pl.Series:
    stripped = values.str.strip_chars()
    found = stripped.str.to_date("%Y-%m-%d", strict=False)
    for pattern in _slashed_formats(stripped):
        found = found.fill_null(stripped.str.to_date(pattern, strict=False))
    return found.fill_null(_timestamp_patiently(stripped).cast(pl.Date))


def _timestamp(values: pl.Series, _mark: str) -> pl.Series:
    return _patiently(
        values,
        lambda v: v.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False),
        _timestamp_patiently,
    )


def _timestamp_patiently(values: pl.Series) -> pl.Series:
    stripped = values.str.strip_chars()
    zoned = stripped.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    found = zoned.dt.replace_time_zone(None)
    plain = stripped.str.replace("T", " ", literal=True)
    for pattern in ("%Y-%m-%d", *_slashed_formats(stripped)):
        for suffix in _TIME_SUFFIXES:
            if not found.null_count():
                return found
            text = plain + " 00:00" if not suffix else plain
            layout = pattern + (suffix or " %H:%M")
            found = found.fill_null(text.str.to_datetime(layout, time_unit="us", strict=False))
    return found


def _by_layout(values: pl.Series, to: Type, layout: str) -> pl.Series:
    if to == "date":
        return values.str.to_date(layout, strict=False)
    return values.str.to_datetime(layout, time_unit="us", strict=False)


def _slashed_formats(values: pl.Series) -> tuple[str, ...]:
    return (US_DATE, *_DATE_FORMATS) if month_first(values) else _DATE_FORMATS


def month_first(values: pl.Series) -> bool:
    """Whether slashed dates are written month first: some date of the column fits no other order."""
    slashed = values.filter(values.str.contains(r"^\d{1,2}/\d{1,2}/\d{4}"))
    if slashed.is_empty():
        return False
    parts = slashed.str.extract_groups(r"^(\d{1,2})/(\d{1,2})/").struct.unnest().cast(pl.Int64)
    first, second = parts.to_series(0).max(), parts.to_series(1).max()
    return int(str(second)) > 12 >= int(str(first))


def _number_text(values: pl.Series, mark: str) -> pl.Series:
    """Numbers without what people put around them: spaces, currency signs, thousands marks, percent signs."""
    bare = values.str.replace_all(r"[\s\u00a0\u202f'$€£¥]", "")
    thousands = "." if mark == "," else ","
    grouped = bare.str.contains(rf"^[+-]?\d{{1,3}}(\{thousands}\d{{3}})+(\{mark}\d+)?$")
    without = bare.str.replace_all(thousands, "", literal=True)
    if mark == ",":
        bare, without = (text.str.replace(",", ".", literal=True) for text in (bare, without))
    return pl.select(pl.when(grouped).then(without).otherwise(bare).alias(values.name)).to_series()


def _whole(numbers: pl.Series) -> pl.Series:
    """Whole numbers as integers; a fraction is not one."""
    safe = numbers.is_finite() & (numbers == numbers.round()) & (numbers.abs() < 2**63)
    return pl.select(pl.when(safe).then(numbers).alias(numbers.name)).to_series().cast(pl.Int64, strict=False)


def _patiently(
    values: pl.Series, fast: Callable[[pl.Series], pl.Series], slow: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    quick = fast(values)
    if quick.null_count() == values.null_count():
        return quick
    failed = quick.is_null() & values.is_not_null()
    again = slow(values.filter(failed))
    return quick.scatter(failed.arg_true(), again.cast(quick.dtype))


def _converted(values: pl.Series, to: Type) -> pl.Series:
    wanted = POLARS_TYPES[to]
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
        values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if values.dtype.is_float():
        values = values.fill_nan(None)
        if to == "integer":
            return _whole(values)
    if isinstance(values.dtype, pl.List | pl.Struct | pl.Array | pl.Binary):
        return pl.Series(values.name, [None] * len(values), dtype=wanted)
    return values.cast(wanted, strict=False)


_PARSERS: dict[Type, Callable[[pl.Series, str], pl.Series]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}
