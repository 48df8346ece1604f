"""Which of the values that a cut is made by are there at all."""

from dashboards.queries.reading import Read
from pipelines.records import quoted_column
from pipelines.row_cut import Rule
from pipelines.warehouse import quoted


def values_there(read: Read, rule: Rule) -> list[str]:
    """Those of a rule's values that some row has, whoever's it is."""
    column = "value" if rule.sql else quoted_column(rule.column)
    rows = f"({rule.sql})" if rule.sql else quoted(rule.table)
    sql = f"""
        SELECT DISTINCT CAST({column} AS VARCHAR) AS value FROM {rows}
        WHERE list_contains($values, CAST({column} AS VARCHAR)) ORDER BY value
    """
    return read(sql, {"values": list(rule.values)})["value"].to_list() if rule.values else []
