-- What the clinic wrote down of each patient: visits, measurements, diagnoses, medicines.
WITH happened AS (
    SELECT
        patient_id AS entity_id,
        started_at AS known_at,
        started_at AS event_time,
        CASE class WHEN 'EMER' THEN 'emergency' WHEN 'IMP' THEN 'inpatient' ELSE 'visit' END AS event_type,
        NULL AS value
    FROM medical.encounters
    UNION ALL
    SELECT patient_id, known_at, measured_at, coalesce(quantity || '-' || value_code, quantity), value
    FROM ({measurements})
    WHERE quantity IS NOT NULL
    UNION ALL
    SELECT patient_id, known_at, known_at, name, NULL
    FROM ({diagnosed})
    UNION ALL
    SELECT requests.patient_id, requests.authored_at, requests.authored_at, coalesce(members.name, 'medicine'), NULL
    FROM medical.medication_requests AS requests
    LEFT JOIN ({value_sets}) AS members
        ON
            members.code_system = requests.code_system
            AND starts_with(requests.code, members.code)
            AND (members.is_prefix OR members.code = requests.code)
)

SELECT *, CAST(NULL AS VARCHAR) AS text
FROM happened
WHERE entity_id IN (SELECT entity_id FROM population)
