"""Care gaps: who is overdue for what their recorded conditions call for, counted and listed."""

from datetime import datetime

import polars as pl

from dashboards.queries.medical import WARDS
from dashboards.queries.reading import Read, has_table
from pipelines.medical.care_gaps import RECORDS, care_gaps_sql, catalogue


def gaps_by_ward(read: Read, as_of: datetime) -> pl.DataFrame:
    """`gap, ward, patients` (whom the rule is about), `done` (of whom it was ever), `overdue`."""
    sql = f"""
        SELECT
            due.gap, wards.value AS ward, count(*) AS patients, count(due.last_at) AS done,
            count(*) FILTER (due.overdue) AS overdue
        FROM ({_due(read)}) AS due
        LEFT JOIN ({WARDS}) AS wards ON wards.key = due.patient_id
        GROUP BY due.gap, wards.value ORDER BY due.gap, wards.value NULLS LAST
    """
    return read(sql, {"as_of": as_of})


def overdue(
    read: Read, as_of: datetime, gap: str, wards: tuple[str, ...] = (), most: int | None = None
) -> pl.DataFrame:
    """Whoever is overdue for a gap, longest first, in any of `wards` (() for all).

    `patient_id, given_name, family_name, birth_date, gender, ward, since, last_at, due_on, days` (overdue).
    Not masked.
    """
    sql = f"""
        SELECT
            due.patient_id, patients.given_name, patients.family_name, patients.birth_date, patients.gender,
            wards.value AS ward, due.since, due.last_at, due.due_on,
            date_diff('day', due.due_on, CAST($as_of AS DATE)) AS days
        FROM ({_due(read)}) AS due
        JOIN medical.patients AS patients ON patients.patient_id = due.patient_id
        LEFT JOIN ({WARDS}) AS wards ON wards.key = due.patient_id
        WHERE due.overdue AND due.gap = $gap AND (len($wards) = 0 OR list_contains($wards, wards.value))
        ORDER BY due.due_on, due.patient_id {"" if most is None else "LIMIT $most"}
    """
    given = {"as_of": as_of, "gap": gap, "wards": list(wards)}
    return read(sql, given if most is None else {**given, "most": most})


def _due(read: Read) -> str:
    return care_gaps_sql(catalogue(), [table for table in RECORDS if has_table(read, table)])
