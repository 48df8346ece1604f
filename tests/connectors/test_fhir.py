"""The FHIR connector: flat tables, references, components, and nothing lost in silence."""

import gzip
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.connector import record_numbers
from connectors.fhir import CONNECTOR
from connectors.fhir.options import FhirOptions
from connectors.fhir.references import References
from tests.connectors.extracting import Extracted, extract
from tests.connectors.suite import ConnectorContract

LOINC, RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"


def concept(code: str, system: str = LOINC, text: str | None = None) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": f"display {code}"}], "text": text}


PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "birthDate": "1970-02-01",
    "deceasedDateTime": "2020-05-06T07:08:09+12:00",
    "gender": "female",
    "name": [
        {"use": "usual", "family": "Nick"},
        {"use": "official", "family": "Doe", "given": ["Ann", "B."]},
    ],
    "address": [{"city": "Łódź", "state": "LD", "postalCode": "90-001", "country": "PL"}],
    "maritalStatus": {"coding": [{"code": "M"}], "text": "Married"},
    "communication": [{"language": {"coding": [{"code": "pl"}]}}],
}
BLOOD_PRESSURE = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "category": [{"coding": [{"code": "vital-signs"}]}],
    "code": concept("85354-9", text="Blood pressure"),
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "https://host/fhir/Encounter/e1/_history/2"},
    "effectivePeriod": {"start": "2019-01-01T00:00:00Z"},
    "component": [
        {"code": concept("8480-6"), "valueQuantity": {"value": 120, "unit": "mmHg", "code": "mm[Hg]"}},
        {"code": concept("8462-4"), "valueQuantity": {"value": 80.5, "code": "mm[Hg]"}},
    ],
}


def observed(**value: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": "o", "code": concept("x"), **value}


def load(tmp_path: Path, state: dict[str, Any] | None = None, **options: Any) -> Extracted:
    source = CONNECTOR.source(FhirOptions(**options))
    return extract(source, tmp_path / f"run{len(list(tmp_path.glob('run*')))}", state)


def load_lines(tmp_path: Path, *resources: dict[str, Any], name: str = "all.ndjson") -> Extracted:
    (tmp_path / name).write_text("".join(json.dumps(one) + "\n" for one in resources))
    return load(tmp_path, path=str(tmp_path / name))


class TestContract(ConnectorContract):
    connector = CONNECTOR
    key = ("patient_id", "birth_date")
    expected: ClassVar = {"patients": 1, "observations": 3, "unmapped_resources": 1}

    @pytest.fixture
    def options(self, tmp_path: Path) -> FhirOptions:
        folder = tmp_path / "in"
        folder.mkdir()
        (folder / "Patient.ndjson").write_text(json.dumps(PATIENT) + "\n" + json.dumps(PATIENT)[:40])
        (folder / "Observation.ndjson.gz").write_bytes(gzip.compress(json.dumps(BLOOD_PRESSURE).encode()))
        (folder / "Claim.ndjson").write_text('{"resourceType":"Claim","id":"c1"}\n' * 3)
        return FhirOptions(path=str(folder))


def test_a_patient_becomes_one_flat_row(tmp_path: Path) -> None:
    assert load_lines(tmp_path, PATIENT).rows("patients") == [
        {
            "patient_id": "p1", "birth_date": "1970-02-01", "deceased_at": "2020-05-06T07:08:09+12:00",
            "gender": "female", "family_name": "Doe", "given_name": "Ann B.", "city": "Łódź", "state": "LD",
            "postal_code": "90-001", "country": "PL", "marital_status": "M", "language": "pl",
        }
    ]  # fmt: skip


def test_components_become_rows_beside_their_observation(tmp_path: Path) -> None:
    rows = load_lines(tmp_path, BLOOD_PRESSURE).rows("observations")
    assert [(row["observation_id"], row["code"], row["value"], row["unit"]) for row in rows] == [
        ("o1", "85354-9", None, None),
        ("o1#1", "8480-6", "120", "mm[Hg]"),
        ("o1#2", "8462-4", "80.5", "mm[Hg]"),
    ]
    shared = ("patient_id", "encounter_id", "category", "effective_at", "status")
    assert {tuple(row[name] for name in shared) for row in rows} == {
        ("p1", "e1", "vital-signs", "2019-01-01T00:00:00Z", "final")
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueQuantity": {"value": 0, "unit": "g"}}, ("0", "g", None, None)),
        (
            {"valueQuantity": {"value": 5, "comparator": "<", "code": "mg/dL"}},
            ("5", "mg/dL", None, "<5 mg/dL"),
        ),
        ({"valueCodeableConcept": concept("neg", text="Negative")}, (None, None, "neg", "Negative")),
        ({"valueString": "trace"}, (None, None, None, "trace")),
        ({"valueInteger": 0}, ("0", None, None, None)),
        ({"valueBoolean": False}, (None, None, None, "false")),
        ({"valueRange": {"low": {"value": 1}}}, (None, None, None, '{"low":{"value":1}}')),
        ({}, (None, None, None, None)),
    ],
)
def test_every_kind_of_value_is_kept(
    value: dict[str, Any], expected: tuple[Any, ...], tmp_path: Path
) -> None:
    (row,) = load_lines(tmp_path, observed(**value)).rows("observations")
    assert (row["value"], row["unit"], row["value_code"], row["value_text"]) == expected


