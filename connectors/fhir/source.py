"""The dlt source of the FHIR connector: one pass over the files feeds a resource per flat table."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pyarrow as pa

from connectors.connector import Origin, Rejected, rejected, with_origin
from connectors.fhir.options import FhirOptions
from connectors.fhir.reading import SUFFIXES, broken, read_medications, read_resources
from connectors.fhir.references import Resource
from connectors.fhir.resources import MAPPED, Context, Mapped, Medications, Row, coded
from connectors.source import dlt_source, memory
from connectors.storage import SourceFile, find_files, local_copy, unread

UNMAPPED_TABLE = "unmapped_resources"
UNMAPPED_SCHEMA = pa.schema([("file", pa.string()), ("resource_type", pa.string()), ("count", pa.int64())])
_BATCH_ROWS = 20_000
# What the reader yields: (table, batch or rejected pieces).
_Routed = tuple[str, pa.Table | list[Rejected]]


def fhir_source(options: FhirOptions) -> Any:
    """A dlt source with a resource per flat table and one for the counts of what is not mapped.

    All of them hang on one hidden reader, so each file is read once. Raises AssistantError without files.
    """
    files = find_files(options.path, SUFFIXES)
    tables = [mapped.table for mapped in MAPPED.values()] + [UNMAPPED_TABLE]
    return routed_source("fhir", lambda: _changed(files, options), tables)


def routed_source(name: str, read: Callable[[], Iterator[_Routed]], tables: list[str]) -> Any:
    """A dlt source whose resources `tables` are fed by one reader that says for which each item is."""
    import dlt

    source = dlt_source(name, {})
    reader = dlt.resource(read, name=f"{name}_files", selected=False)
    for table in tables:
        source.resources.add(dlt.transformer(_only(table), data_from=reader, name=table))
    return source


def _only(table: str) -> Callable[[_Routed], Iterator[Any]]:
    def taken(item: _Routed) -> Iterator[Any]:
        if item[0] == table:
            yield rejected(item[1]) if isinstance(item[1], list) else item[1]

    return taken


def _changed(files: list[SourceFile], options: FhirOptions) -> Iterator[_Routed]:
    """A file is remembered only after its last batch was taken."""
    seen = memory().setdefault("files", {})
    new = unread(files, seen, options.whole)
    medications = read_medications(files) if new else {}
    for file in new:
        yield from _Reading(file, medications).pieces()
        seen[file.label] = file.fingerprint


class _Reading:
    """One file on its way into flat tables: rows collect per table and leave in batches."""

    def __init__(self, file: SourceFile, medications: Medications) -> None:
        self._file = file
        self._medications = dict(medications)
        self._rows: dict[str, list[Row]] = {mapped.table: [] for mapped in MAPPED.values()}
        self._sent: Counter[str] = Counter()
        self._rejected: list[Rejected] = []
        self._unmapped: Counter[str] = Counter()

    def pieces(self) -> Iterator[_Routed]:
        """Record numbers count the rows of one table in this file."""
        with local_copy(self._file) as path:
            found = read_resources(path, self._file.label)
            for number, one in enumerate(found, start=1):
                if isinstance(one, Rejected):
                    self._rejected.append(one)
                elif mapped := MAPPED.get(one[0].get("resourceType", "")):
                    self._add(mapped, one[0], Context(one[1], self._medications), number)
                    if len(self._rows[mapped.table]) >= _BATCH_ROWS:
                        yield self._batch(mapped)
                else:
                    self._count(one[0])
                if len(self._rejected) >= _BATCH_ROWS:
                    yield from self._refused()
        for mapped in MAPPED.values():
            if self._rows[mapped.table]:
                yield self._batch(mapped)
        yield from self._refused()
        if self._unmapped:
            yield UNMAPPED_TABLE, self._counts()

    def _add(self, mapped: Mapped, resource: Resource, context: Context, number: int) -> None:
        try:
            self._rows[mapped.table].extend(mapped.rows(resource, context))
        except (AttributeError, TypeError, KeyError, IndexError):
            reason = f"not shaped like a FHIR R4 {resource['resourceType']}"
            text = orjson.dumps(resource).decode()
            self._rejected.append(broken(self._file.label, number, reason, text))

    def _batch(self, mapped: Mapped) -> _Routed:
        rows = self._rows[mapped.table]
        self._rows[mapped.table] = []
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        origin = Origin(self._file.label, self._sent[mapped.table] + 1)
        self._sent[mapped.table] += len(rows)
        return mapped.table, with_origin(pa.table(columns, names=list(mapped.columns)), origin)

    def _refused(self) -> Iterator[_Routed]:
        by_table: dict[str, list[Rejected]] = {}
        for piece in self._rejected:
            by_table.setdefault(piece.table or UNMAPPED_TABLE, []).append(piece)
        self._rejected = []
        yield from by_table.items()

    def _count(self, resource: Resource) -> None:
        kind = str(resource.get("resourceType") or "(not FHIR)")
        self._unmapped[kind] += 1
        if kind == "Medication":
            self._medications[str(resource.get("id"))] = coded(resource.get("code"))

    def _counts(self) -> pa.Table:
        rows = [
            {"file": self._file.label, "resource_type": kind, "count": count}
            for kind, count in sorted(self._unmapped.items())
        ]
        return with_origin(pa.Table.from_pylist(rows, UNMAPPED_SCHEMA), Origin(self._file.label, 1))
