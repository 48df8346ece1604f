"""SQL lies in `.sql` files beside the domain it belongs to; here it is read."""

from importlib import resources


def read_sql(domain: str, name: str, **parts: str) -> str:
    """The text of `pipelines/<domain>/<name>.sql`, each `{part}` in it replaced by the SQL given for it."""
    text = resources.files(f"pipelines.{domain}").joinpath(f"{name}.sql").read_text("utf-8")
    for part, sql in parts.items():
        text = text.replace("{" + part + "}", sql)
    return text


def text_literal(text: str) -> str:
    """A text as an SQL literal, for SQL that is written down once and travels without parameters."""
    return "'" + text.replace("'", "''") + "'"
