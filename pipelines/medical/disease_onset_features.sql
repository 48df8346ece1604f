-- What the clinic had on record for each patient at `as_of`.
--
-- One measurement of glucose is noisy and many patients have few. So `glucose_level` is the mean of all of them,
-- HbA1c put on the scale of glucose by the usual spread of both in adults without diabetes (5.3 +- 0.6 mmol/L,
-- 5.4 +- 0.33 %) with a lesser weight, older ones weighing less (half after four years), drawn a little towards 5.3.
WITH seen AS (
    SELECT
        population.entity_id,
        population.as_of,
        count(*) FILTER (WHERE recent) AS visits_year,
        count(*) FILTER (WHERE recent AND encounters.class IN ('EMER', 'IMP')) AS urgent_visits_year,
        date_diff('day', max(encounters.started_at), population.as_of) AS days_since_visit,
        date_diff('month', min(encounters.started_at), population.as_of) AS months_in_care
    FROM population
    JOIN medical.encounters AS encounters
        ON encounters.patient_id = population.entity_id AND encounters.started_at <= population.as_of
    CROSS JOIN LATERAL (SELECT encounters.started_at > population.as_of - INTERVAL 365 DAY AS recent)
    GROUP BY population.entity_id, population.as_of
),

history AS (
    SELECT
        population.entity_id,
        population.as_of,
        bool_or(diagnosed.name = 'prediabetes') AS prediabetes,
        bool_or(diagnosed.name = 'gestational-diabetes') AS gestational_diabetes,
        bool_or(diagnosed.name = 'diabetes-in-family') AS diabetes_in_family,
        bool_or(diagnosed.name = 'hypertension') AS hypertension,
        bool_or(diagnosed.name = 'hyperlipidaemia') AS hyperlipidaemia,
        bool_or(diagnosed.name = 'obesity') AS obesity,
        bool_or(diagnosed.name = 'chronic-kidney-disease') AS kidney_disease
    FROM population
    JOIN ({diagnosed}) AS diagnosed
        ON diagnosed.patient_id = population.entity_id AND diagnosed.known_at <= population.as_of
    GROUP BY population.entity_id, population.as_of
),

diagnoses AS (
    SELECT population.entity_id, population.as_of, count(DISTINCT conditions.code) AS diagnoses
    FROM population
    JOIN medical.conditions AS conditions
        ON
            conditions.patient_id = population.entity_id
            AND coalesce(conditions.recorded_at, conditions.onset_at) <= population.as_of
    GROUP BY population.entity_id, population.as_of
),

medicines AS (
    SELECT
        population.entity_id,
        population.as_of,
        count(DISTINCT requests.code) AS medicines_year,
        bool_or(members.name = 'antihypertensives') AS antihypertensives,
        bool_or(members.name = 'statins') AS statins,
        bool_or(members.name = 'glucocorticoids') AS glucocorticoids
    FROM population
    JOIN medical.medication_requests AS requests
        ON
            requests.patient_id = population.entity_id
            AND requests.authored_at <= population.as_of
            AND requests.authored_at > population.as_of - INTERVAL 365 DAY
    LEFT JOIN ({value_sets}) AS members
        ON
            members.code_system = requests.code_system
            AND starts_with(requests.code, members.code)
            AND (members.is_prefix OR members.code = requests.code)
    GROUP BY population.entity_id, population.as_of
),

measured AS (
    -- `place`: two measurements may bear the same moment (a day without a clock); the same one is the last each time.
    SELECT
        population.entity_id,
        population.as_of,
        measurements.* EXCLUDE (patient_id, known_at),
        (measured_at, known_at, value, value_code) AS place
    FROM population
    JOIN ({measurements}) AS measurements
        ON
            measurements.patient_id = population.entity_id
            AND measurements.known_at <= population.as_of
            AND measurements.measured_at > population.as_of - INTERVAL 1095 DAY
),

sugar AS (
    SELECT
        population.entity_id,
        population.as_of,
        (sum(parts.weight * parts.glucose) + 0.15 * 5.3) / (sum(parts.weight) + 0.15) AS glucose_level
    FROM population
    JOIN ({measurements}) AS measurements
        ON
            measurements.patient_id = population.entity_id
            AND measurements.known_at <= population.as_of
            AND measurements.quantity IN ('glucose', 'hba1c')
            AND measurements.value IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT
            CASE measurements.quantity
                WHEN 'glucose' THEN measurements.value
                ELSE 5.3 + (measurements.value - 5.4) * 0.6 / 0.33
            END AS glucose,
            CASE measurements.quantity WHEN 'glucose' THEN 1.0 ELSE 0.4 END
            * power(0.5, date_diff('day', measurements.measured_at, population.as_of) / 1461.0) AS weight
    ) AS parts
    GROUP BY population.entity_id, population.as_of
),

