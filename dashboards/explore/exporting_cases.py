"""The whole list of a view as a file: any number of cases, a part of them in memory at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from dashboards.explore.view import View
from dashboards.queries.explore import SCORE
from dashboards.queries.explore_filters import where
from pipelines.records import quoted_column, quoted_columns

PART = 100_000  # cases
Seen = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Listed:
    """The list of a view: which cases, in which order, with which columns of the board."""

    view: View
    columns: tuple[str, ...]
    excluded: tuple[str, ...] = ()


def parts(
    connection: duckdb.DuckDBPyConnection, listed: Listed, schema: Mapping[str, str], seen: Seen
) -> Iterator[pl.DataFrame]:
    """The cases in the order of the list, `PART` at a time, each part as `seen` makes it for a person.

    There is one part at least. A board lies in the order of the score, so that order costs nothing.
    """
    asked = where(listed.view, schema, listed.excluded)
    columns = [name for name in dict.fromkeys(listed.columns) if name in schema]
    by = listed.view.sort if listed.view.sort.removeprefix("-") in schema else SCORE
    name, down = quoted_column(by.removeprefix("-")), by.startswith("-")
    order = f"ORDER BY {name} {'DESC' if down else 'ASC'} NULLS LAST, entity_id, rowid"
    sql = f"""
        SELECT {quoted_columns(columns)} FROM cases WHERE {asked.sql} {"" if by == SCORE else order}
    """
    batches = connection.execute(sql, dict(asked.given)).to_arrow_reader(PART)
    empty = True
    for batch in batches:
        empty = False
        yield seen(_frame(batch))
    if empty:
        yield seen(_frame(batches.schema.empty_table()))


def _frame(arrow: object) -> pl.DataFrame:
    frame = pl.from_arrow(arrow)
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()
