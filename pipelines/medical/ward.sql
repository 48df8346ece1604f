-- Who looks after a patient: the organisation of the newest encounter that took place and names one.
SELECT patient_id AS key, organization_id AS value
FROM {encounters}
WHERE
    organization_id IS NOT NULL
    AND coalesce(status, 'unknown') NOT IN ('planned', 'cancelled', 'entered-in-error')
QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY started_at DESC, encounter_id DESC) = 1
