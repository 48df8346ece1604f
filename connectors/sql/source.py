"""The dlt source of the SQL connector: one table or view of any database that SQLAlchemy speaks to."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from connectors.connector import Origin, with_origin
from connectors.errors import AssistantError, UsageError, did_you_mean
from connectors.source import dlt_source, memory
from connectors.sql.options import SqlOptions

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

_BATCH_ROWS = 50_000
_ARROW = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    datetime: pa.timestamp("us"),
    date: pa.date32(),
}


def sql_source(options: SqlOptions) -> Any:
    """A dlt source with one resource, named like the table. Raises AssistantError if the database or the
    table cannot be reached; the address, which may hold a password, is never shown.
    """
    with _said_clearly(options):
        engine = _engine(options)
        table = _table(engine, options)
    return dlt_source("sql", {options.table: lambda: _rows(engine, table, options)})


def _engine(options: SqlOptions) -> "Engine":
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError

    address = os.environ.get(options.connection_env, "")
    if not address:
        raise UsageError(
            f"The environment variable {options.connection_env} is not set.",
            "It must hold the database's address, such as postgresql+psycopg://user:password@host/name.",
        )
    try:
        return create_engine(address)
    except (ArgumentError, ImportError) as error:
        raise UsageError(
            f"{options.connection_env} does not hold an address that SQLAlchemy can use.",
            "It looks like postgresql+psycopg://user:password@host/name or sqlite:///file.db.",
        ) from error


def _table(engine: "Engine", options: SqlOptions) -> "Table":
    """The table as the database describes it; wrong names get a suggestion."""
    from sqlalchemy import MetaData, Table, inspect

    inspector = inspect(engine)
    schema = options.database_schema
    known = inspector.get_table_names(schema) + inspector.get_view_names(schema)
    if options.table not in known:
        raise UsageError(f"The database has no table «{options.table}».", did_you_mean(options.table, known))
    table = Table(options.table, MetaData(), schema=schema, autoload_with=engine)
    names = [column.name for column in table.columns]
    for name in (*options.columns, *([options.incremental] if options.incremental else [])):
        if name not in names:
            raise UsageError(f"«{options.table}» has no column «{name}».", did_you_mean(name, names))
    return table


def _rows(engine: "Engine", table: "Table", options: SqlOptions) -> Iterator[pa.Table]:
    """Batches in the order of the incremental column; how far it got is remembered after each is taken."""
    from sqlalchemy import select

    state = memory()
    columns = [table.columns[name] for name in options.columns] or list(table.columns)
    query = select(*columns)
    if options.incremental:
        cursor = table.columns[options.incremental]
        query = query.where(cursor.is_not(None)).order_by(cursor)
        if (last := state.get("last")) is not None:
            query = query.where(cursor > _recalled(last, cursor.type))
    schema = pa.schema([(column.name, _arrow_type(column.type)) for column in columns])
    first = 1
    with _said_clearly(options), engine.connect() as connection:
        found = connection.execution_options(stream_results=True, yield_per=_BATCH_ROWS).execute(query)
        for rows in found.partitions():
            batch = _batch([tuple(row) for row in rows], schema)
            yield with_origin(batch, Origin(options.table, first))
            first += batch.num_rows
            if options.incremental:
                state["last"] = _memorable(rows[-1][columns.index(cursor)])


def _memorable(value: Any) -> Any:
    """A cursor value as JSON can hold it: numbers as they are, times in ISO form, the rest as text."""
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, (int, float)) else str(value)


def _recalled(value: Any, kind: Any) -> Any:
    """The remembered cursor value in the type of its column."""
    made: dict[type, Callable[[Any], Any]] = {
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
        Decimal: Decimal,
    }
    return made.get(_python_type(kind), lambda given: given)(value)


def _python_type(kind: Any) -> type:
    try:
        python_type: type = kind.python_type
    except NotImplementedError:  # a type of this database only
        return str
    return python_type


def _arrow_type(kind: Any) -> pa.DataType:
    """Numbers, times and truth values keep their type; everything else, exact decimals too, is text."""
    return _ARROW.get(_python_type(kind), pa.string())


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = [
        _column(list(values), one.type) for values, one in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.table(columns, names=schema.names)


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    """One column; where the database does not keep its own types (SQLite), it is text for this batch."""
    if not pa.types.is_string(kind):
        try:
            return pa.array(values, kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        return orjson.dumps(value).decode()
    if isinstance(value, bytes):
        return value.hex()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


@contextmanager
def _said_clearly(options: SqlOptions) -> Iterator[None]:
    """What the database refuses, without its address and without values."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise AssistantError(
            f"«{options.table}» cannot be read from the database of {options.connection_env} ({kind}).",
            "Check that the database answers and that its user may read the table.",
        ) from error
