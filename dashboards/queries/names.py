"""What people call the things that a table names by a key."""

from dashboards.queries.reading import Read, has_table
from pipelines.records import quoted_column
from pipelines.warehouse import quoted


def named(read: Read, table: str, key: str) -> dict[str, str]:
    """The column `name` of a table by its `key`, in the order of the names."""
    if not has_table(read, table):
        return {}
    own = quoted_column(key)
    sql = f"SELECT {own} AS key, coalesce(name, {own}) AS name FROM {quoted(table)} ORDER BY name, key"
    return dict(read(sql, None).rows())
