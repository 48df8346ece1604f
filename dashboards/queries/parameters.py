"""The values that a parameter of a report can have: those that are in the data."""

from dashboards.queries.reading import Read, has_table
from pipelines.catalog import traits
from pipelines.records import quoted_column
from pipelines.warehouse import quoted


def values_of(read: Read, reference: str, most: int) -> list[str]:
    """The values of `domain.table.column` as text, in order: the first `most` of them."""
    table, _, column = reference.rpartition(".")
    if not has_table(read, table):
        return []
    if trait := traits().get(reference):
        source, value = f"({trait.sql})", "value"
    else:
        source, value = quoted(table), quoted_column(column)
    sql = f"""
        SELECT DISTINCT CAST({value} AS VARCHAR) AS value FROM {source} WHERE {value} IS NOT NULL
        ORDER BY value LIMIT $most
    """
    return list(read(sql, {"most": most})["value"])
