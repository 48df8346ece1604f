"""Parquet files of one load: written once, read once and deleted, so neither compressed nor encoded."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


class Sheaf:
    """A Parquet file that grows batch by batch; a batch is written while the next one is being read.

    Use as a context manager. `path` exists once a batch was put in; all batches have the same columns.
    """

    def __init__(self, path: Path, repeated: tuple[str, ...] = ()) -> None:
        self.path = path
        self._repeated = repeated
        self._writer: pq.ParquetWriter | None = None
        self._thread = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None

    def put(self, rows: pl.DataFrame) -> None:
        """Takes one batch; waits for the one before to be on disk, so memory holds at most two."""
        self._settle()
        self._pending = self._thread.submit(self._write, rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._settle()
        finally:
            self._thread.shutdown()
            if self._writer:
                self._writer.close()

    def _settle(self) -> None:
        if self._pending:
            self._pending.result()
            self._pending = None

    def _write(self, rows: pl.DataFrame) -> None:
        table: pa.Table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(
                self.path,
                table.schema,
                compression="none",
                use_dictionary=list(self._repeated),
                write_statistics=False,
            )
        self._writer.write_table(table)
