"""The clinic's scored patients with what people know them by."""

from analytics.task import Task
from dashboards.queries.cases import Events, Facts
from dashboards.queries.predictions import scored_at
from pipelines.medical.contracts import ward_sql

# `key` (the patient), `value` (who looked after them at the end of the day `$as_of`).
WARDS = ward_sql("(FROM medical.encounters WHERE started_at < CAST($as_of AS DATE) + 1)")


def patients_sql(task: Task, scored: str = "") -> str:
    """Every patient scored at `$as_of` (or predictions `scored`), with age in whole years and ward, as SQL.

    Age, ward and last visit are those of that day. Name, state and the like are as the clinic has them now:
    it overwrites them. Not masked: pass it through `pipelines.access` before it is shown.
    """
    return f"""
        SELECT
            scored.*,
            patients.given_name, patients.family_name, patients.birth_date, patients.gender, patients.state,
            date_diff('year', patients.birth_date, CAST(scored.as_of AS DATE))
            - CAST(strftime(patients.birth_date, '%m%d') > strftime(scored.as_of, '%m%d') AS INTEGER) AS age,
            CASE
                WHEN age < 30 THEN '0–29' WHEN age < 45 THEN '30–44' WHEN age < 60 THEN '45–59'
                WHEN age < 75 THEN '60–74' WHEN age >= 75 THEN '75+'
            END AS age_group,
            seen.last_seen_at, wards.value AS ward
        FROM {scored or scored_at(task)} AS scored
        LEFT JOIN medical.patients AS patients ON patients.patient_id = scored.entity_id
        LEFT JOIN (
            SELECT patient_id, max(started_at) AS last_seen_at
            FROM medical.encounters
            WHERE started_at < CAST($as_of AS DATE) + 1  -- the whole of that day
            GROUP BY patient_id
        ) AS seen ON seen.patient_id = scored.entity_id
        LEFT JOIN ({WARDS}) AS wards ON wards.key = scored.entity_id
    """


FACTS = (
    Facts(
        "medical.patients",
        """
        SELECT
            patient_id, family_name, given_name, birth_date, gender, marital_status, city, state, language
        FROM medical.patients WHERE patient_id = $entity_id
        """,
    ),
)


def _records(table: str, at: str, columns: str, otherwise: str = "NULL") -> str:
    """Records of one patient before `$until`, newest first; `otherwise` stands in where `at` is null."""
    return f"""
        SELECT coalesce({at}, {otherwise}) AS {at}, {columns} FROM {table} AS records
        WHERE patient_id = $entity_id AND coalesce(records.{at}, {otherwise}) < $until
        ORDER BY 1 DESC LIMIT $most
    """


EVENTS = (
    Events(
        "medical.conditions",
        _records(
            "medical.conditions",
            "recorded_at",
            "coalesce(code_text, code) AS code_text, "
            "CASE WHEN abated_at >= $until THEN 'active' ELSE clinical_status END AS clinical_status",
            "onset_at",
        ),
        at="recorded_at",
        what="code_text",
        value="clinical_status",
    ),
    Events(
        "medical.observations",
        _records(
            "(FROM medical.observations WHERE value IS NOT NULL AND coalesce(issued_at < $until, TRUE))",
            "effective_at",
            "coalesce(code_text, code) AS code_text, value, unit",
            "issued_at",
        ),
        at="effective_at",
        what="code_text",
        value="value",
        unit="unit",
    ),
    Events(
        "medical.encounters",
        _records(
            "medical.encounters",
            "started_at",
            "coalesce(type_text, type_code) AS type_text, "
            "CASE WHEN status = 'finished' AND ended_at >= $until THEN 'in-progress' ELSE status END "
            "AS status",
        ),
        at="started_at",
        what="type_text",
        value="status",
    ),
    Events(
        "medical.medication_requests",
        _records(
            "medical.medication_requests", "authored_at", "coalesce(code_text, code) AS code_text, status"
        ),
        at="authored_at",
        what="code_text",
        value="status",
    ),
)
