"""Helpers that every connector leans on: making a dlt source, its memory, the readable cause of an error."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from connectors.connector import Rejected, rejected
from connectors.errors import AssistantError

# What a reader yields: batches of records, and lists of pieces that are no records.
Pieces = Iterator[pa.Table | list[Rejected]]


def dlt_source(name: str, resources: dict[str, Callable[[], Iterator[Any]]]) -> Any:
    """A dlt source called `name` with one resource per table; column and table names are kept as they are.

    dlt would rename «default payment next month» or a Chinese name; its naming convention `direct` does not.
    """
    import dlt
    from dlt.extract.source import DltSource

    names: Any = {"names": "direct", "json": {"module": "dlt.common.normalizers.json.relational"}}
    schema = dlt.Schema(name, normalizers=names)
    made = [dlt.resource(read, name=table) for table, read in resources.items()]
    return DltSource(schema, name, made)


def memory() -> dict[str, Any]:
    """What this resource remembered at its last good load (dlt's resource state); change it in place."""
    import dlt

    state: dict[str, Any] = dlt.current.resource_state()
    return state


def for_dlt(pieces: Pieces) -> Iterator[Any]:
    """Readers' pieces as dlt items: batches as they are, rejected pieces marked for their own table."""
    for piece in pieces:
        if isinstance(piece, list):
            yield rejected(piece)
        else:
            yield piece


def plain(batch: Any) -> Any:
    """The batch with `string_view` columns made plain strings.

    Delimited text travels as string views, which Polars takes over without a copy; dlt itself does not know
    them, so whoever hands batches to dlt unchanged maps them through this: `resource.add_map(plain)`.
    """
    if not isinstance(batch, pa.Table):
        return batch
    fields = [
        field.with_type(pa.string()) if pa.types.is_string_view(field.type) else field
        for field in batch.schema
    ]
    return batch.cast(pa.schema(fields, metadata=batch.schema.metadata))


def readable_cause(error: BaseException) -> AssistantError | None:
    """The AssistantError behind an error that dlt wrapped, or None if there is none."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, AssistantError):
        cause = cause.__cause__ or cause.__context__
    return cause
