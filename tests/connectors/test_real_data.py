"""Real public data, with its oddities, through the connectors; the counts are those its README states."""

from collections import Counter
from pathlib import Path

import pytest

from connectors.fhir import CONNECTOR as FHIR
from connectors.fhir.options import FhirOptions
from connectors.files import CONNECTOR as FILES
from connectors.files.options import FilesOptions
from tests.connectors.extracting import Extracted, extract
from tests.connectors.reading import rejected_of, rows_of

pytestmark = pytest.mark.real_data

HEART = ("age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach")
HEART += ("exang", "oldpeak", "slope", "ca", "thal", "num")


def fhir(folder: Path, tmp_path: Path) -> tuple[dict[str, int], Counter[str], Extracted]:
    found = extract(FHIR.source(FhirOptions(path=str(folder))), tmp_path / "run")
    unmapped: Counter[str] = Counter()
    for row in found.rows("unmapped_resources"):
        unmapped[row["resource_type"]] += row["count"]
    assert found.rejected == {}
    tables = found.batches.keys() - {"unmapped_resources"}
    return {table: len(found.rows(table)) for table in tables}, unmapped, found


def test_the_bulk_export_of_ten_patients(shared_data: Path, tmp_path: Path) -> None:
    rows, unmapped, found = fhir(shared_data / "medical/synthea_bulk_fhir_10_patients", tmp_path)
    assert rows == {
        "patients": 13, "encounters": 1215, "conditions": 555, "procedures": 2056,
        "medication_requests": 1745,
    }  # fmt: skip
    assert unmapped == {
        "DocumentReference": 1215, "Immunization": 161, "AllergyIntolerance": 11, "Device": 16,
        "Location": 44, "Organization": 43, "Practitioner": 43, "PractitionerRole": 43, "(not FHIR)": 4,
    }  # fmt: skip
    assert sum(row["deceased_at"] is not None for row in found.rows("patients")) == 3
    patients = {row["patient_id"] for row in found.rows("patients")}
    assert {row["patient_id"] for row in found.rows("encounters")} <= patients
    assert all(row["code"] and row["code_system"] for row in found.rows("medication_requests"))


def test_the_bulk_export_with_observations(shared_data: Path, tmp_path: Path) -> None:
    rows, unmapped, found = fhir(shared_data / "medical/synthea_bulk_fhir_1_patient", tmp_path)
    own = [row for row in found.rows("observations") if "#" not in row["observation_id"]]
    components = rows.pop("observations") - len(own)
    assert (len(own), components) == (174, 233)
    assert rows == {
        "patients": 1, "encounters": 75, "conditions": 68, "procedures": 78, "medication_requests": 117,
        "diagnostic_reports": 109,
    }  # fmt: skip
    assert (unmapped["Claim"], unmapped["ExplanationOfBenefit"], unmapped["Immunization"]) == (192, 75, 15)


def test_the_transaction_bundles(shared_data: Path, tmp_path: Path) -> None:
    rows, unmapped, found = fhir(shared_data / "medical/synthea_fhir_bundles", tmp_path)
    own = [row for row in found.rows("observations") if "#" not in row["observation_id"]]
    assert len(own) == 2112
    expected = {
        "patients": 11,
        "encounters": 610,
        "diagnostic_reports": 610,
        "conditions": 13,
        "procedures": 19,
    }
    assert {table: rows[table] for table in expected} == expected
    assert (unmapped["Practitioner"], unmapped["Organization"], unmapped["Claim"]) == (1191, 1191, 617)
    patients = {row["patient_id"] for row in found.rows("patients")}
    encounters = {row["encounter_id"] for row in found.rows("encounters")}
    assert {row["patient_id"] for row in own} <= patients
    assert {row["encounter_id"] for row in own} <= encounters


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("processed.cleveland.data", 303),
        ("reprocessed.hungarian.data", 294),
        ("processed.switzerland.data", 123),
        ("processed.va.data", 200),
    ],
)
def test_four_hospitals_without_a_header(name: str, rows: int, shared_data: Path) -> None:
    path = shared_data / "medical/uci_heart_disease" / name
    found = rows_of(path, columns=HEART)
    assert (len(found), rejected_of(path)) == (rows, [])
    assert {row["num"] for row in found} <= {"0", "1", "2", "3", "4"}


def test_credit_card_clients(shared_data: Path) -> None:
    path = shared_data / "finance/uci_taiwan_default/UCI_Credit_Card.csv.gz"
    found = rows_of(path)
    assert (len(found), len(found[0]), rejected_of(path)) == (30_000, 25, [])
    assert sum(row["class"] == "1" for row in found) == 6636


def test_every_table_of_the_e_commerce_set(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "logistics/olist_orders_sample"
    found = extract(FILES.source(FilesOptions(path=f"{folder}/*.csv.gz", table="olist")), tmp_path / "run")
    rows: Counter[str] = Counter()
    for batch in found.batches["olist"]:
        rows[batch.column_names[0]] += batch.num_rows
    assert found.rejected == {}
    assert len(found.batches["olist"]) == 9
    assert len(rows_of(folder / "olist_orders_dataset.csv.gz")) == 8135
    assert len(rows_of(folder / "olist_order_items_dataset.csv.gz")) == 8365
    zips = [row["customer_zip_code_prefix"] for row in rows_of(folder / "olist_customers_dataset.csv.gz")]
    assert {len(code) for code in zips} == {5}
    reviews = rows_of(folder / "olist_order_reviews_dataset.csv.gz")
    assert any("\n" in (row["review_comment_message"] or "") for row in reviews)
    assert any("ã" in (row["review_comment_message"] or "") for row in reviews)
