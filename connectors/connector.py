"""What every connector is: a name, its options, and a function that makes a dlt source of them.

How records travel. A resource yields `pyarrow.Table` batches; `with_origin` marks each batch with the
file it came from and the number of its first record, so that a record refused later can be found again.
Text formats travel as text: what a column means is decided by the table's contract, not here.
What cannot even be read as a record (a line with too many fields, half a JSON object) is yielded through
`rejected`, so that it is counted and shown instead of lost.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import BaseModel

REJECTED_TABLE = "rejected_records"
REJECTED_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("position", pa.int64()),
        ("reason", pa.string()),
        ("record", pa.string()),
        ("table", pa.string()),
    ]
)
_FILE, _FIRST, _DECIMAL, _NUMBERS = b"sda.file", b"sda.first_record", b"sda.decimal", b"sda.numbers"


@dataclass(frozen=True)
class Connector:
    """One kind of source.

    `options` is the pydantic model that `sda source add` fills in and `assistant.toml` holds;
    `source` turns valid options into a dlt source whose resources are named like the tables they make.
    """

    name: str
    summary: str
    options: type[BaseModel]
    source: Callable[[Any], Any]


@dataclass(frozen=True)
class Origin:
    """Where a batch came from: the file (or address) and the 1-based number of its first record.

    `decimal` is the decimal mark found in a text file ("." or ","); numbers in the batch are still text.
    """

    file: str
    first_record: int
    decimal: str = "."


def with_origin(batch: pa.Table, origin: Origin, numbers: Sequence[int] | pa.Array | None = None) -> pa.Table:
    """The same batch, carrying its origin in the schema metadata (no column, no cost).

    `numbers`, one per row, are the record numbers where they do not simply count up from `first_record`.
    """
    metadata = {
        _FILE: origin.file.encode(),
        _FIRST: str(origin.first_record).encode(),
        _DECIMAL: origin.decimal.encode(),
    }
    if numbers is not None:
        plain = pa.concat_arrays([pa.array(numbers, pa.int64())])  # drops a slice's offset
        # As text: Polars takes no schema metadata that is not UTF-8.
        metadata[_NUMBERS] = b64encode(plain.buffers()[1].to_pybytes()[: 8 * len(plain)])
    return batch.replace_schema_metadata(metadata)


def origin_of(batch: pa.Table) -> Origin:
    """The origin written by `with_origin`; an unmarked batch counts from 1 in an unnamed place."""
    metadata = batch.schema.metadata or {}
    return Origin(
        metadata.get(_FILE, b"").decode(),
        int(metadata.get(_FIRST, b"1")),
        metadata.get(_DECIMAL, b".").decode(),
    )


def record_numbers(batch: pa.Table) -> pa.Array:
    """The record number of every row, int64: as marked, else counting up from the origin's first record."""
    marked = (batch.schema.metadata or {}).get(_NUMBERS)
    if marked is not None:
        return pa.Array.from_buffers(pa.int64(), batch.num_rows, [None, pa.py_buffer(b64decode(marked))])
    first = origin_of(batch).first_record
    return pa.array(np.arange(first, first + batch.num_rows, dtype=np.int64))


@dataclass(frozen=True)
class Rejected:
    """A piece of input that is not a record: where it stands, why, and its text."""

    file: str
    position: int
    reason: str
    record: str
    table: str


def rejected(pieces: Iterable[Rejected]) -> Any:
    """Wraps rejected pieces so that dlt stores them beside the table they were meant for."""
    import dlt

    rows = [vars(piece) for piece in pieces]
    return dlt.mark.with_table_name(pa.Table.from_pylist(rows, schema=REJECTED_SCHEMA), REJECTED_TABLE)
