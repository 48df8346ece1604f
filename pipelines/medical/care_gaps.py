"""What recorded conditions call for: the catalogue of `care_gaps.toml`, and who is behind, as SQL.

A rule for many says nothing of one patient's needs: whoever is overdue is to be looked at, not treated.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from connectors.errors import UsageError, did_you_mean
from pipelines.medical.contracts import LOINC, SNOMED
from pipelines.medical.value_sets import value_set, value_sets_sql
from pipelines.queries import literal, read_sql
from pipelines.warehouse import quoted

_SYSTEMS = {"loinc": LOINC, "snomed": SNOMED}
# Where an examination may be recorded: its time, when it was known, and the states in which it took place.
_RECORDS = {
    "medical.observations": (
        "effective_at",
        "greatest(effective_at, coalesce(issued_at, effective_at))",
        "NOT IN ('registered', 'entered-in-error', 'cancelled')",
    ),
    "medical.procedures": (
        "started_at",
        "started_at",
        "NOT IN ('preparation', 'not-done', 'on-hold', 'entered-in-error')",
    ),
    "medical.diagnostic_reports": (
        "coalesce(effective_at, issued_at)",
        "greatest(coalesce(effective_at, issued_at), coalesce(issued_at, effective_at))",
        "NOT IN ('registered', 'entered-in-error', 'cancelled')",
    ),
}
RECORDS = tuple(_RECORDS)


@dataclass(frozen=True)
class Examination:
    """Something done to a patient: its words and its codes as (code system, code)."""

    label: Mapping[str, str]
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Gap:
    """Whoever has `condition` (a value set) is due `examination` every so many `months`; `source` says so."""

    name: str
    condition: str
    examination: str
    months: int
    source: str


@dataclass(frozen=True)
class Catalogue:
    """The rules and the examinations that they ask for, by name."""

    gaps: Mapping[str, Gap]
    examinations: Mapping[str, Examination]


@cache
def catalogue(file: Path | None = None) -> Catalogue:
    """The catalogue that ships, or that of a file of the same form.

    Raises UsageError for a condition or an examination that is not there, and for months that are none.
    """
    shipped = resources.files("pipelines.medical").joinpath("care_gaps.toml")
    given = tomllib.loads((file or shipped).read_text("utf-8"))
    examinations = {name: _examination(each) for name, each in given.get("examinations", {}).items()}
    gaps = {name: _gap(name, each, examinations) for name, each in given.get("gaps", {}).items()}
    return Catalogue(gaps, examinations)


def care_gaps_sql(rules: Catalogue, tables: Collection[str] = RECORDS) -> str:
    """SELECT, with `$as_of`: a row for each patient in care and each rule that is about them.

    `patient_id, gap, since` (the condition is known), `last_at` (null: never done), `due_on, overdue`.
    `tables` are those of `RECORDS` that the lake has.
    """
    return read_sql(
        "medical",
        "care_gaps",
        value_sets=value_sets_sql(),
        rules=_values(
            [(each.name, each.condition, each.examination, each.months) for each in rules.gaps.values()]
        ),
        codes=_values([(name, *code) for name, each in rules.examinations.items() for code in each.codes]),
        records=" UNION ALL ".join(_records(table) for table in RECORDS if table in tables)
        or "SELECT NULL AS patient_id, NULL AS code_system, NULL AS code, NULL::TIMESTAMP AS done_at, "
        "NULL::TIMESTAMP AS known_at WHERE false",
    )


def _records(table: str) -> str:
    done_at, known_at, took_place = _RECORDS[table]
    return (
        f"SELECT patient_id, code_system, code, {done_at} AS done_at, {known_at} AS known_at "
        f"FROM {quoted(table)} WHERE coalesce(status, 'unknown') {took_place}"
    )


def _values(rows: list[tuple[Any, ...]]) -> str:
    lines = ",\n    ".join(
        "(" + ", ".join(literal(each) if isinstance(each, str) else str(each) for each in row) + ")"
        for row in rows
    )
    return f"VALUES\n    {lines}"


def _examination(entry: Mapping[str, Any]) -> Examination:
    codes = [(system, str(code)) for key, system in _SYSTEMS.items() for code in entry.get(key, ())]
    return Examination(entry["label"], tuple(codes))


def _gap(name: str, entry: Mapping[str, Any], examinations: Mapping[str, Examination]) -> Gap:
    value_set(entry["condition"])
    if entry["examination"] not in examinations:
        raise UsageError(
            f"The care gap «{name}» asks for the examination «{entry['examination']}», which is not there.",
            did_you_mean(entry["examination"], examinations),
        )
    months = entry["months"]
    if type(months) is not int or months < 1:
        raise UsageError(f"The care gap «{name}»: «{months}» is no number of months.", "Write 6 or 12.")
    return Gap(name, entry["condition"], entry["examination"], months, entry["source"])
