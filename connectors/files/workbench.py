"""The private DuckDB that reads one file: in memory, closed afterwards, never the warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors.files.options import FilesOptions

BATCH_ROWS = 200_000


@dataclass(frozen=True)
class FileToRead:
    """One local file in the hands of a reader: where it is, what to call it, what was said about it, and a
    folder for temporary files that is removed afterwards.
    """

    path: Path
    label: str
    options: FilesOptions
    scratch: Path

    @property
    def pattern(self) -> str:
        return as_pattern(self.path)


def as_pattern(path: Path) -> str:
    """The path as DuckDB takes it: letters of a file's own name that would make it a glob are bracketed."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


@contextmanager
def workbench(scratch: Path, *, views: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that spills to `scratch`. Results stream in file order, a bounded buffer ahead of the
    consumer; with `views`, text comes as Arrow string views, which Polars takes over without a copy.
    """
    connection = duckdb.connect(
        config={
            "temp_directory": str(scratch),
            "memory_limit": "1GB",
            "autoinstall_known_extensions": False,
        }
    )
    try:
        connection.execute("SET streaming_buffer_size = '64MB'")
        if views:
            connection.execute("SET produce_arrow_string_view = true; SET arrow_output_version = '1.4'")
        yield connection
    finally:
        connection.close()
