"""Prints, as CSV, the patients of the real exports and the last moment in each one's records."""

import sys
from pathlib import Path

from pipelines.settings import load_settings
from pipelines.warehouse import Warehouse

SQL = """
    SELECT patient_id AS entity_id, max(encounters.started_at) AS as_of
    FROM medical.encounters JOIN meta.loads ON encounters._load_id = loads.load_id
    WHERE source LIKE 'synthea%' AND loads."table" = 'medical.encounters'
    GROUP BY patient_id ORDER BY patient_id
"""

settings = load_settings(Path(sys.argv[1]) / "assistant.toml")
print(Warehouse(settings).query(SQL).write_csv(), end="")
