"""The ranked list of a task: filtered, sorted and paged in the database, never in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from dashboards.queries.reading import Read
from pipelines.records import quoted_column

MOST_CHOICES = 200


@dataclass(frozen=True)
class Filters:
    """What a person asked for: bands, a piece of the identifier, and values of other columns."""

    bands: tuple[str, ...] = ()
    search: str = ""
    equals: tuple[tuple[str, str], ...] = ()


def ranked(
    read: Read, cases: str, as_of: datetime, filters: Filters, columns: Sequence[str], page: int, size: int
) -> pl.DataFrame:
    """Page `page` (from 1) of the cases of one moment, highest score first, in `columns`.

    `cases` is the SQL of a list of cases (`dashboards.queries.<domain>`): it takes `$as_of`.
    """
    where, parameters = _where(filters)
    shown = ", ".join(quoted_column(name) for name in columns)
    sql = f"""
        SELECT {shown} FROM ({cases}) AS cases WHERE {where}
        ORDER BY score DESC, entity_id LIMIT $size OFFSET $skipped
    """
    return read(sql, {**parameters, "as_of": as_of, "size": size, "skipped": (page - 1) * size})


def count(read: Read, cases: str, as_of: datetime, filters: Filters) -> int:
    """How many cases pass the filters."""
    where, parameters = _where(filters)
    sql = f"SELECT count(*) AS cases FROM ({cases}) AS cases WHERE {where}"
    return int(read(sql, {**parameters, "as_of": as_of}).item())


def choices(read: Read, cases: str, as_of: datetime, column: str) -> list[str]:
    """The values of a column among the cases, most frequent first, at most `MOST_CHOICES`."""
    value = f"CAST({quoted_column(column)} AS VARCHAR)"
    sql = f"""
        SELECT {value} AS value FROM ({cases}) AS cases WHERE {value} IS NOT NULL
        GROUP BY ALL ORDER BY count(*) DESC, value LIMIT $most
    """
    return read(sql, {"as_of": as_of, "most": MOST_CHOICES})["value"].to_list()


def _where(filters: Filters) -> tuple[str, dict[str, Any]]:
    conditions: list[str] = ["true"]
    parameters: dict[str, Any] = {}
    if filters.bands:
        conditions.append("list_contains($bands, band)")
        parameters["bands"] = list(filters.bands)
    if filters.search:
        conditions.append("contains(lower(entity_id), lower($search))")
        parameters["search"] = filters.search
    for number, (column, value) in enumerate(filters.equals):
        conditions.append(f"CAST({quoted_column(column)} AS VARCHAR) = $value_{number}")
        parameters[f"value_{number}"] = value
    return " AND ".join(conditions), parameters
