"""Holds a batch of records against its contract: typed clean rows, and the broken ones with rule and reason.

What can be decided from a row alone is decided here. What needs the whole set (unique keys, references)
is decided in SQL by `pipelines.publish`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from connectors.errors import AssistantError
from pipelines.catalog import Transform
from pipelines.contract import Column, Contract
from pipelines.inference import without_placeholders
from pipelines.parse import POLARS_TYPES, parsed

ROW = "_row"
BROKEN_SCHEMA = pl.Schema(
    {
        ROW: pl.Int64(),
        "rule": pl.String(),
        "column": pl.String(),
        "reason": pl.String(),
        "record": pl.String(),
    }
)
_PROBLEM_SCHEMA = pl.Schema({name: BROKEN_SCHEMA[name] for name in (ROW, "rule", "column", "reason")})


@dataclass(frozen=True)
class Checked:
    """A batch after its check: every row is in `clean` or in `broken`, by its `_row` number.

    `clean` has `_row` and the contract's columns in their types; `broken` has BROKEN_SCHEMA, `record`
    being the original as JSON. `misread` counts, per column, values that are not of its type.
    """

    clean: pl.DataFrame
    broken: pl.DataFrame
    misread: dict[str, int]


def matched_columns(contract: Contract, given: list[str]) -> dict[str, str]:
    """Which given column fills which contract column: by name, by alias, then ignoring case and blanks."""
    plain = {name.strip().lower(): name for name in reversed(given)}
    found: dict[str, str] = {}
    for column in contract.columns:
        for name in (column.name, *column.aliases):
            if name in given or name.strip().lower() in plain:
                found[column.name] = name if name in given else plain[name.strip().lower()]
                break
    return found


def check(
    batch: pl.DataFrame,
    contract: Contract,
    *,
    first_row: int = 0,
    decimal_mark: str = ".",
    transform: Transform | None = None,
) -> Checked:
    """Checks every row of `batch` (text or typed); rows are numbered from `first_row`.

    Raises AssistantError if a key column of the contract is not in the batch.
    """
    sources = matched_columns(contract, batch.columns)
    _require_keys(contract, sources)
    typed: dict[str, pl.Series] = {}
    problems: list[pl.DataFrame] = []
    misread: dict[str, int] = {}
    for column in contract.columns:
        if column.name not in sources:
            typed[column.name] = pl.Series(column.name, [None] * batch.height, POLARS_TYPES[column.type])
            continue
        given = batch.get_column(sources[column.name])
        values = _typed(given, column, decimal_mark)
        wrong = _not_of_type(given, values, column)
        misread[column.name] = wrong.height
        problems.append(wrong)
        typed[column.name] = values.rename(column.name)
    problems += [
        found
        for column in contract.columns
        for found in _rule_problems(typed[column.name], column, column.name in contract.key)
    ]
    rows = pl.DataFrame(list(typed.values()), height=batch.height).with_row_index(ROW).cast({ROW: pl.Int64})
    if transform:
        rows, found = transform(rows)
        problems.append(found.select(_PROBLEM_SCHEMA.keys()).cast(_PROBLEM_SCHEMA))
    return _divided(batch, rows, [p for p in problems if p.height], misread, first_row)


def _divided(
    batch: pl.DataFrame,
    rows: pl.DataFrame,
    problems: list[pl.DataFrame],
    misread: dict[str, int],
    first_row: int,
) -> Checked:
    if not problems:
        numbered = rows.with_columns(pl.col(ROW) + first_row)
        return Checked(numbered, pl.DataFrame(schema=BROKEN_SCHEMA), misread)
    # One record per broken row: the first rule it broke, and all its reasons (one a column: a value that
    # cannot be read is not missing as well).
    per_row = (
        pl.concat(problems)
        .unique([ROW, "column"], keep="first", maintain_order=True)
        .group_by(ROW, maintain_order=True)
        .agg(pl.col("rule").first(), pl.col("column").first(), pl.col("reason").unique(maintain_order=True))
        .with_columns(pl.col("reason").list.join("; "))
        .sort(ROW)
    )
    records = as_json(batch[per_row[ROW]]).alias("record")
    broken = per_row.with_columns(records, pl.col(ROW) + first_row).cast(BROKEN_SCHEMA)
    clean = rows.join(per_row, on=ROW, how="anti", maintain_order="left").with_columns(
        pl.col(ROW) + first_row
    )
    return Checked(clean, broken, misread)


def as_json(rows: pl.DataFrame) -> pl.Series:
    """Each row as one JSON object."""
    if not rows.width:
        return pl.Series("record", ["{}"] * rows.height, pl.String)
    temporal = pl.selectors.temporal() | pl.selectors.decimal()
    return (
        rows.with_columns(temporal.cast(pl.String), pl.selectors.binary().bin.encode("base64"))
        .select(pl.struct(pl.all()).struct.json_encode())
        .to_series()
    )


def _require_keys(contract: Contract, sources: Mapping[str, str]) -> None:
    missing = [name for name in contract.key if name not in sources]
    if missing:
        raise AssistantError(
            f"{contract.table}: the key column «{missing[0]}» is not in the data.",
            "The load was stopped and nothing was changed. If the column was renamed at the source, "
            "add the new name to the column's aliases in the contract.",
        )


def _typed(given: pl.Series, column: Column, decimal_mark: str) -> pl.Series:
    if isinstance(given.dtype, pl.List | pl.Struct | pl.Array):
        given = as_json(given.to_frame())
    return parsed(given, column.type, decimal_mark, column.layout)


def _not_of_type(given: pl.Series, values: pl.Series, column: Column) -> pl.DataFrame:
    if values.null_count() == given.null_count():
        return pl.DataFrame(schema=_PROBLEM_SCHEMA)
    lost = values.is_null() & given.is_not_null()
    if given.dtype == pl.String:
        lost &= without_placeholders(given).is_not_null()
    elif given.dtype.is_float():
        lost &= given.is_not_nan()
    return _problems(lost, "type", column.name, f"{column.name} is not a {_TYPE_WORDS[column.type]}")


_TYPE_WORDS = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "decimal": "decimal number",
    "boolean": "yes or no",
    "date": "date",
    "timestamp": "date with time",
}


def _rule_problems(values: pl.Series, column: Column, in_key: bool) -> Iterator[pl.DataFrame]:
    name = column.name
    if (column.required or in_key) and values.null_count():
        yield _problems(values.is_null(), "required", name, f"{name} is missing")
    if column.type == "number" and values.is_infinite().any():
        yield _problems(values.is_infinite(), "finite", name, f"{name} is infinite")
    if column.minimum is not None:
        yield _problems(
            values < _bound(column, column.minimum), "range", name, f"{name} is below {column.minimum}"
        )
    if column.maximum is not None:
        yield _problems(
            values > _bound(column, column.maximum), "range", name, f"{name} is above {column.maximum}"
        )
    if column.allowed:
        known = f"{name} is none of {', '.join(column.allowed[:8])}{' …' if len(column.allowed) > 8 else ''}"
        yield _problems(~values.cast(pl.String).is_in(column.allowed), "allowed", name, known)
    if column.pattern:
        yield _problems(
            ~values.str.contains(column.pattern), "pattern", name, f"{name} is not like {column.pattern}"
        )


def _bound(column: Column, bound: float | str) -> pl.Series:
    """The bound as a value of the column's type."""
    if isinstance(bound, str):
        return parsed(pl.Series([bound]), column.type)
    return pl.Series([bound]).cast(POLARS_TYPES[column.type])


def _problems(broken: pl.Series, rule: str, column: str, reason: str) -> pl.DataFrame:
    if not broken.any():
        return pl.DataFrame(schema=_PROBLEM_SCHEMA)
    rows = broken.fill_null(value=False).arg_true().cast(pl.Int64).alias(ROW)
    return (
        rows.to_frame()
        .with_columns(rule=pl.lit(rule), column=pl.lit(column), reason=pl.lit(reason))
        .cast(_PROBLEM_SCHEMA)
    )
