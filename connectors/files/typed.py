"""Parquet and JSON: values travel with their types, nested values as JSON text."""

import json
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from connectors.connector import Origin, Rejected, with_origin
from connectors.errors import AssistantError
from connectors.files.detect import unique_names
from connectors.files.workbench import BATCH_ROWS, FileToRead, workbench
from connectors.source import Pieces
from connectors.storage import bare_suffix, drain, open_bytes

_LONGEST = 8 << 20  # bytes of one JSON record
_NESTED = ("STRUCT", "MAP", "UNION", "JSON", "VARIANT")
_AS_TEXT = ("ENUM", "UUID", "INTERVAL", "HUGEINT", "UHUGEINT")
_SCALARS = {"UBIGINT", "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR"}
_IS_RECORD = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END"
_WRONG = {True: "JSON, but not an object", False: "not valid JSON"}


def read_parquet(file: FileToRead) -> Pieces:
    """Streams the rows of one Parquet file."""
    with workbench(file.scratch) as connection:
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [file.pattern]).fetchall()
        shown = ", ".join(_travelling(name, kind) for name, kind, *_ in described)
        names = list(unique_names([name for name, *_ in described]))
        reader = connection.execute(f"SELECT {shown} FROM read_parquet(?)", [file.pattern]).to_arrow_reader(
            BATCH_ROWS
        )
        first = 1
        for batch in reader:
            records = pa.Table.from_batches([batch]).rename_columns(names)
            yield with_origin(records, Origin(file.label, first))
            first += batch.num_rows
        if first == 1:
            yield with_origin(reader.schema.empty_table().rename_columns(names), Origin(file.label, 1))


def read_json(file: FileToRead) -> Pieces:
    """Streams the records of a JSON array, of JSON Lines or of objects one after another.

    Types are agreed over the whole file in a first pass (a column with mixed types is text). In JSON Lines
    a line that is no JSON object is rejected with its number; elsewhere broken JSON is an error.
    """
    with open_bytes(file.path) as stream:
        first_line = stream.readline(_LONGEST).removeprefix(b"\xef\xbb\xbf").strip()
        if not first_line and not stream.read(1 << 16).strip():
            raise AssistantError(f"«{file.label}» is empty.", "Remove it, or wait until it has been written.")
    drain(file.path)
    if _is_by_line(file, first_line):
        # One text column that nothing splits or quotes: the reader then yields whole lines, in parallel.
        source = f"""
            SELECT row_number() OVER () AS number, line
            FROM read_csv($path, auto_detect = false, columns = {{'line': 'VARCHAR'}}, header = false,
                          delim = '\x01', quote = '', escape = '', max_line_size = {_LONGEST},
                          store_rejects = true)"""
    else:
        source = f"""
            SELECT row_number() OVER () AS number, json::VARCHAR AS line
            FROM read_json_objects($path, format = 'auto', maximum_object_size = {_LONGEST})"""
    with workbench(file.scratch) as connection:
        yield from _records(connection, source, file)
        yield from _not_records(connection, source, file)


def _is_by_line(file: FileToRead, first_line: bytes) -> bool:
    if file.options.format == "jsonl" or bare_suffix(file.label) in {".jsonl", ".ndjson"}:
        return True
    return first_line.startswith(b"{") and _is_json(first_line)


def _is_json(line: bytes) -> bool:
    import orjson

    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _records(connection: duckdb.DuckDBPyConnection, source: str, file: FileToRead) -> Iterator[pa.Table]:
    given = {"path": file.pattern}
    good = f"FROM ({source}) WHERE {_IS_RECORD}"
    found = connection.execute(f"SELECT json_group_structure(line::JSON) {good}", given).fetchone()
    structure = json.loads(found[0]) if found and found[0] else {}
    kinds = {name: kind if kind in _SCALARS else "VARCHAR" for name, kind in _flat(structure).items()}
    if not kinds:
        return
    names = list(unique_names(list(kinds)))
    query = f"SELECT number, unnest(json_transform(line::JSON, $kinds)) {good}"
    given["kinds"] = json.dumps(kinds)
    for batch in connection.execute(query, given).to_arrow_reader(BATCH_ROWS):
        table = pa.Table.from_batches([batch])
        numbers = table.column(0).combine_chunks()
        records = table.remove_column(0).rename_columns(names)
        yield with_origin(records, Origin(file.label, numbers[0].as_py()), numbers)


def _not_records(
    connection: duckdb.DuckDBPyConnection, source: str, file: FileToRead
) -> Iterator[list[Rejected]]:
    query = f"""
        SELECT number, line, json_valid(line) FROM ({source})
        WHERE line IS NOT NULL AND NOT {_IS_RECORD}"""
    bad = connection.execute(query, {"path": file.pattern})
    while rows := bad.fetchmany(10_000):
        yield [
            Rejected(file.label, number, _WRONG[valid], line, file.options.table)
            for number, line, valid in rows
        ]


def _flat(structure: dict[str, object]) -> dict[str, str]:
    """Top-level keys with their type; a nested value's structure is no type: it becomes text."""
    return {name: kind if isinstance(kind, str) else "VARCHAR" for name, kind in structure.items()}


def _travelling(name: str, kind: str) -> str:
    """The column as it is handed on: nested values as JSON text, rare types as text, the rest as it is."""
    quoted = '"' + name.replace('"', '""') + '"'
    if kind.endswith("]") or kind.startswith(_NESTED):
        return f"to_json({quoted})::VARCHAR AS {quoted}"
    if kind == "BLOB":  # text that its writer did not mark as such, or bytes, shown as Base64
        return f"coalesce(TRY(decode({quoted})), to_base64({quoted})) AS {quoted}"
    if kind.startswith(_AS_TEXT):
        return f"{quoted}::VARCHAR AS {quoted}"
    return quoted
