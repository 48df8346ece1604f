-- What was measured of each patient, by the quantity it measures, in the contract's units.
SELECT
    patient_id,
    effective_at AS measured_at,
    greatest(effective_at, coalesce(issued_at, effective_at)) AS known_at,
    value,
    value_code,
    CASE
        WHEN code IN ('2339-0', '2345-7', '1558-6', '15074-8', '14749-6', '14771-0') THEN 'glucose'
        WHEN code IN ('4548-4', '17856-6', '59261-8') THEN 'hba1c'
        WHEN code IN ('2093-3', '14647-2') THEN 'cholesterol'
        WHEN code IN ('2571-8', '14927-8') THEN 'triglycerides'
        WHEN code IN ('2160-0', '38483-4', '14682-9') THEN 'creatinine'
        WHEN code = '39156-5' THEN 'bmi'
        WHEN code IN ('29463-7', '3141-9') THEN 'weight'
        WHEN code IN ('8302-2', '3137-7') THEN 'height'
        WHEN code = '8480-6' THEN 'systolic'
        WHEN code = '72166-2' THEN 'smoking'
    END AS quantity
FROM medical.observations
WHERE coalesce(status, 'final') NOT IN ('entered-in-error', 'cancelled')
