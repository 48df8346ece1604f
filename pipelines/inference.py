"""Proposes a contract for a table nobody has described yet, from a sample of its records."""

import polars as pl

from connectors.errors import AssistantError, did_you_mean
from pipelines.contract import Column, Contract, Personal, Type
from pipelines.parse import US_DATE, month_first, parsed

_CANDIDATES: tuple[Type, ...] = ("integer", "number", "date", "timestamp", "boolean")
# A type is taken when nearly all values are of it: the few others are dirt for the quarantine.
_SHARE_THAT_FITS = 0.95
_WORDS_FOR_NO_VALUE = ("", "na", "n/a", "null", "none", "nan", "?", "-", ".")
_PERSONAL: tuple[tuple[Personal, tuple[str, ...]], ...] = (
    ("contact", ("email", "e_mail", "phone", "mobile", "电话", "手机", "邮箱")),
    ("name", ("first_name", "last_name", "family_name", "given_name", "surname", "full_name", "姓名")),
    ("address", ("street", "address", "postal", "zip", "地址", "邮编")),
    ("birth_date", ("birth", "dob", "出生")),
    ("identifier", ("ssn", "passport", "national_id", "iban", "身份证")),
)


def infer_contract(
    table: str, sample: pl.DataFrame, key: tuple[str, ...] = (), decimal_mark: str = "."
) -> Contract:
    """A contract for `table` that the sample keeps: types, key, and what looks like personal data.

    Raises AssistantError if a key column is not among the sample's columns.
    """
    for name in key:
        if name not in sample.columns:
            raise AssistantError(
                f"The key column «{name}» is not in the data for {table}.", did_you_mean(name, sample.columns)
            )
    columns = tuple(_column(values, values.name in key, decimal_mark) for values in sample.iter_columns())
    return Contract(table=table, columns=columns, key=key, description="Inferred from the first records.")


def without_placeholders(values: pl.Series) -> pl.Series:
    """Text with the usual words for «no value» made null."""
    empty = values.str.strip_chars().str.to_lowercase().is_in(_WORDS_FOR_NO_VALUE)
    return pl.select(pl.when(~empty).then(values).alias(values.name)).to_series()


def _column(values: pl.Series, in_key: bool, decimal_mark: str) -> Column:
    kind = _type(values, decimal_mark)
    layout = US_DATE if kind == "date" and values.dtype == pl.String and month_first(values) else ""
    return Column(values.name, kind, required=in_key, layout=layout, personal=_personal(values.name))


def _type(values: pl.Series, decimal_mark: str) -> Type:
    if not isinstance(values.dtype, pl.String):
        return _native_type(values.dtype)
    given = without_placeholders(values).drop_nulls()
    if given.is_empty() or _has_leading_zeros(given):
        return "text"
    for candidate in _CANDIDATES:
        fits = len(given) - parsed(given, candidate, decimal_mark).null_count()
        if fits >= _SHARE_THAT_FITS * len(given):
            return "timestamp" if candidate == "date" and _has_times(given) else candidate
    return "text"


def _has_leading_zeros(given: pl.Series) -> bool:
    """Codes such as postcodes look like numbers but lose their zeros as one."""
    return bool(given.str.contains(r"^0\d+$").any())


def _has_times(given: pl.Series) -> bool:
    return bool(given.str.contains(r"\d:\d\d").any())


def _native_type(dtype: pl.DataType) -> Type:
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "number"
    if dtype.is_decimal():
        return "decimal"
    named: dict[type[pl.DataType], Type] = {pl.Boolean: "boolean", pl.Date: "date", pl.Datetime: "timestamp"}
    return named.get(dtype.base_type(), "text")


def _personal(name: str) -> Personal:
    lower = name.lower().replace(" ", "_")
    return next((kind for kind, parts in _PERSONAL if any(part in lower for part in parts)), "")
