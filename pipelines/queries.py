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
