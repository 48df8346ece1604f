"""What a trusted table promises: its columns, types, keys, ranges, references and units.

A contract is data. The shipped domains declare theirs in `pipelines/<domain>/contracts.py`; for any other
table one is inferred from the first records (`pipelines.inference`), written as TOML beside `assistant.toml`
and edited there. `pipelines.checks` holds a batch against it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Literal

from connectors.errors import UsageError, did_you_mean

Type = Literal["text", "integer", "number", "decimal", "boolean", "date", "timestamp"]
Mode = Literal["append", "merge", "replace", "snapshot"]
# How a personal column is masked for a role that may not see it (`pipelines.access`).
Personal = Literal["", "identifier", "name", "contact", "address", "birth_date", "free_text"]

DUCKDB_TYPES: dict[Type, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "decimal": "DECIMAL(18,4)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


@dataclass(frozen=True)
class Column:
    """One promised column.

    `aliases` are names the same column has in source files. `references` is `domain.table.column`.
    `unit` is the unit of the stored value; `unit_column` names the source column that says in which unit
    a row was measured, `code_column` the column that names what was measured (units convert per code).
    `layout` is the strptime layout of its dates where it must not be guessed.
    Timestamps are stored in UTC without a zone; dates are calendar days.
    """

    name: str
    type: Type = "text"
    required: bool = False
    minimum: float | str | None = None
    maximum: float | str | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    layout: str = ""
    references: str = ""
    on_missing_reference: Literal["quarantine", "warn"] = "quarantine"
    unit: str = ""
    unit_column: str = ""
    code_column: str = ""
    personal: Personal = ""
    aliases: tuple[str, ...] = ()
    label: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Trait:
    """What the rows of a table are like without a column that says so: the ward of a patient.

    `sql` is a SELECT over the lake that yields `key`, a value of the table's column `key`, and `value`; a key
    may have several values, or none.
    """

    key: str
    sql: str
    label: dict[str, str]


@dataclass(frozen=True)
class Contract:
    """The promise of one table, `domain.table`.

    `key` columns identify a row; `known_at` names the column that says when a record could be known
    (recorded or loaded time where the source has one, else event time): features read nothing later.
    `reference_data` belongs to nobody (exchange rates): a cut through the lake shows all of it.
    """

    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    known_at: str = ""
    description: str = ""
    reference_data: bool = False

    def __post_init__(self) -> None:
        names = self.names
        for name in (*self.key, *([self.known_at] if self.known_at else [])):
            if name not in names:
                raise UsageError(
                    f"Contract of {self.table}: column «{name}» is not declared.", did_you_mean(name, names)
                )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def domain(self) -> str:
        return self.table.split(".", 1)[0]

    def column(self, name: str) -> Column:
        """The column called `name`; raises UsageError with a suggestion if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise UsageError(f"Table {self.table} has no column «{name}».", did_you_mean(name, self.names))

    @property
    def version(self) -> str:
        """Short fingerprint of everything promised: quarantined rows carry it."""
        promised = asdict(self)
        del promised["reference_data"]
        text = json.dumps(promised, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:10]
