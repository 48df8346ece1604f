"""What a view of a board shows: its page of the list, its figures, its charts.

In all of them the relation is `cases` (`dashboards.explore.board`), and `excluded` are identifiers left out.
A chart of a column is filtered by everything but the column itself, so that it shows what else could be
chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards.explore.view import View
from dashboards.queries.explore_filters import Where, sort_of, where
from dashboards.queries.reading import Read
from pipelines.queries import exact_mean, exact_sum
from pipelines.records import quoted_column, quoted_columns

SCORE = "-score"  # the order of a view that names none


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


def schema_of(read: Read) -> dict[str, str]:
    """The columns of the board and their DuckDB types."""
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
    conditions, given = [asked.sql], {**asked.given, "size": size + 1}
    if after:
        later, values = _after(quoted_column(by), schema[by], down, after)
        conditions.append(later)
        given |= values
    shown = [name for name in dict.fromkeys(columns) if name in schema]
    sql = f"""
        SELECT
            {quoted_columns(shown)}, CAST({quoted_column(by)} AS VARCHAR) AS "after.value",
            entity_id AS "after.entity_id", rowid AS "after.row"
        FROM cases WHERE {" AND ".join(conditions)}
        ORDER BY {quoted_column(by)} {"DESC" if down else "ASC"} NULLS LAST, entity_id, rowid LIMIT $size
    """
    rows = read(sql, given)
    more, rows = rows.height > size, rows.head(size)
    last = After(*rows.select("after.value", "after.entity_id", "after.row").row(-1)) if more else None
    return Page(rows.select(shown), last)


def _after(by: str, kind: str, down: bool, after: After) -> tuple[str, dict[str, Any]]:
    """The cases behind one in the order of `page`."""
    alike = "(entity_id > $after_entity OR entity_id = $after_entity AND rowid > $after_row)"
    given: dict[str, Any] = {"after_entity": after.entity_id, "after_row": after.row}
    if after.value is None:
        return f"({by} IS NULL AND {alike})", given
    value = f"CAST($after_value AS {kind})"
    further = f"{by} {'<' if down else '>'} {value} OR {by} = {value} AND {alike} OR {by} IS NULL"
    return f"({further})", given | {"after_value": after.value}


def count(read: Read, view: View, excluded: Sequence[str] = ()) -> int:
    """How many cases the view shows."""
    asked = where(view, schema_of(read), excluded)
    return int(read(f"SELECT count(*) FROM cases WHERE {asked.sql}", dict(asked.given)).item())


def summary(read: Read, view: View, urgent: Sequence[str] = (), excluded: Sequence[str] = ()) -> pl.DataFrame:
    """One row: `cases`, `urgent` (in the bands named so), `expected` (how many events), `mean_score`,
    `expected_loss`, `unpriced` (cases without it; both null where the task has none), `new`, `up`, `down`.
    """
    schema = schema_of(read)
    asked = where(view, schema, excluded)
    priced = "expected_loss" in schema
    sql = f"""
        SELECT
            count(*) AS cases,
            count(*) FILTER (list_contains($urgent, band)) AS urgent,
            {exact_sum("score")} AS expected,
            {exact_mean("score")} AS mean_score,
            {exact_sum("expected_loss") if priced else "CAST(NULL AS DOUBLE)"} AS expected_loss,
            {"count(*) - count(expected_loss)" if priced else "CAST(NULL AS BIGINT)"} AS unpriced,
            count(*) FILTER (moved = 'new') AS new,
            count(*) FILTER (moved = 'up') AS up,
            count(*) FILTER (moved = 'down') AS down
        FROM cases WHERE {asked.sql}
    """
    return read(sql, {**asked.given, "urgent": list(urgent)})


def by_value(
    read: Read, view: View, column: str, most: int = 12, excluded: Sequence[str] = ()
) -> pl.DataFrame:
    """`value, cases, mean_score, is_rest`: the values of a column by their number of cases, most first.

    `value` is text, null where there is none. Those beyond `most` are one row at the end, `is_rest`.
    """
    asked = where(view, schema_of(read), excluded, but=column)
    sql = f"""
        WITH counted AS (
            SELECT CAST({quoted_column(column)} AS VARCHAR) AS value, count(*) AS cases,
                {_EXACT} AS total
            FROM cases WHERE {asked.sql} GROUP BY ALL
        ),
        placed AS (
            SELECT *, row_number() OVER (ORDER BY cases DESC, value NULLS LAST) > $most AS is_rest FROM counted
        )
        SELECT
            CASE WHEN is_rest THEN NULL ELSE value END AS value, CAST(sum(cases) AS BIGINT) AS cases,
            CAST(sum(total) AS DOUBLE) / sum(cases) AS mean_score, is_rest
        FROM placed GROUP BY 1, is_rest, CASE WHEN is_rest THEN NULL ELSE value END
        ORDER BY is_rest, cases DESC, value NULLS LAST
    """
    return read(sql, {**asked.given, "most": most})


_EXACT = "sum(TRY_CAST(score AS DECIMAL(38, 9)))"


def values(read: Read, column: str, prefix: str = "", most: int = 50) -> list[str]:
    """The values of a column that begin with `prefix`, most frequent first: for a list to choose from."""
    text = f"CAST({quoted_column(column)} AS VARCHAR)"
    sql = f"""
        SELECT {text} AS value FROM cases
        WHERE {text} IS NOT NULL AND starts_with(lower({text}), $prefix)
        GROUP BY ALL ORDER BY count(*) DESC, value LIMIT $most
    """
    return read(sql, {"prefix": prefix.lower(), "most": most})["value"].to_list()


def histogram(
    read: Read, view: View, column: str, bins: int = 20, excluded: Sequence[str] = ()
) -> pl.DataFrame:
    """`start, end, cases` of a column of numbers or moments, in bins of equal width from least to greatest.

    Empty for a column of only nulls, or of another type.
    """
    schema = schema_of(read)
    asked = where(view, schema, excluded, but=column)
    name, moments = quoted_column(column), sort_of(schema.get(column, "")) in ("day", "moment")
    if not moments and sort_of(schema.get(column, "")) not in ("whole", "number"):
        return pl.DataFrame(schema={"start": pl.Float64, "end": pl.Float64, "cases": pl.Int64})
    number = f"epoch({name})" if moments else f"CAST({name} AS DOUBLE)"
    told = "make_timestamp(CAST(round({}) AS BIGINT) * 1000000)" if moments else "{}"
    sql = f"""
        WITH given AS (SELECT {number} AS number FROM cases WHERE {asked.sql} AND {name} IS NOT NULL),
        bounds AS (SELECT min(number) AS low, max(number) AS high FROM given WHERE isfinite(number)),
        widths AS (
            SELECT low, greatest((high - low) / $bins, 1e-9) AS width FROM bounds WHERE high IS NOT NULL
        ),
        counted AS (
            SELECT least(floor((number - low) / width), $bins - 1) AS bin, count(*) AS cases
            FROM given CROSS JOIN widths WHERE isfinite(number) GROUP BY bin
        )
        SELECT
            {told.format("low + width * place.bin")} AS start,
            {told.format("low + width * (place.bin + 1)")} AS "end",
            coalesce(cases, 0) AS cases
        FROM widths
        CROSS JOIN (SELECT unnest(range($bins)) AS bin) AS place
        LEFT JOIN counted ON counted.bin = place.bin
        ORDER BY place.bin
    """
    return read(sql, {**asked.given, "bins": bins})