def test_a_prescription_finds_its_medication_wherever_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    request = {"resourceType": "MedicationRequest", "subject": {"reference": "Patient/p1"}}
    contained = [{"resourceType": "Medication", "id": "m9", "code": concept("9", RXNORM)}]
    requests = [
        {**request, "id": "said", "medicationCodeableConcept": concept("1", RXNORM, "One")},
        {**request, "id": "contained", "contained": contained, "medicationReference": {"reference": "#m9"}},
        {**request, "id": "in the export", "medicationReference": {"reference": "Medication/m2"}},
        {
            **request,
            "id": "nowhere",
            "medicationReference": {"reference": "Medication/m3", "display": "Three"},
        },
    ]
    medication = {"resourceType": "Medication", "id": "m2", "code": concept("2", RXNORM, "Two")}
    (folder / "MedicationRequest.ndjson").write_text("\n".join(map(json.dumps, requests)))
    (folder / "Medication.000.ndjson").write_text(json.dumps(medication))
    found = load(tmp_path, path=str(folder))
    rows = found.rows("medication_requests")
    assert [(row["medication_request_id"], row["code"], row["code_text"]) for row in rows] == [
        ("said", "1", "One"), ("contained", "9", "display 9"), ("in the export", "2", "Two"),
        ("nowhere", None, "Three"),
    ]  # fmt: skip
    assert found.rows("unmapped_resources") == [
        {"file": "Medication.000.ndjson", "resource_type": "Medication", "count": 1}
    ]


def test_references_within_a_bundle_are_resolved(tmp_path: Path) -> None:
    patient = {"resourceType": "Patient", "id": "p7", "identifier": [{"system": "urn:mrn", "value": "77"}]}
    encounter = {
        "resourceType": "Encounter",
        "subject": {"reference": "urn:uuid:aaa"},
        "serviceProvider": {"reference": "Organization?identifier=urn:org|55"},
    }
    condition = {
        "resourceType": "Condition",
        "id": "c7",
        "subject": {"reference": "Patient?identifier=urn:mrn|77"},
        "encounter": {"reference": "urn:uuid:bbb"},
    }
    drug = {"reference": "urn:uuid:ccc"}
    request = {"resourceType": "MedicationRequest", "id": "r7", "medicationReference": drug}
    medication = {"resourceType": "Medication", "code": concept("2", RXNORM)}
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": "urn:uuid:aaa", "resource": patient},
            {"fullUrl": "urn:uuid:bbb", "resource": encounter},
            {"resource": condition},
            {"resource": request},
            {"fullUrl": "urn:uuid:ccc", "resource": medication},
            {"response": {"status": "201"}},
        ],
    }
    (tmp_path / "one.json").write_text(json.dumps(bundle, indent=2))
    found = load(tmp_path, path=str(tmp_path / "one.json"))
    (encounter,) = found.rows("encounters")
    assert (encounter["encounter_id"], encounter["patient_id"], encounter["organization_id"]) == (
        "bbb",
        "p7",
        "55",
    )
    (condition,) = found.rows("conditions")
    assert (condition["patient_id"], condition["encounter_id"]) == ("p7", "bbb")
    assert [row["code"] for row in found.rows("medication_requests")] == ["2"]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"reference": "Patient/1"}, "1"),
        ({"reference": "https://host/fhir/Patient/1/_history/4"}, "1"),
        ({"reference": "urn:uuid:1-2"}, "1-2"),
        ({"reference": "#1"}, "1"),
        ({"reference": "Patient?identifier=http://host/ids|1"}, "1"),
        ({"reference": "Patient?identifier=1"}, "1"),
        ({"identifier": {"system": "http://host/ids", "value": "1"}}, "1"),
        ({"display": "somebody"}, None),
        (None, None),
    ],
)
def test_a_reference_becomes_a_plain_id(reference: dict[str, Any] | None, expected: str | None) -> None:
    assert References().id_of(reference) == expected


