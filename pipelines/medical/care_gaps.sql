-- Who is due what at the end of the day $as_of, by what was known then: patients in care (seen within two years),
-- alive, with a condition that is neither refuted nor over. Due so many months after the examination was last done
-- or, if that is later, after the condition became known: whoever was diagnosed last week is not behind.
WITH day AS (
    SELECT CAST(CAST($as_of AS DATE) AS TIMESTAMP) + INTERVAL '23:59:59' AS as_of
),

rules AS (SELECT * FROM ({rules}) AS rules (gap, condition, examination, months)),

codes AS (SELECT * FROM ({codes}) AS codes (examination, code_system, code)),

in_care AS (
    SELECT patients.patient_id
    FROM medical.patients AS patients
    CROSS JOIN day
    WHERE
        (patients.deceased_at IS NULL OR patients.deceased_at > day.as_of)
        AND patients.patient_id IN (
            SELECT encounters.patient_id
            FROM medical.encounters AS encounters
            CROSS JOIN day
            WHERE encounters.started_at <= day.as_of AND encounters.started_at > day.as_of - INTERVAL 730 DAY
        )
),

having_it AS (
    SELECT
        conditions.patient_id,
        members.name AS condition,
        min(coalesce(conditions.recorded_at, conditions.onset_at)) AS since
    FROM medical.conditions AS conditions
    JOIN ({value_sets}) AS members
        ON
            members.code_system = conditions.code_system
            AND starts_with(conditions.code, members.code)
            AND (members.is_prefix OR members.code = conditions.code)
    CROSS JOIN day
    WHERE
        coalesce(conditions.recorded_at, conditions.onset_at) <= day.as_of
        AND coalesce(conditions.verification_status, 'confirmed') NOT IN ('refuted', 'entered-in-error')
        -- The status is today's: what abated later was there on that day, whatever it is called by now.
        AND CASE
            WHEN conditions.abated_at IS NULL
                THEN coalesce(conditions.clinical_status, 'active') NOT IN ('resolved', 'inactive')
            ELSE conditions.abated_at > day.as_of
        END
    GROUP BY conditions.patient_id, members.name
),

examined AS (
    SELECT records.patient_id, codes.examination, max(records.done_at) AS last_at
    FROM ({records}) AS records
    JOIN codes
        ON
            codes.code = records.code
            AND codes.code_system = coalesce(records.code_system, codes.code_system)
    CROSS JOIN day
    WHERE records.known_at <= day.as_of AND records.done_at <= day.as_of
    GROUP BY records.patient_id, codes.examination
)

SELECT
    having_it.patient_id,
    rules.gap,
    having_it.since,
    examined.last_at,
    CAST(greatest(having_it.since, coalesce(examined.last_at, having_it.since)) + to_months(rules.months) AS DATE)
        AS due_on,
    due_on < CAST(day.as_of AS DATE) AS overdue
FROM rules
JOIN having_it ON having_it.condition = rules.condition
JOIN in_care ON in_care.patient_id = having_it.patient_id
CROSS JOIN day
LEFT JOIN examined ON examined.patient_id = having_it.patient_id AND examined.examination = rules.examination
