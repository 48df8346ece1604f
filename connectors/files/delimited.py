"""Delimited text (CSV, TSV, ...) through DuckDB's reader: every column as text, broken lines kept apart."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.connector import Origin, Rejected, with_origin
from connectors.errors import AssistantError, UsageError
from connectors.files.detect import Dialect, detect, unique_names
from connectors.files.encoding import scan, transcode
from connectors.files.workbench import BATCH_ROWS, FileToRead, as_pattern, workbench
from connectors.source import Pieces
from connectors.storage import open_bytes

_SAMPLE = 1 << 18  # characters of the beginning from which the dialect is found
_REJECTED_AT_ONCE = 10_000
_AS_IT_IS = {"utf-8", "utf-8-sig", "ascii"}  # encodings the reader takes without a copy
_MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "gzip-compressed (its name should end in .gz)",
    b"\x28\xb5\x2f\xfd": "zstd-compressed (its name should end in .zst)",
    b"\x89PNG": "a PNG image",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"SQLite format 3": "an SQLite database",
}
_REASONS = {
    "UNQUOTED VALUE": "a quote is not closed, or text follows it",
    "INVALID ENCODING": "bytes that are no text in the file's encoding",
    "LINE SIZE OVER MAXIMUM": "the line is longer than two million characters",
}


def read_delimited(file: FileToRead) -> Pieces:
    """Streams the records of one file, then the lines that are no records.

    A plain or compressed UTF-8 file goes straight to the reader; any other encoding is first copied to
    UTF-8 in the scratch folder. Batches of 200,000 rows, in file order; record numbers count the readable
    records, rejected pieces carry the line of the file. Empty fields are NULL.
    """
    text = _as_utf8(file)
    dialect = _dialect(text, file)
    first = 1
    with workbench(file.scratch, views=True) as connection:
        for batch in connection.execute(*_query(text, dialect)).to_arrow_reader(BATCH_ROWS):
            yield with_origin(pa.Table.from_batches([batch]), Origin(file.label, first, dialect.decimal))
            first += batch.num_rows
        if first == 1:
            nothing = pa.schema([(name, pa.string()) for name in dialect.names]).empty_table()
            yield with_origin(nothing, Origin(file.label, 1, dialect.decimal))
        yield from _rejected(connection, file, len(dialect.names))


def _as_utf8(file: FileToRead) -> Path:
    """The file itself where DuckDB can read it as it is, else a copy in UTF-8 with one kind of line end."""
    with open_bytes(file.path) as stream:
        start = stream.read(16)
    if not start.strip():
        raise _empty(file)
    with open_bytes(file.path) as stream:
        seen = scan(stream)
    kind = next((what for magic, what in _MAGIC.items() if start.startswith(magic)), "")
    if kind or seen.binary:
        raise AssistantError(
            f"«{file.label}» is not text but {kind or 'a binary file'}.",
            "Give it the right name, or leave it out.",
        )
    encoding = file.options.encoding or seen.encoding
    mixed = seen.mixed_line_ends and not (encoding in _AS_IT_IS and _is_strictly_readable(file))
    if encoding in _AS_IT_IS and not mixed:
        return file.path
    copy = file.scratch / "utf8.txt"
    with open_bytes(file.path) as stream:
        transcode(stream, encoding, copy, one_line_end=mixed)
    return copy


def _is_strictly_readable(file: FileToRead) -> bool:
    """Line ends of two kinds are fine inside quotes; DuckDB gives up when they end records. Counting the
    rows tells which it is, at a fraction of the cost of loading them.
    """
    query, values = _query(file.path, _dialect(file.path, file))
    try:
        with workbench(file.scratch) as connection:
            connection.execute(f"SELECT count(*) FROM ({query})", values)
    except duckdb.Error:
        return False
    return True


def _dialect(text: Path, file: FileToRead) -> Dialect:
    """The dialect found in the beginning of the text, with what the options say put in its place."""
    options = file.options
    with io.TextIOWrapper(open_bytes(text), "utf-8-sig", "replace", newline="") as stream:
        sample = stream.read(_SAMPLE)
        complete = not stream.read(1)
    if not sample.strip():
        raise _empty(file)
    delimiter = options.delimiter or ("\t" if ".tsv" in Path(file.label).suffixes[-2:] else None)
    header = False if options.columns and options.header is None else options.header
    dialect = detect(sample, complete=complete, delimiter=delimiter, header=header)
    if options.decimal:
        dialect = replace(dialect, decimal=options.decimal)
    if not options.columns:
        return dialect
    if len(options.columns) != len(dialect.names):
        raise UsageError(
            f"«{file.label}» has {len(dialect.names)} columns, but `columns` names {len(options.columns)}.",
            "Name every column, in the order of the file.",
        )
    return replace(dialect, names=unique_names(options.columns))


def _query(text: Path, dialect: Dialect) -> tuple[str, list[object]]:
    query = """
        SELECT * FROM read_csv(?, auto_detect = false, columns = ?, delim = ?, quote = ?, escape = ?,
                               header = ?, skip = ?, store_rejects = true, strict_mode = true)"""
    columns = dict.fromkeys(dialect.names, "VARCHAR")
    marks = (dialect.delimiter, dialect.quote, dialect.escape)
    return query, [as_pattern(text), columns, *marks, dialect.header, dialect.skip]


def _rejected(
    connection: duckdb.DuckDBPyConnection, file: FileToRead, width: int
) -> Iterator[list[Rejected]]:
    """The lines the reader stored as broken, one piece a line (it stores one error a field)."""
    table = file.options.table
    found = connection.execute(
        """
        SELECT line, any_value(error_type)::VARCHAR, count(*), coalesce(any_value(csv_line), ''),
               any_value(error_message)
        FROM reject_errors GROUP BY line, line_byte_position ORDER BY line, line_byte_position"""
    )
    while rows := found.fetchmany(_REJECTED_AT_ONCE):
        yield [
            Rejected(file.label, line, _reason(kind, fields, message, width), text.strip("\r\n"), table)
            for line, kind, fields, text, message in rows
        ]


def _reason(kind: str, fields: int, message: str, width: int) -> str:
    """What is wrong with a line; `fields` are the errors stored for it, one a field too many or too few."""
    if kind == "TOO MANY COLUMNS":
        return f"too many fields: {width + fields} instead of {width}"
    if kind == "MISSING COLUMNS":
        return f"too few fields: {width - fields} instead of {width}"
    return _REASONS.get(kind, message.split("\n", 1)[0])


def _empty(file: FileToRead) -> AssistantError:
    return AssistantError(f"«{file.label}» is empty.", "Remove it, or wait until it has been written.")
