"""Files: CSV, Parquet, JSON and Excel; one, a folder or a glob; local, s3:// or https://."""

from typing import Any

from connectors.connector import Connector
from connectors.files.options import FilesOptions


def _source(options: FilesOptions) -> Any:
    from connectors.files.source import files_source  # DuckDB and dlt only when something is read

    return files_source(options)


CONNECTOR = Connector("files", "CSV, Parquet, JSON, Excel: a file, a folder, a glob", FilesOptions, _source)
