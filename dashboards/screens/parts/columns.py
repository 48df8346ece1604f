"""Columns as people see them: labelled by their contract, masked for the role, in the reader's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from dashboards import numbers
from dashboards.domain_words import code_in_words
from dashboards.screens.here import Here
from dashboards.units import unit_in_words
from dashboards.wording import in_language
from pipelines.access import entities_for_person, for_person
from pipelines.contract import Column, Contract


@dataclass(frozen=True)
class Shown:
    """A column of a query, and the contract column (`table`, `source`) that says what it is.

    Without a table it is nobody's personal data (a score, a count); then `label` names it.
    """

    column: str
    table: str = ""
    source: str = ""
    label: Mapping[str, str] = field(default_factory=dict)

    def contract_column(self, known: Mapping[str, Contract]) -> Column:
        """What the contract says of it; a bare column where there is no contract."""
        contract = known.get(self.table)
        name = self.source or self.column
        return contract.column(name) if contract and name in contract.names else Column(self.column)

    def is_category(self, contract: Contract) -> bool:
        """Whether it is worth a filter: a text or a truth value that says nothing of one person alone."""
        column = contract.column(self.source or self.column)
        return column.type in ("text", "boolean") and not column.personal and column.name not in contract.key


def shown_columns(contract: Contract) -> tuple[Shown, ...]:
    """All columns of a contract."""
    return tuple(Shown(column.name, contract.table) for column in contract.columns)


def labels(here: Here, columns: Sequence[Shown]) -> dict[str, str]:
    """The label of each column, with its unit, in the reader's language."""
    known = here.contracts
    found: dict[str, str] = {}
    for each in columns:
        column = each.contract_column(known)
        words = in_language(each.label or column.label, here.language) or column.name
        found[each.column] = (
            f"{words} ({unit})" if (unit := unit_in_words(column.unit, here.language)) else words
        )
    return found


def masked(here: Here, frame: pl.DataFrame, columns: Iterable[Shown]) -> pl.DataFrame:
    """The columns as this role may see them; `entity_id` names an entity, whatever its contract says."""
    known = here.contracts
    for each in columns:
        if each.column == "entity_id" and each.column in frame.columns:
            source = each.source or each.column
            frame = entities_for_person(here.settings, frame, here.role, known.get(each.table), source)
        elif each.table in known and each.column in frame.columns:
            source = each.source or each.column
            alone = for_person(
                here.settings, frame.select(pl.col(each.column).alias(source)), known[each.table], here.role
            )
            frame = frame.with_columns(alone[source].alias(each.column))
    return frame


def in_words(here: Here, value: Any, codes: Mapping[str, str] | None = None) -> str:
    """One value as a reader of the language writes it; `codes` says what codes mean."""
    _ = here.say
    if value is None or value == "":
        return numbers.ABSENT
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return _moment(here, value)
    if isinstance(value, date):
        return numbers.day(value, here.language)
    if isinstance(value, int | float | Decimal):
        return numbers.number(float(value), here.language)
    return code_in_words(str(value), codes or {})


def _moment(here: Here, value: datetime) -> str:
    """Day and clock in the zone of the page (which the home page names)."""
    return numbers.moment(value, here.language, here.zone).rpartition(" (")[0]
