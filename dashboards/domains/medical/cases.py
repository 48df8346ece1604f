"""The clinic's cases, by task."""

from dashboards.queries.medical import patients_sql
from pipelines.words import words

CASES = {"medical.disease_onset": patients_sql}
LABELS = {
    "medical.disease_onset": {
        "age": words("Age", "年龄"),
        "age_group": words("Age group", "年龄组"),
        "last_seen_at": words("Last seen", "最近就诊"),
        "ward": words("Ward", "病区"),
    }
}