results AS (
    SELECT
        entity_id,
        as_of,
        arg_max(value, place) FILTER (WHERE quantity = 'glucose') AS glucose,
        avg(value) FILTER (WHERE quantity = 'glucose') AS glucose_mean,
        max(value) FILTER (WHERE quantity = 'glucose') AS glucose_highest,
        arg_max(value, place) FILTER (WHERE quantity = 'hba1c') AS hba1c,
        avg(value) FILTER (WHERE quantity = 'hba1c') AS hba1c_mean,
        arg_max(value, place) FILTER (WHERE quantity = 'cholesterol') AS cholesterol,
        arg_max(value, place) FILTER (WHERE quantity = 'triglycerides') AS triglycerides,
        arg_max(value, place) FILTER (WHERE quantity = 'creatinine') AS creatinine,
        arg_max(value, place) FILTER (WHERE quantity = 'bmi') AS bmi,
        arg_max(value, place) FILTER (WHERE quantity = 'weight') AS weight,
        arg_max(value, place) FILTER (WHERE quantity = 'height') AS height,
        arg_max(value, place) FILTER (WHERE quantity = 'bmi')
        - arg_min(value, place) FILTER (WHERE quantity = 'bmi') AS bmi_change,
        avg(value) FILTER (WHERE quantity = 'systolic') AS systolic_mean,
        arg_max(value_code, place) FILTER (WHERE quantity = 'smoking') AS smoking,
        count(*) FILTER (WHERE quantity IN ('glucose', 'hba1c')) AS glucose_tests
    FROM measured
    WHERE quantity IS NOT NULL
    GROUP BY entity_id, as_of
)

SELECT
    population.entity_id,
    population.as_of,
    results.glucose,
    sugar.glucose_level,
    results.glucose_mean,
    results.glucose_highest,
    results.hba1c,
    results.hba1c_mean,
    results.glucose_tests,
    coalesce(results.bmi, results.weight / power(results.height / 100, 2)) AS bmi,
    results.bmi_change,
    results.systolic_mean,
    results.cholesterol,
    results.triglycerides,
    results.creatinine,
    CASE results.smoking
        WHEN '449868002' THEN 'current'
        WHEN '77176002' THEN 'current'
        WHEN '428041000124106' THEN 'current'
        WHEN '8517006' THEN 'former'
        WHEN '266919005' THEN 'never'
    END AS smoking,
    coalesce(history.prediabetes, FALSE) AS prediabetes,
    coalesce(history.gestational_diabetes, FALSE) AS gestational_diabetes,
    coalesce(history.diabetes_in_family, FALSE) AS diabetes_in_family,
    coalesce(history.hypertension, FALSE) AS hypertension,
    coalesce(history.hyperlipidaemia, FALSE) AS hyperlipidaemia,
    coalesce(history.obesity, FALSE) AS obesity,
    coalesce(history.kidney_disease, FALSE) AS kidney_disease,
    coalesce(diagnoses.diagnoses, 0) AS diagnoses,
    coalesce(medicines.medicines_year, 0) AS medicines_year,
    coalesce(medicines.antihypertensives, FALSE) AS antihypertensives,
    coalesce(medicines.statins, FALSE) AS statins,
    coalesce(medicines.glucocorticoids, FALSE) AS glucocorticoids,
    coalesce(seen.visits_year, 0) AS visits_year,
    coalesce(seen.urgent_visits_year, 0) AS urgent_visits_year,
    seen.days_since_visit,
    seen.months_in_care,
    date_diff('month', patients.birth_date, population.as_of) / 12 AS age_years,
    patients.gender
FROM population
LEFT JOIN results USING (entity_id, as_of)
LEFT JOIN sugar USING (entity_id, as_of)
LEFT JOIN history USING (entity_id, as_of)
LEFT JOIN diagnoses USING (entity_id, as_of)
LEFT JOIN medicines USING (entity_id, as_of)
LEFT JOIN seen USING (entity_id, as_of)
LEFT JOIN medical.patients AS patients ON patients.patient_id = population.entity_id
WHERE patients.patient_id IS NOT NULL OR seen.entity_id IS NOT NULL
