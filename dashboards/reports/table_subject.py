"""A table as a report tells of it: its rows at present, what its columns are called and who may see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import polars as pl

from dashboards.numbers import Format
from dashboards.queries import profile
from dashboards.queries.reading import Read
from dashboards.wording import in_language
from pipelines.access import for_person, visible_to
from pipelines.contract import Contract, Personal
from pipelines.settings import Settings

_ADDED = ("_load_id", "_source", "_loaded_at", "_closed_at")  # by the warehouse
_PLACES = ("latitude", "longitude")  # say nothing as a distribution
_HIDDEN = "•••"


@dataclass(frozen=True)
class Subject:
    """The table that is told of: its rows at present, its columns with their types, its contract."""

    table: str
    rows: str
    columns: Mapping[str, str]
    contract: Contract | None
    tells_loads: bool  # of each row when it was written

    @property
    def dated_by(self) -> str:
        """The column that says when a row is from; "" where none does."""
        if self.contract and self.contract.known_at in self.columns:
            return self.contract.known_at
        return next((name for name, kind in self.columns.items() if profile.is_moment(kind)), "")

    @property
    def key(self) -> tuple[str, ...]:
        key = self.contract.key if self.contract else ()
        return tuple(name for name in key if name in self.columns)

    def label(self, column: str, language: str) -> str:
        """What a column is called."""
        if self.contract and column in self.contract.names:
            return in_language(self.contract.column(column).label, language) or column
        return column

    def unit(self, column: str) -> str:
        if self.contract and column in self.contract.names:
            return self.contract.column(column).unit
        return ""

    def hides(self, column: str, role: str) -> bool:
        """Whether the values of a column are kept from a role."""
        seen = visible_to(role)
        if self.contract and column in self.contract.names:
            kind = self.contract.column(column).personal
            return bool(kind) and kind not in seen
        return not seen.issuperset(each for each in get_args(Personal) if each)

    def names_things(self, column: str) -> bool:
        """Whether a column holds numbers or names of things, which no chart can sum up."""
        if column in (*self.key, *_PLACES):
            return True
        if self.contract and column in self.contract.names:
            declared = self.contract.column(column)
            return bool(declared.references or declared.personal)
        return column.endswith("_id")

    def format(self, column: str) -> Format:
        """How the values of a column are written."""
        kind = self.columns[column]
        if profile.is_moment(kind):
            return "date" if kind == "DATE" else "moment"
        if self.names_things(column) and column not in _PLACES:
            return "text"
        if kind in profile.INTEGERS:
            return "integer"
        return "number" if profile.is_number(kind) else "text"

    def masked(self, settings: Settings, rows: pl.DataFrame, role: str) -> pl.DataFrame:
        """Rows as a role may see them: as the contract says, and nothing of what nobody declared."""
        declared = self.contract.names if self.contract else ()
        hidden = [
            pl.when(pl.col(name).is_not_null()).then(pl.lit(_HIDDEN)).alias(name)
            for name in self.columns
            if name not in declared and self.hides(name, role)
        ]
        seen = for_person(settings, rows, self.contract, role) if self.contract else rows
        return seen.with_columns(hidden)


def subject_of(read: Read, table: str, contract: Contract | None) -> Subject:
    """The table as the snapshot has it."""
    known = profile.columns(read, table)
    shown = {each: kind for each, kind in known.items() if each not in _ADDED}
    return Subject(table, profile.current(table, known), shown, contract, "_loaded_at" in known)
