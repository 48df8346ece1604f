-- Diagnoses as (patient, value set, time known): neither refuted nor entered in error.
SELECT conditions.patient_id, members.name, coalesce(conditions.recorded_at, conditions.onset_at) AS known_at
FROM medical.conditions AS conditions
JOIN ({value_sets}) AS members
    ON
        members.code_system = conditions.code_system
        AND starts_with(conditions.code, members.code)
        AND (members.is_prefix OR members.code = conditions.code)
WHERE coalesce(conditions.verification_status, 'confirmed') NOT IN ('refuted', 'entered-in-error')
