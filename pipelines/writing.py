"""How accepted rows get into a table: append, merge, replace or snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from connectors.errors import AssistantError
from pipelines.checks import ROW
from pipelines.contract import DUCKDB_TYPES, Contract
from pipelines.extract import SOURCE_FILE, Staged
from pipelines.records import ensure_table, parquet, quoted_column, quoted_columns
from pipelines.warehouse import columns_of, quoted

LOAD_ID, LOADED_AT, CLOSED_AT = "_load_id", "_loaded_at", "_closed_at"


@dataclass(frozen=True)
class Writing:
    """The rows of one table on their way in, within an open transaction.

    The temporary table `refused` holds the running numbers (`_row`) of rows that must stay out.
    """

    connection: duckdb.DuckDBPyConnection
    staged: Staged
    contract: Contract
    load_id: str
    loaded_at: datetime

    def prepare_table(self) -> None:
        """Creates the table, adds columns it lacks, and follows a type that was edited in the contract.

        Raises AssistantError where values the table holds do not fit the new type.
        """
        wanted = {column.name: DUCKDB_TYPES[column.type] for column in self.contract.columns}
        existing = columns_of(self.connection, self.staged.table)
        changed = [name for name, kind in wanted.items() if existing.get(name, kind) != kind]
        if changed:
            self._convert({name: wanted[name] for name in changed})
        wanted |= {SOURCE_FILE: "VARCHAR", LOAD_ID: "VARCHAR", LOADED_AT: "TIMESTAMP"}
        if self.staged.mode == "snapshot":
            wanted[CLOSED_AT] = "TIMESTAMP"
        ensure_table(self.connection, self.staged.table, wanted)

    def _convert(self, types: dict[str, str]) -> None:
        casts = ", ".join(f"{quoted_column(n)}::{kind} AS {quoted_column(n)}" for n, kind in types.items())
        schema, name = self.staged.table.split(".", 1)
        converted = f"{schema}.{name}_converted"
        try:
            self.connection.execute(
                f"CREATE TABLE {quoted(converted)} AS SELECT * REPLACE ({casts}) FROM {self._table}"
            )
        except duckdb.ConversionException as error:
            raise AssistantError(
                f"{self.staged.table}: values it holds do not fit the new type of {' or '.join(types)}.",
                "Nothing was changed. Undo that edit of the contract, or load under a new table name.",
            ) from error
        self.connection.execute(f"DROP TABLE {self._table}")
        self.connection.execute(f"ALTER TABLE {quoted(converted)} RENAME TO {quoted_column(name)}")

    def write(self) -> int:
        """Brings the accepted rows in by the source's mode; gives back how many rows changed."""
        removed = self._remove_replaced() if self.staged.mode == "replace" else 0
        if not self.staged.clean:
            return removed
        if self.staged.mode in ("merge", "snapshot") and self._has_rows():
            closed = self._close_missing() if self.staged.mode == "snapshot" else 0
            return self._upsert() + closed
        return self._insert(self._accepted) + removed

    @property
    def _table(self) -> str:
        return quoted(self.staged.table)

    @property
    def _names(self) -> str:
        return f"{quoted_columns(self.contract.names)}, {SOURCE_FILE}"

    @property
    def _accepted(self) -> str:
        outside = f"{ROW} NOT IN (SELECT {ROW} FROM refused)"
        any_refused = self._count("SELECT count(*) FROM refused")
        return f"SELECT {self._names} FROM {parquet(self.staged.clean)}" + (
            f" WHERE {outside}" if any_refused else ""
        )

    def _upsert(self) -> int:
        keys = quoted_columns(self.contract.key)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE changed AS {self._new_or_different()}")
        self.connection.execute(f"DELETE FROM {self._table} WHERE ({keys}) IN (SELECT ({keys}) FROM changed)")
        written = self._insert("FROM changed")
        self.connection.execute("DROP TABLE changed")
        return written

    def _new_or_different(self) -> str:
        """Rows whose key is new or whose content differs: the others stay untouched."""
        same_key = " AND ".join(f"new.{c} = old.{c}" for c in map(quoted_column, self.contract.key))
        rest = [column for column in self.contract.columns if column.name not in self.contract.key]
        differs = [
            f"new.{name}::{DUCKDB_TYPES[column.type]} IS DISTINCT FROM old.{name}"
            for column in rest
            for name in [quoted_column(column.name)]
        ]
        if self.staged.mode == "snapshot":
            differs.append(f"old.{CLOSED_AT} IS NOT NULL")
        changed = f"({' OR '.join(differs) or 'false'})"
        if self.staged.cursor:  # a record older than what is known must not undo it
            cursor = quoted_column(self.staged.cursor)
            changed += f" AND coalesce(new.{cursor} >= old.{cursor}, true)"
        return (
            f"SELECT new.* FROM ({self._accepted}) new LEFT JOIN {self._table} old ON {same_key} "
            f"WHERE old.{quoted_column(self.contract.key[0])} IS NULL OR ({changed})"
        )

    def _close_missing(self) -> int:
        """Rows that are gone at the source are closed, not deleted; one that was only refused is not gone."""
        keys = quoted_columns(self.contract.key)
        given = f"SELECT ({keys}) FROM {parquet(self.staged.clean)}"
        gone = f"{CLOSED_AT} IS NULL AND ({keys}) NOT IN ({given})"
        count = self._count(f"SELECT count(*) FROM {self._table} WHERE {gone}")
        if count:
            self.connection.execute(
                f"UPDATE {self._table} SET {CLOSED_AT} = ? WHERE {gone}", [self.loaded_at]
            )
        return count

    def _remove_replaced(self) -> int:
        """Rows that came from the files of this load make room for their new state."""
        where = f"{SOURCE_FILE} IN (SELECT unnest(?::VARCHAR[]))"
        files = [list(self.staged.files)]
        count = self._count(f"SELECT count(*) FROM {self._table} WHERE {where}", files)
        if count:
            self.connection.execute(f"DELETE FROM {self._table} WHERE {where}", files)
        return count

    def _insert(self, rows: str) -> int:
        return self._count(
            f"INSERT INTO {self._table} ({self._names}, {LOAD_ID}, {LOADED_AT}) "
            f"SELECT {self._names}, ?::VARCHAR, ?::TIMESTAMP FROM ({rows})",
            [self.load_id, self.loaded_at],
        )

    def _has_rows(self) -> bool:
        return bool(self._count(f"SELECT count(*) FROM (SELECT 1 FROM {self._table} LIMIT 1)"))

    def _count(self, sql: str, parameters: Sequence[object] | None = None) -> int:
        row = self.connection.execute(sql, parameters).fetchone()
        return int(row[0]) if row else 0
