"""Predictions on their way to the warehouse or into a file: set aside on disk, so that memory stays bounded.

A batch is forgotten once it is staged. The reasons of the highest scores, known only after the last batch,
are added to their rows before anything is published.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl

from connectors.errors import AssistantError
from pipelines.queries import literal
from pipelines.records import quoted_column, quoted_columns
from pipelines.settings import Settings, writable_home
from pipelines.warehouse import load_extension

MEMORY = "256MB"  # beyond it DuckDB moves staged rows to disk
READ_AT_ONCE = 50_000
_FORMATS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "json"}
FORMATS = tuple(_FORMATS)


class Stage:
    """Rows of predictions in the order in which they are added; `columns` are names and DuckDB types."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
        self._connection = connection
        self._names = quoted_columns(columns)
        self.rows = 0
        body = ", ".join(f"{quoted_column(name)} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE staged ({body})")

    def add(self, frame: pl.DataFrame) -> None:
        """Adds rows; columns that the stage does not have are left out."""
        self._connection.register("given", frame.to_arrow())
        self._connection.execute(f"INSERT INTO staged SELECT {self._names} FROM given")
        self._connection.unregister("given")
        self.rows += frame.height

    def explain(self, places: pl.Series, reasons: pl.Series) -> None:
        """Sets the reasons of the rows at these places."""
        self._connection.register("told", pl.DataFrame({"place": places, "reasons": reasons}).to_arrow())
        self._connection.execute(
            "UPDATE staged SET reasons = told.reasons FROM told WHERE staged.rowid = told.place"
        )
        self._connection.unregister("told")

    def reader(self) -> Any:
        """The rows as a fresh Arrow reader, which DuckDB and Polars take."""
        return self._connection.cursor().execute("FROM staged").to_arrow_reader(READ_AT_ONCE)

    def frame(self) -> pl.DataFrame:
        """The rows in memory."""
        return self._connection.execute("FROM staged").pl()

    def write(self, path: Path) -> None:
        """Writes the rows to a file, whole or not at all, in the format its name says (FORMATS).

        Raises AssistantError where it cannot be written.
        """
        unfinished = path.with_name(path.name + ".part")
        try:
            how = f"FORMAT {_FORMATS[path.suffix]}"
            self._connection.execute(f"COPY staged TO {literal(str(unfinished))} ({how})")
            unfinished.replace(path)
        except (OSError, duckdb.IOException) as error:
            unfinished.unlink(missing_ok=True)
            raise AssistantError(
                f"{path} could not be written: {error}.", "Nothing was kept of it."
            ) from None


@contextmanager
def staging(settings: Settings, columns: Mapping[str, str]) -> Iterator[Stage]:
    """A stage that takes at most MEMORY. What it puts on disk is gone afterwards, and unreadable meanwhile
    where the lake is encrypted."""
    writable_home(settings.home)
    aside = settings.home / "tmp"
    aside.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=aside, prefix="staged-") as folder:
        connection = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "threads": settings.threads,
                "temp_directory": folder,
                "temp_file_encryption": settings.encrypted,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        try:
            if settings.encrypted:
                load_extension(connection, "httpfs")  # DuckDB encrypts with its cryptography
            yield Stage(connection, columns)
        finally:
            connection.close()
