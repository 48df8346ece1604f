-- Patients at the first of October of each year: in care (seen within two years), alive, never diagnosed; and
-- the year that followed lies wholly in the data. `{also}`: another condition is diagnosed for the first time in
-- that year, null where it was diagnosed before.
WITH complete AS ({last_day}),

diagnosis AS (
    SELECT patient_id, min(known_at) AS diagnosed_at
    FROM ({diagnosed})
    WHERE name = {condition}
    GROUP BY patient_id
),

other AS (
    SELECT patient_id, min(known_at) AS diagnosed_at
    FROM ({diagnosed})
    WHERE name = {other}
    GROUP BY patient_id
),

landmarks AS (
    SELECT CAST(make_date(CAST(years.year AS INTEGER), 10, 1) AS TIMESTAMP) AS as_of
    FROM (SELECT min(started_at) AS oldest FROM medical.encounters) AS data
    CROSS JOIN complete
    CROSS JOIN LATERAL (
        SELECT unnest(generate_series(year(data.oldest), year(complete.last_day))) AS year
    ) AS years
    WHERE make_date(CAST(years.year AS INTEGER), 10, 1) + 365 <= complete.last_day
),

in_care AS (
    SELECT DISTINCT encounters.patient_id, landmarks.as_of
    FROM landmarks
    JOIN medical.encounters AS encounters
        ON encounters.started_at <= landmarks.as_of AND encounters.started_at > landmarks.as_of - INTERVAL 730 DAY
)

SELECT
    patients.patient_id AS entity_id,
    in_care.as_of,
    CAST(coalesce(diagnosis.diagnosed_at <= in_care.as_of + INTERVAL 365 DAY, FALSE) AS INTEGER) AS label,
    CASE
        WHEN other.diagnosed_at <= in_care.as_of THEN NULL
        ELSE CAST(coalesce(other.diagnosed_at <= in_care.as_of + INTERVAL 365 DAY, FALSE) AS INTEGER)
    END AS {also}
FROM in_care
JOIN medical.patients AS patients ON patients.patient_id = in_care.patient_id
LEFT JOIN diagnosis ON diagnosis.patient_id = in_care.patient_id
LEFT JOIN other ON other.patient_id = in_care.patient_id
WHERE
    (patients.deceased_at IS NULL OR patients.deceased_at > in_care.as_of)
    AND (diagnosis.diagnosed_at IS NULL OR diagnosis.diagnosed_at > in_care.as_of)
