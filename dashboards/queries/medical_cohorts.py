"""Cohorts of patients followed from a day on: when what they are followed for happened, counted by day.

Everybody enters at time zero, so that nobody is missing because of what happened earlier. The cohort and its
groups are fixed by what was known then; what became known later only ends the time of following. Whoever dies
(of something else) or is still without the event on the last day is followed until then.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import polars as pl

from analytics.task import Task
from dashboards.queries.predictions import scored_at
from dashboards.queries.reading import Read
from pipelines.medical.value_sets import value_sets_sql
from pipelines.queries import literal, read_sql

Event = Literal["diagnosis", "death", "readmission"]
Grouping = Literal["", "age", "gender", "condition", "band"]
WITH, WITHOUT = "with", "without"


@dataclass(frozen=True)
class Cohort:
    """Whom to follow from the end of the day `start` to the end of `until`, for what, in which groups.

    `condition` (a value set) is what is diagnosed, `present` the one that divides the groups of `condition`.
    For a readmission time zero is the first discharge from an inpatient stay after `start`. Groups of `band`
    are those of the scores given at the moment `start`.
    """

    event: Event
    start: datetime
    until: date
    by: Grouping = ""
    condition: str = ""
    present: str = ""


def first_day(read: Read) -> date | None:
    """The first day on which anybody was seen."""
    found: datetime | None = read("SELECT min(started_at) AS first FROM medical.encounters", None).item()
    return found.date() if found else None


def followed(read: Read, task: Task, cohort: Cohort) -> pl.DataFrame:
    """`name` (of the group, "" for all), `time` (whole days), `events, censored`, by group and day."""
    sql = f"""
        WITH moment AS (
            SELECT
                CAST(CAST($start AS DATE) AS TIMESTAMP) + INTERVAL '23:59:59' AS start,
                CAST(CAST($until AS DATE) AS TIMESTAMP) + INTERVAL '23:59:59' AS last
        ),
        diagnosed AS ({read_sql("medical", "diagnosed", value_sets=value_sets_sql())}),
        in_care AS (
            SELECT DISTINCT encounters.patient_id
            FROM medical.encounters AS encounters CROSS JOIN moment
            WHERE
                encounters.started_at <= moment.start
                AND encounters.started_at > moment.start - INTERVAL 730 DAY
        ),
        stays AS (
            SELECT patient_id, started_at, ended_at FROM medical.encounters
            WHERE
                class IN ('IMP', 'ACUTE', 'NONAC')
                AND coalesce(status, 'unknown') NOT IN ('planned', 'cancelled', 'entered-in-error')
        ),
        {_COHORTS[cohort.event].format(condition=literal(cohort.condition))},
        exits AS (
            SELECT
                cohort.patient_id,
                cohort.zero,
                least(cohort.happened_at, patients.deceased_at, moment.last) AS ended_at,
                coalesce(cohort.happened_at <= least(patients.deceased_at, moment.last), FALSE) AS happened,
                {_groups(cohort)} AS name
            FROM cohort
            CROSS JOIN moment
            JOIN medical.patients AS patients ON patients.patient_id = cohort.patient_id
            {_BANDS.format(scored=scored_at(task)) if cohort.by == "band" else ""}
            WHERE
                (patients.deceased_at IS NULL OR patients.deceased_at > cohort.zero)
                AND cohort.zero < moment.last
        )
        SELECT
            name,
            date_diff('day', CAST(zero AS DATE), CAST(ended_at AS DATE)) AS time,
            CAST(count(*) FILTER (happened) AS BIGINT) AS events,
            CAST(count(*) FILTER (NOT happened) AS BIGINT) AS censored
        FROM exits WHERE name IS NOT NULL GROUP BY ALL ORDER BY name, time
    """
    given = {"start": cohort.start, "until": cohort.until}
    return read(sql, given | {"as_of": cohort.start} if cohort.by == "band" else given)


_COHORTS = {
    "diagnosis": """cohort AS (
            SELECT in_care.patient_id, moment.start AS zero, diagnosis.known_at AS happened_at
            FROM in_care
            CROSS JOIN moment
            LEFT JOIN (
                SELECT patient_id, min(known_at) AS known_at FROM diagnosed WHERE name = {condition}
                GROUP BY patient_id
            ) AS diagnosis ON diagnosis.patient_id = in_care.patient_id
            WHERE diagnosis.known_at IS NULL OR diagnosis.known_at > moment.start
        )""",
    "death": """cohort AS (
            SELECT in_care.patient_id, moment.start AS zero, dead.deceased_at AS happened_at
            FROM in_care
            CROSS JOIN moment
            JOIN medical.patients AS dead ON dead.patient_id = in_care.patient_id
        )""",
    "readmission": """discharged AS (
            SELECT stays.patient_id, min(stays.ended_at) AS zero
            FROM stays CROSS JOIN moment
            WHERE stays.ended_at > moment.start AND stays.ended_at <= moment.last
            GROUP BY stays.patient_id
        ),
        cohort AS (
            SELECT discharged.patient_id, discharged.zero, min(again.started_at) AS happened_at
            FROM discharged
            LEFT JOIN stays AS again
                ON again.patient_id = discharged.patient_id AND again.started_at > discharged.zero
            GROUP BY discharged.patient_id, discharged.zero
        )""",
}
_BANDS = "JOIN {scored} AS scored ON scored.entity_id = cohort.patient_id"
_AGE = (
    "date_diff('year', patients.birth_date, CAST(cohort.zero AS DATE)) - "
    "CAST(strftime(patients.birth_date, '%m%d') > strftime(cohort.zero, '%m%d') AS INTEGER)"
)


def _groups(cohort: Cohort) -> str:
    """The group of a patient at time zero, as SQL; null leaves a patient out."""
    if cohort.by == "age":
        return (
            f"CASE WHEN {_AGE} < 30 THEN '0–29' WHEN {_AGE} < 45 THEN '30–44' WHEN {_AGE} < 60 THEN '45–59' "
            f"WHEN {_AGE} < 75 THEN '60–74' WHEN {_AGE} >= 75 THEN '75+' END"
        )
    if cohort.by == "condition":
        known = (
            "SELECT 1 FROM diagnosed WHERE diagnosed.patient_id = cohort.patient_id "
            f"AND diagnosed.name = {literal(cohort.present)} AND diagnosed.known_at <= cohort.zero"
        )
        return f"CASE WHEN EXISTS ({known}) THEN '{WITH}' ELSE '{WITHOUT}' END"
    return {"": "''", "gender": "coalesce(patients.gender, 'unknown')", "band": "scored.band"}[cohort.by]