def test_broken_lines_are_rejected_for_the_table_they_were_meant_for(tmp_path: Path) -> None:
    lines = [json.dumps(PATIENT), json.dumps(BLOOD_PRESSURE)[:60], "", "{", "[1]", json.dumps(PATIENT)]
    (tmp_path / "Patient.000.ndjson").write_text("\n".join(lines))
    found = load(tmp_path, path=str(tmp_path / "Patient.000.ndjson"))
    assert len(found.rows("patients")) == 2
    assert [(one["position"], one["table"]) for one in found.rejected["observations"]] == [
        (2, "observations")
    ]
    assert [(one["position"], one["reason"]) for one in found.rejected["patients"]] == [
        (4, "not valid JSON, or cut off"),
        (5, "JSON, but not a resource"),
    ]


def test_a_resource_of_the_wrong_shape_is_rejected_not_fatal(tmp_path: Path) -> None:
    wrong = {"resourceType": "Condition", "id": "c", "code": "E11", "subject": "Patient/1"}
    found = load_lines(tmp_path, wrong, PATIENT)
    assert [one["reason"] for one in found.rejected["conditions"]] == ["not shaped like a FHIR R4 Condition"]
    assert len(found.rows("patients")) == 1


def test_a_cut_bundle_is_rejected_and_the_others_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    bundle = json.dumps({"resourceType": "Bundle", "entry": [{"resource": PATIENT}]}, indent=1)
    (folder / "a.json").write_text(bundle[:-20])
    (folder / "b.json").write_text(bundle)
    found = load(tmp_path, path=str(folder))
    assert len(found.rows("patients")) == 1
    assert [one["file"] for parts in found.rejected.values() for one in parts] == ["a.json"]


def test_what_is_not_mapped_is_counted_per_file(tmp_path: Path) -> None:
    claim = {"resourceType": "Claim"}
    found = load_lines(tmp_path, claim, {"exportId": 1}, claim, PATIENT)
    assert found.rows("unmapped_resources") == [
        {"file": "all.ndjson", "resource_type": "(not FHIR)", "count": 1},
        {"file": "all.ndjson", "resource_type": "Claim", "count": 2},
    ]


def test_a_long_export_leaves_in_batches_with_running_numbers(tmp_path: Path) -> None:
    found = load_lines(tmp_path, *({"resourceType": "Patient", "id": str(n)} for n in range(45_000)))
    assert [batch.num_rows for batch in found.batches["patients"]] == [20_000, 20_000, 5_000]
    assert [n for b in found.batches["patients"] for n in record_numbers(b).to_pylist()] == list(
        range(1, 45_001)
    )


def test_only_changed_files_are_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "Patient.ndjson").write_text(json.dumps(PATIENT))
    (folder / "Observation.ndjson").write_text(json.dumps(BLOOD_PRESSURE))
    first = load(tmp_path, path=str(folder))
    (folder / "Patient.ndjson").write_text(json.dumps(PATIENT) + "\n" + json.dumps({**PATIENT, "id": "p2"}))
    second = load(tmp_path, first.state, path=str(folder))
    assert (len(second.rows("patients")), second.rows("observations")) == (2, [])
