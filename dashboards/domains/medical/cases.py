"""The clinic's cases, by task."""

from dashboards.queries.medical import patients_sql

CASES = {"medical.disease_onset": patients_sql}
