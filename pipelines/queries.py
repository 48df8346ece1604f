"""SQL lies in `.sql` files beside the domain it belongs to; here it is read and filled in."""

from importlib import resources


def read_sql(domain: str, name: str, **parts: str) -> str:
    """The text of `pipelines/<domain>/<name>.sql`, each `{part}` in it replaced by the SQL given for it."""
    text = resources.files(f"pipelines.{domain}").joinpath(f"{name}.sql").read_text("utf-8")
    for part, sql in parts.items():
        text = text.replace("{" + part + "}", sql)
    return text


def literal(text: str) -> str:
    """A text as a SQL literal: for statements that take no parameters (ATTACH), and for SQL of a task."""
    return "'" + text.replace("'", "''") + "'"


def exact_sum(value: str) -> str:
    """The sum of a numeric SQL expression to nine decimals, the same whichever thread adds which rows.

    Sums of floating point numbers depend on their order, and so would the bytes of a report.
    """
    return f"CAST(sum(TRY_CAST({value} AS DECIMAL(38, 9))) AS DOUBLE)"


def exact_mean(value: str) -> str:
    """The mean of a numeric SQL expression, made of `exact_sum`; null where there are no values."""
    return f"{exact_sum(value)} / nullif(count({value}), 0)"
