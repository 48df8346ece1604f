"""What a table holds, whatever it is about: how its columns are filled, spread and dated. All in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dashboards.queries.reading import Read
from pipelines.records import quoted_column, quoted_columns
from pipelines.warehouse import quoted

_CLOSED = "_closed_at"  # of rows that are no longer so (`mode = "snapshot"`)
_MOST_DAYS = 62  # beyond, time is counted in months


@dataclass(frozen=True)
class Filled:
    """How a column is filled: the rows with a value, and about how many different ones there are."""

    rows: int
    different: int


def columns(read: Read, table: str) -> dict[str, str]:
    """Column names and DuckDB types of `schema.table`, in order; empty where there is no such table."""
    schema, _, name = table.partition(".")
    sql = """
        SELECT column_name, data_type FROM information_schema.columns
        WHERE table_catalog = current_database() AND table_schema = ? AND table_name = ?
        ORDER BY ordinal_position
    """
    return {name: str(kind) for name, kind in read(sql, [schema, name]).iter_rows()}


def current(table: str, known: Mapping[str, str]) -> str:
    """A relation: the rows of the table that hold at present."""
    where = f" WHERE {_CLOSED} IS NULL" if _CLOSED in known else ""
    return f"(SELECT * FROM {quoted(table)}{where})"


def count(read: Read, rows: str) -> int:
    """How many rows the relation has."""
    return int(read(f"SELECT count(*) AS rows FROM {rows} AS rows", None).item())


def loaded_since(read: Read, rows: str, since: datetime) -> int:
    """How many rows were written after a moment."""
    sql = f"SELECT count(*) AS rows FROM {rows} AS rows WHERE _loaded_at > $since"
    return int(read(sql, {"since": since}).item())


def filled(read: Read, rows: str, names: Sequence[str]) -> dict[str, Filled]:
    """How each of the columns is filled, in one pass."""
    if not names:
        return {}
    counts = ", ".join(
        f"count({column}), approx_count_distinct({column})" for column in map(quoted_column, names)
    )
    found = read(f"SELECT {counts} FROM {rows} AS rows", None).row(0)
    return {name: Filled(*found[2 * place : 2 * place + 2]) for place, name in enumerate(names)}


def spread(read: Read, rows: str, column: str, bins: int = 20) -> pl.DataFrame:
    """`start, end, rows` of a numeric column in bins of equal width.

    They reach from its 0.5 % to its 99.5 % quantile, so that a few extreme values hide nothing; the first and
    the last bin count what lies beyond, too.
    """
    sql = f"""
        WITH given AS (
            SELECT CAST({quoted_column(column)} AS DOUBLE) AS value FROM {rows} AS rows
            WHERE isfinite(CAST({quoted_column(column)} AS DOUBLE))
        ),
        bounds AS (
            SELECT quantile_disc(value, [0.005, 0.995]) AS ends FROM given HAVING count(*) > 0
        ),
        widths AS (
            SELECT ends[1] AS low, greatest((ends[2] - ends[1]) / $bins, 1e-9) AS width FROM bounds
        ),
        counted AS (
            SELECT greatest(0, least(floor((value - low) / width), $bins - 1)) AS bin, count(*) AS rows
            FROM given CROSS JOIN widths GROUP BY bin
        )
        SELECT
            low + width * place.bin AS start, low + width * (place.bin + 1) AS "end",
            coalesce(rows, 0) AS rows
        FROM widths
        CROSS JOIN (SELECT unnest(range($bins)) AS bin) AS place
        LEFT JOIN counted ON counted.bin = place.bin
        ORDER BY start
    """
    return read(sql, {"bins": bins})


def median(read: Read, rows: str, column: str) -> float | None:
    """The middle value of a numeric column; None where it has none."""
    value = f"CAST({quoted_column(column)} AS DOUBLE)"
    found = read(f"SELECT quantile_disc({value}, 0.5) AS middle FROM {rows} AS rows", None).item()
    return None if found is None else float(found)


def frequencies(read: Read, rows: str, column: str, most: int) -> pl.DataFrame:
    """`value, rows, share` of the most frequent values of a column; the share is of all rows with a value."""
    value = f"CAST({quoted_column(column)} AS VARCHAR)"
    sql = f"""
        SELECT {value} AS value, count(*) AS rows, count(*) / sum(count(*)) OVER () AS share
        FROM {rows} AS rows WHERE {value} IS NOT NULL
        GROUP BY value ORDER BY rows DESC, value LIMIT $most
    """
    return read(sql, {"most": most})


def over_time(read: Read, rows: str, column: str, until: datetime) -> tuple[str, pl.DataFrame]:
    """`at, rows` by day, or by month where the table spans more than two; and which of them (`day`, `month`).

    The last 62 days or 36 months; moments after `until` are typing errors or plans and are left out.
    """
    at = quoted_column(column)
    past = f"FROM {rows} AS rows WHERE {at} IS NOT NULL AND {at} <= $until"
    first, last = read(
        f"SELECT CAST(min({at}) AS DATE), CAST(max({at}) AS DATE) {past}", {"until": until}
    ).row(0)
    grain = "day" if first is None or (last - first).days <= _MOST_DAYS else "month"
    sql = f"""
        SELECT CAST(date_trunc('{grain}', {at}) AS DATE) AS at, count(*) AS rows
        {past} GROUP BY 1 ORDER BY 1 DESC LIMIT $most
    """
    most = _MOST_DAYS if grain == "day" else 36
    return grain, read(sql, {"most": most, "until": until}).sort("at")


def listed(read: Read, rows: str, names: Mapping[str, str], order: Sequence[str], most: int) -> pl.DataFrame:
    """The first `most` rows in an order (SQL terms), values as a page can show them.

    `names` are the columns with their types: decimals become numbers, lists and structures text.
    """
    told = ", ".join(_as_shown(name, kind) for name, kind in names.items())
    by = ", ".join([*order, quoted_columns(names)])
    return read(f"SELECT {told} FROM {rows} AS rows ORDER BY {by} LIMIT $most", {"most": most})


def _as_shown(name: str, kind: str) -> str:
    column = quoted_column(name)
    if (kind.startswith("DECIMAL") and kind.endswith(")")) or kind in ("HUGEINT", "UHUGEINT", "FLOAT"):
        return f"CAST({column} AS DOUBLE) AS {column}"
    if kind == "TIMESTAMP WITH TIME ZONE" or kind.startswith("TIMESTAMP_"):
        return f"CAST({column} AS TIMESTAMP) AS {column}"
    plain = ("VARCHAR", "DOUBLE", "DATE", "TIMESTAMP", *INTEGERS)
    return column if kind in plain else f"CAST({column} AS VARCHAR) AS {column}"


INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
NUMBERS = (*INTEGERS, "DOUBLE", "FLOAT", "HUGEINT", "UHUGEINT")


def is_number(kind: str) -> bool:
    """Whether a DuckDB type is numeric."""
    return kind in NUMBERS or (kind.startswith("DECIMAL") and kind.endswith(")"))


def is_moment(kind: str) -> bool:
    """Whether a DuckDB type is a day or a moment."""
    return kind == "DATE" or kind.startswith("TIMESTAMP")
