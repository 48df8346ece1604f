"""What a page adds up over a view of a board, and the cases of it that are looked at more closely."""

from collections.abc import Sequence

import polars as pl

from dashboards.explore.view import View
from dashboards.queries.explore import schema_of
from dashboards.queries.explore_filters import sort_of, where
from dashboards.queries.reading import Read
from pipelines.records import quoted_column


def added_up(
    read: Read, view: View, aggregates: Sequence[tuple[str, str]], excluded: Sequence[str] = ()
) -> pl.DataFrame:
    """One row: for each name the value of its SQL aggregate over the cases that the view shows."""
    asked = where(view, schema_of(read), excluded)
    listed = ", ".join(f"{sql} AS {quoted_column(name)}" for name, sql in aggregates)
    return read(f"SELECT {listed} FROM cases WHERE {asked.sql}", dict(asked.given))


def there(read: Read, column: str, wanted: Sequence[str]) -> list[str]:
    """Those of the wanted values that some case has, whatever the view."""
    name, kind = quoted_column(column), schema_of(read)[column]
    name, kind = (f"CAST({name} AS VARCHAR)", "VARCHAR") if sort_of(kind) == "other" else (name, kind)
    sql = f"""
        SELECT DISTINCT wanted FROM cases, (SELECT unnest($wanted) AS wanted)
        WHERE {name} = TRY_CAST(wanted AS {kind})
    """
    return read(sql, {"wanted": list(wanted)})["wanted"].to_list()


def extent(read: Read, view: View, column: str, excluded: Sequence[str] = ()) -> tuple[float, float]:
    """The least and the greatest number of a column in the view; zeros where there is none."""
    asked = where(view, schema_of(read), excluded)
    name = quoted_column(column)
    low, high = read(f"SELECT min({name}), max({name}) FROM cases WHERE {asked.sql}", dict(asked.given)).row(
        0
    )
    return float(low or 0), float(high or 0)


def spread(
    read: Read, view: View, column: str, edges: Sequence[float], excluded: Sequence[str] = ()
) -> list[int]:
    """How many cases of the view lie in each bin of a number; `edges` are one more than the bins.

    The last bin holds its upper edge. What lies outside is not counted.
    """
    asked = where(view, schema_of(read), excluded)
    sql = f"""
        SELECT bin, count(*) AS cases FROM (
            SELECT least(
                len(list_filter($edges, edge -> edge <= {quoted_column(column)})), len($edges) - 1
            ) AS bin
            FROM cases
            WHERE {asked.sql} AND {quoted_column(column)} BETWEEN $edges[1] AND $edges[len($edges)]
        ) GROUP BY bin
    """
    found = dict(read(sql, {**asked.given, "edges": list(edges)}).iter_rows())
    return [int(found.get(place + 1, 0)) for place in range(len(edges) - 1)]


def drawn(read: Read, view: View, most: int, excluded: Sequence[str] = ()) -> list[str]:
    """The identifiers of at most `most` cases of the view, drawn as if by lot, always the same ones."""
    asked = where(view, schema_of(read), excluded)
    sql = f"""
        SELECT entity_id FROM (SELECT DISTINCT entity_id FROM cases WHERE {asked.sql})
        ORDER BY md5(entity_id), entity_id LIMIT $most
    """
    return read(sql, {**asked.given, "most": most})["entity_id"].to_list()
