"""SQL lies in `.sql` files beside the domain it belongs to; here it is read and filled in."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from importlib import resources
from typing import Any

# Texts, names in quotes, and parameters outside of both.
_NAMED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)""")


def read_sql(domain: str, name: str, **parts: str) -> str:
    """The text of `pipelines/<domain>/<name>.sql`, each `{part}` in it replaced by the SQL given for it."""
    text = resources.files(f"pipelines.{domain}").joinpath(f"{name}.sql").read_text("utf-8")
    for part, sql in parts.items():
        text = text.replace("{" + part + "}", sql)
    return text


def literal(text: str) -> str:
    """A text as a SQL literal: for statements that take no parameters (ATTACH), and for SQL of a task."""
    return "'" + text.replace("'", "''") + "'"


def with_literals(sql: str, given: Mapping[str, Any]) -> str:
    """A SELECT with its named parameters written out: for a view or a rule, which take none.

    Raises TypeError for a value that is no text, number, truth, moment, or list of texts.
    """
    return _NAMED.sub(lambda found: _written(given[found[1]]) if found[1] else found[0], sql)


def _written(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"CAST([{', '.join(map(_written, value))}] AS VARCHAR[])"
    if isinstance(value, bool | int):
        return str(value).lower()
    for kind, told in _TYPES.items():
        if isinstance(value, kind):
            return f"CAST({literal(str(value))} AS {told})"
    raise TypeError(f"{type(value).__name__} is no value of SQL.")


# A moment is a date too, so it comes first.
_TYPES = {str: "VARCHAR", float: "DOUBLE", datetime: "TIMESTAMP", date: "DATE"}


def exact_sum(value: str) -> str:
    """The sum of a numeric SQL expression to nine decimals, the same whichever thread adds which rows.

    Sums of floating point numbers depend on their order, and so would the bytes of a report.
    """
    return f"CAST(sum(TRY_CAST({value} AS DECIMAL(38, 9))) AS DOUBLE)"


def exact_mean(value: str) -> str:
    """The mean of a numeric SQL expression, made of `exact_sum`; null where there are no values."""
    return f"{exact_sum(value)} / nullif(count({value}), 0)"
