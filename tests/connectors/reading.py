"""What the tests of connectors share: reading one file to its end."""

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from connectors.connector import Rejected
from connectors.files.options import FilesOptions
from connectors.files.reading import read_file


def batches_of(path: Path, **options: Any) -> list[pa.Table | list[Rejected]]:
    return list(read_file(path, path.name, FilesOptions(path=str(path), **options)))


def rows_of(path: Path, **options: Any) -> list[dict[str, Any]]:
    """All records of a file, in order, as dictionaries."""
    return [
        row
        for piece in batches_of(path, **options)
        if isinstance(piece, pa.Table)
        for row in piece.to_pylist()
    ]


def rejected_of(path: Path, **options: Any) -> list[Rejected]:
    return [one for piece in batches_of(path, **options) if isinstance(piece, list) for one in piece]


def frame_of(path: Path, **options: Any) -> pl.DataFrame:
    tables = [piece for piece in batches_of(path, **options) if isinstance(piece, pa.Table)]
    return pl.concat([pl.DataFrame(pl.from_arrow(table)) for table in tables])
