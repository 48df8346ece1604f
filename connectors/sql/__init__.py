"""SQL: a table or view of PostgreSQL, SQLite or any other database that SQLAlchemy speaks to."""

from typing import Any

from connectors.connector import Connector
from connectors.sql.options import SqlOptions


def _source(options: SqlOptions) -> Any:
    from connectors.sql.source import sql_source  # SQLAlchemy and dlt only when something is read

    return sql_source(options)


CONNECTOR = Connector("sql", "a table or view of a SQL database", SqlOptions, _source)
