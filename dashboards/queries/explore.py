"""What a view of a board shows: its page of the list, its charts, what can be chosen.

In all of them the relation is `cases` (`dashboards.explore.board`), and `excluded` are identifiers left out.
A chart of a column is filtered by everything but the column itself, so that it shows what else could be
chosen.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from dashboards.explore.view import View
from dashboards.queries.explore_bins import Bins, bins_between
from dashboards.queries.explore_filters import is_binned, where
from dashboards.queries.reading import Read
from pipelines.records import quoted_column

SCORE = "-score"  # the order of a view that names none: a board lies in it, row after row
_BINS = {"start": pl.Float64, "end": pl.Float64, "cases": pl.Int64, "range": pl.String}


@dataclass(frozen=True)
class After:
    """The last case of a page: the next one begins after it. `value` is what it was sorted by, as text."""

    value: str | None
    entity_id: str
    row: int


@dataclass(frozen=True)
class Page:
    """Some rows of a list; `next` is None on the last page."""

    rows: pl.DataFrame
    next: After | None


@dataclass(frozen=True)
class BoardRead:
    """Queries on a board whose columns are known, so that none has to ask for them."""

    connection: duckdb.DuckDBPyConnection
    schema: Mapping[str, str]

    def __call__(self, sql: str, parameters: Any) -> pl.DataFrame:
        return self.connection.execute(sql, parameters).pl()


def schema_of(read: Read) -> Mapping[str, str]:
    """The columns of the board and their DuckDB types."""
    if isinstance(read, BoardRead):
        return read.schema
    described = read("DESCRIBE cases", None)
    return dict(zip(described["column_name"], described["column_type"], strict=True))


def page(
    read: Read,
    view: View,
    columns: Sequence[str],
    size: int,
    excluded: Sequence[str] = (),
    after: After | None = None,
) -> Page:
    """The next `size` cases in the order of the view, nulls last, cases alike by `entity_id`.

    `columns` that the board lacks are left out. It is found by comparing with `after`, so that page 10,000
    takes as long as page 1, and no case is told twice or never.
    """
    schema = schema_of(read)
    wanted = view.sort if view.sort.removeprefix("-") in schema else SCORE
    by, down = wanted.removeprefix("-"), wanted.startswith("-")
    asked = where(view, schema, excluded)
    shown = [name for name in dict.fromkeys(columns) if name in schema]

    selected = f"""
        {"".join(f"{quoted_column(name)}, " for name in shown)}
        CAST({quoted_column(by)} AS VARCHAR) AS "after.value",
        entity_id AS "after.entity_id", rowid AS "after.row"
    """

    def rows_where(condition: str, given: dict[str, Any], most: int) -> pl.DataFrame:
        first = f"SELECT {selected} FROM cases WHERE ({asked.sql}) AND {condition}"
        if wanted == SCORE:  # DuckDB keeps the order in which rows lie, and reads no further than it must
            sql = f'SELECT * FROM ({first} LIMIT $size) ORDER BY "after.row"'
        else:
            order = f"{quoted_column(by)} {'DESC' if down else 'ASC'} NULLS LAST, entity_id, rowid"
            sql = f"{first} ORDER BY {order} LIMIT $size"
        return read(sql, {**asked.given, **given, "size": most})

    if after is None:
        rows = rows_where("true", {}, size + 1)
    elif wanted == SCORE:
        rows = rows_where("rowid > $after_row", {"after_row": after.row}, size + 1)
    else:
        rows = rows_where(*_behind(quoted_column(by), schema[by], down, after), size + 1)
        if after.value is not None and rows.height <= size:  # now those without a value
            rows = rows.vstack(rows_where(f"{quoted_column(by)} IS NULL", {}, size + 1 - rows.height))
    is_last, rows = rows.height <= size, rows.head(size)
    last = None if is_last else After(*rows.select("after.value", "after.entity_id", "after.row").row(-1))
    return Page(rows.select(shown), last)


def _behind(by: str, kind: str, down: bool, after: After) -> tuple[str, dict[str, Any]]:
    """The cases behind one in the order of `page`; where it has a value, those that have one.

    The first comparison says nothing new, but lets DuckDB pass over whole blocks.
    """
    given: dict[str, Any] = {"after_entity": after.entity_id, "after_row": after.row}
    later = "entity_id > $after_entity OR (entity_id = $after_entity AND rowid > $after_row)"
    if after.value is None:
        return f"{by} IS NULL AND ({later})", given
    value, beyond = f"CAST($after_value AS {kind})", "<" if down else ">"
    condition = f"{by} {beyond}= {value} AND ({by} {beyond} {value} OR {later})"
    return condition, given | {"after_value": after.value}


def count(read: Read, view: View, excluded: Sequence[str] = ()) -> int:
    """How many cases the view shows."""
    asked = where(view, schema_of(read), excluded)
    return int(read(f"SELECT count(*) FROM cases WHERE {asked.sql}", dict(asked.given)).item())


def by_value(
    read: Read, view: View, column: str, most: int = 12, excluded: Sequence[str] = ()
) -> pl.DataFrame:
    """`value, cases, mean_score, is_rest`: the values of a column by their number of cases, most first.

    `value` is text, null where there is none. Those beyond `most` are one row at the end, `is_rest`.
    """
    asked = where(view, schema_of(read), excluded, but=column)
    sql = f"""
        WITH counted AS (
            SELECT {quoted_column(column)} AS value, count(*) AS cases, sum(score) AS total
            FROM cases WHERE {asked.sql} GROUP BY ALL
        ),
        told AS (
            SELECT CAST(value AS VARCHAR) AS value, cases, total,
                row_number() OVER (ORDER BY cases DESC, CAST(value AS VARCHAR) NULLS LAST) > $most AS is_rest
            FROM counted
        )
        SELECT
            CASE WHEN is_rest THEN NULL ELSE value END AS value, CAST(sum(cases) AS BIGINT) AS cases,
            sum(total) / sum(cases) AS mean_score, is_rest
        FROM told GROUP BY ALL ORDER BY is_rest, cases DESC, value NULLS LAST
    """
    return read(sql, {**asked.given, "most": most})


def values(read: Read, column: str, prefix: str = "", most: int = 50) -> list[str]:
    """The values of a column that begin with `prefix`, most frequent first: for a list to choose from."""
    sql = f"""
        SELECT CAST(value AS VARCHAR) AS text FROM (
            SELECT {quoted_column(column)} AS value, count(*) AS cases FROM cases GROUP BY ALL
        )
        WHERE text IS NOT NULL AND starts_with(lower(text), $prefix)
        ORDER BY cases DESC, text LIMIT $most
    """
    return read(sql, {"prefix": prefix.lower(), "most": most})["text"].to_list()


def histogram(
    read: Read, view: View, column: str, bins: int = 20, excluded: Sequence[str] = ()
) -> pl.DataFrame:
    """`start, end, cases, range` of a column of numbers or moments, in at most `bins` bins of equal width.

    They reach from the least to the greatest value of the whole board, so that they stay where they are
    whatever is filtered; whole numbers and days are never cut in two. A bin holds its start, and not its end
    (the last one does). `range` is what a view asks for to get the cases of the bin (`low..high`). Empty for
    a column of only nulls, or of another type.
    """
    schema = schema_of(read)
    if not is_binned(schema.get(column, "")):
        return pl.DataFrame(schema=_BINS)
    asked, name = where(view, schema, excluded, but=column), quoted_column(column)
    low, high, known = _ends(read, name, schema[column])
    laid = bins_between(schema[column], low, high, bins)
    if laid is None:
        return pl.DataFrame(schema=_BINS)
    return laid.frame(_counted(read, name, f"{asked.sql} AND {known}", asked.given, laid))


def _ends(read: Read, name: str, kind: str) -> tuple[Any, Any, str]:
    """The least and the greatest value of a column, and the condition that a row has one between them."""
    sql, known = f"SELECT min({name}) AS low, max({name}) AS high FROM cases", f"{name} IS NOT NULL"
    low, high = read(sql, None).row(0)  # from the statistics of the file
    if kind in ("FLOAT", "DOUBLE") and high is not None and not math.isfinite(high - low):
        known = f"isfinite({name})"
        low, high = read(f"{sql} WHERE {known}", None).row(0)
    return low, high, known


def _counted(read: Read, name: str, known: str, given: Mapping[str, Any], laid: Bins) -> dict[int, int]:
    """Place of a bin -> the cases in it, where there are any."""
    place = f"CAST(floor(({laid.sql(name)} - $low) / $width) AS INTEGER)"
    sql = f"SELECT {place} AS place, count(*) AS cases FROM cases WHERE {known} GROUP BY ALL"
    counted: dict[int, int] = {}
    for at, cases in read(sql, {**given, "low": laid.low, "width": laid.width}).iter_rows():
        within = min(max(at, 0), laid.number - 1)  # the greatest value closes the last bin
        counted[within] = counted.get(within, 0) + cases
    return counted
