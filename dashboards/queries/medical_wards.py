"""The scored patients of each ward: how many in which band, and the highest of one ward."""

from datetime import datetime

import polars as pl

from dashboards.queries.reading import Read
from pipelines.queries import exact_sum


def by_ward(read: Read, cases: str, as_of: datetime) -> pl.DataFrame:
    """`ward, band, cases, expected` (the sum of the scores); the ward is null where none is known.

    `cases` is the SQL of the scored patients; it takes `$as_of`.
    """
    sql = f"""
        SELECT ward, band, count(*) AS cases, {exact_sum("score")} AS expected
        FROM ({cases}) AS cases GROUP BY ward, band ORDER BY ward NULLS LAST, band
    """
    return read(sql, {"as_of": as_of})


def highest_of_ward(read: Read, cases: str, as_of: datetime, ward: str | None, most: int) -> pl.DataFrame:
    """The `most` patients of a ward (None: of no known ward) with the highest scores."""
    sql = f"""
        SELECT * FROM ({cases}) AS cases WHERE ward IS NOT DISTINCT FROM $ward
        ORDER BY score DESC, entity_id LIMIT $most
    """
    return read(sql, {"as_of": as_of, "ward": ward, "most": most})
