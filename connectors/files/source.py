"""The dlt source of the files connector: new or changed files, batch by batch, into one table."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from connectors.files.options import FilesOptions
from connectors.files.reading import SUFFIXES, read_file
from connectors.incremental import OnlyNewer
from connectors.source import Pieces, dlt_source, for_dlt, memory
from connectors.storage import SourceFile, find_files, local_copy, unread


def files_source(options: FilesOptions) -> Any:
    """A dlt source with one resource, named `options.table`. Raises AssistantError if there is no file."""
    suffixes = tuple(SUFFIXES) if options.format == "auto" else ()
    files = find_files(options.path, suffixes)
    return dlt_source("files", {options.table: lambda: _changed(files, options)})


def _changed(files: list[SourceFile], options: FilesOptions) -> Iterator[Any]:
    """A file is remembered only after its last batch was taken; the greatest incremental value at the end."""
    state = memory()
    seen = state.setdefault("files", {})
    newer = OnlyNewer(options.incremental, state.get("newest", {})) if options.incremental else None
    for file in unread(files, seen, options.whole):
        with local_copy(file) as path:
            yield from for_dlt(_beyond(newer, read_file(path, file.label, options)))
        seen[file.label] = file.fingerprint
    if newer:
        state["newest"] = newer.remembered()


def _beyond(newer: OnlyNewer | None, pieces: Pieces) -> Pieces:
    for piece in pieces:
        yield newer.newer(piece) if newer and isinstance(piece, pa.Table) else piece
