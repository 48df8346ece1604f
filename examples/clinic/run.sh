#!/usr/bin/env bash
# Synthea bulk FHIR exports and Bundles: 25 patients, far too few to learn from. The sample clinic beside
# them gives the model its cases; the real export then goes through the same tables, score and report.
. "$(dirname "$0")/../lib.sh"

for name in synthea_bulk_fhir_10_patients synthea_bulk_fhir_1_patient synthea_fhir_bundles; do
    sda source add "$name" --connector fhir --path "$data/medical/$name" --domain medical
done
sda source add sample_clinic --connector fhir --path "$root/sample_data/medical" --domain medical
sda ingest
sda quarantine list
sda train medical.disease_onset
sda score medical.disease_onset
sda report patient-risk --format html --output "$SDA_HOME/reports"

# Only the patients of the real export, as of the last day of their records.
"$root/.venv/bin/python" "$example/patients.py" "$SDA_HOME" > "$SDA_HOME/patients.csv"
sda score medical.disease_onset --entities "$SDA_HOME/patients.csv" --output "$SDA_HOME/scored.csv" --reasons all
