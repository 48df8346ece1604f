"""The clinic's scored patients with what people know them by."""

from datetime import datetime

import polars as pl

from analytics.task import Task
from dashboards.queries.reading import Read
from pipelines.warehouse import quoted


def patients(read: Read, task: Task, as_of: datetime) -> pl.DataFrame:
    """Every patient scored at `as_of`, highest score first, with age (whole years), group of ages and sex.

    Not masked: pass it through `pipelines.access` before it is shown.
    """
    sql = f"""
        SELECT
            scored.*,
            patients.given_name, patients.family_name, patients.birth_date, patients.gender, patients.state,
            date_diff('year', patients.birth_date, CAST(scored.as_of AS DATE))
            - CAST(strftime(patients.birth_date, '%m%d') > strftime(scored.as_of, '%m%d') AS INTEGER) AS age,
            CASE
                WHEN age < 30 THEN '0–29' WHEN age < 45 THEN '30–44' WHEN age < 60 THEN '45–59'
                WHEN age < 75 THEN '60–74' WHEN age >= 75 THEN '75+'
            END AS age_group,
            seen.last_seen_at
        FROM (FROM {quoted(task.predictions_table)} WHERE as_of = $as_of) AS scored
        LEFT JOIN medical.patients AS patients ON patients.patient_id = scored.entity_id
        LEFT JOIN (
            SELECT patient_id, max(started_at) AS last_seen_at
            FROM medical.encounters WHERE started_at <= $as_of GROUP BY patient_id
        ) AS seen ON seen.patient_id = scored.entity_id
        ORDER BY scored.score DESC, scored.entity_id
    """
    return read(sql, {"as_of": as_of})
