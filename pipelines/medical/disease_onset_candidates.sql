-- Patients at the end of the day $as_of: in care (seen within two years), alive, never diagnosed.
WITH day AS (
    SELECT CAST(CAST($as_of AS DATE) AS TIMESTAMP) + INTERVAL '23:59:59' AS as_of
),

diagnosis AS (
    SELECT patient_id, min(known_at) AS diagnosed_at
    FROM ({diagnosed})
    WHERE name = {condition}
    GROUP BY patient_id
)

SELECT patients.patient_id AS entity_id, day.as_of
FROM medical.patients AS patients
CROSS JOIN day
LEFT JOIN diagnosis ON diagnosis.patient_id = patients.patient_id AND diagnosis.diagnosed_at <= day.as_of
WHERE
    diagnosis.patient_id IS NULL
    AND (patients.deceased_at IS NULL OR patients.deceased_at > day.as_of)
    AND patients.patient_id IN (
        SELECT encounters.patient_id
        FROM medical.encounters AS encounters
        CROSS JOIN day
        WHERE encounters.started_at <= day.as_of AND encounters.started_at > day.as_of - INTERVAL 730 DAY
    )
