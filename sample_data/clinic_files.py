"""The clinic's files: a FHIR R4 bulk export, one packed NDJSON file per resource type."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipelines.medical.contracts import LOINC, SNOMED
from sample_data.files import Dirt, write_bytes

Resource = dict[str, Any]
_LARGE = ("Observation", "Encounter")  # packed tighter than gzip can
_PRESSURE = {"code": {"coding": [{"system": LOINC, "code": "85354-9"}]}}
_BROKEN = {  # resource type -> changes that break one rule of its table
    "Observation": (
        ("unit", 30, {"valueQuantity": {"value": 7.1, "code": "furlong"}}),
        ("range", 25, {"valueQuantity": {"value": 5400, "unit": "mmol/L", "code": "mmol/L"}}),
        ("reference", 12, {"subject": {"reference": "Patient/p99999"}}),
        ("allowed", 8, {"status": "done"}),
    ),
    "Condition": (
        ("required", 10, {"subject": None}),
        ("type", 6, {"recordedDate": "32/13/2024"}),
    ),
    "Encounter": (("type", 6, {"period": {"start": "soon"}}),),
}


def write_clinic(tables: dict[str, pl.DataFrame], folder: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Writes one file per resource type below `folder`."""
    for kind, (table, resource) in _RESOURCES.items():
        resources = [*resource(tables[table])]
        broken = [*_broken(kind, f"medical.{table}", resources, rng, dirt)]
        lines = [*_lines(resources), *_lines(broken)]
        if kind == "Observation":
            lines.append(lines[0][: len(lines[0]) // 2])
            dirt.breaks("medical.observations", "unreadable", 1)
        suffix = "zst" if kind in _LARGE else "gz"
        write_bytes(("\n".join(lines) + "\n").encode(), folder / f"{kind}.ndjson.{suffix}")
    unmapped = [_immunization(row) for row in tables["patients"].head(60).iter_rows(named=True)]
    dirt.mends("medical", "resource type that is not mapped (Immunization)", len(unmapped))
    write_bytes(("\n".join(_lines(unmapped)) + "\n").encode(), folder / "Immunization.ndjson.gz")


def _broken(
    kind: str, table: str, resources: list[Resource], rng: np.random.Generator, dirt: Dirt
) -> Iterator[Resource]:
    for rule, count, changes in _BROKEN.get(kind, ()):
        whole = [each for each in resources if "component" not in each and "valueCodeableConcept" not in each]
        glucose = [each for each in whole if _code(each) in ("2345-7", "14749-6")]
        chosen = rng.choice(len(glucose or whole), count, replace=False)
        for number, index in enumerate(np.sort(chosen)):
            changed = {**(glucose or whole)[index], "id": f"x-{rule}-{number}", **changes}
            yield {name: value for name, value in changed.items() if value is not None}
        dirt.breaks(table, rule, count)


def _code(resource: Resource) -> str:
    return str(resource.get("code", {}).get("coding", [{}])[0].get("code", ""))


def _lines(resources: Iterable[Resource]) -> Iterator[str]:
    return (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in resources)


def _at(moment: Any) -> str:
    return f"{moment.isoformat()}Z"


def _concept(row: dict[str, Any], display: bool = True) -> Resource:
    coding = {"system": row["code_system"], "code": row["code"]}
    return {"coding": [coding | {"display": row["code_text"]} if display else coding]}


def _base(kind: str, row: dict[str, Any], key: str) -> Resource:
    return {
        "resourceType": kind,
        "id": row[key],
        "subject": {"reference": f"Patient/{row['patient_id']}"},
        "encounter": {"reference": f"Encounter/{row['encounter_id']}"},
    }


def _patients(table: pl.DataFrame) -> Iterator[Resource]:
    for row in table.iter_rows(named=True):
        address = {"city": row["city"], "postalCode": row["postal_code"], "country": row["country"]}
        patient: Resource = {
            "resourceType": "Patient",
            "id": row["patient_id"],
            "name": [{"family": row["family_name"], "given": [row["given_name"]]}],
            "gender": row["gender"],
            "birthDate": row["birth_date"].isoformat(),
            "address": [address],
            "maritalStatus": {"coding": [{"code": row["marital_status"]}]},
        }
        if row["deceased_at"]:
            patient["deceasedDateTime"] = _at(row["deceased_at"])
        yield patient


def _encounters(table: pl.DataFrame) -> Iterator[Resource]:
    for row in table.iter_rows(named=True):
        yield {
            "resourceType": "Encounter",
            "id": row["encounter_id"],
            "status": row["status"],
            "class": {"code": row["class"]},
            "type": [{"coding": [{"system": SNOMED, "code": row["type_code"], "display": row["type_text"]}]}],
            "subject": {"reference": f"Patient/{row['patient_id']}"},
            "period": {"start": _at(row["started_at"]), "end": _at(row["ended_at"])},
            "serviceProvider": {"reference": f"Organization/{row['organization_id']}"},
        }


def _conditions(table: pl.DataFrame) -> Iterator[Resource]:
    for row in table.iter_rows(named=True):
        condition = _base("Condition", row, "condition_id") | {
            "clinicalStatus": {"coding": [{"code": row["clinical_status"]}]},
            "verificationStatus": {"coding": [{"code": row["verification_status"]}]},
            "code": _concept(row),
            "onsetDateTime": row["onset_at"].date().isoformat(),
            "recordedDate": _at(row["recorded_at"]),
        }
        if row["abated_at"]:
            condition["abatementDateTime"] = row["abated_at"].date().isoformat()
        yield condition


def _observations(table: pl.DataFrame) -> Iterator[Resource]:
    """Rows `o7#1` and `o7#2` become the two components of one blood pressure."""
    panel: Resource = {}
    for row in table.iter_rows(named=True):
        number, _, component = row["observation_id"].partition("#")
        if component:
            part = {"code": _concept(row, display=False), "valueQuantity": _quantity(row)}
            if component == "1":
                panel = _observation(row, number) | _PRESSURE | {"component": [part]}
            else:
                panel["component"].append(part)
                yield panel
            continue
        observation = _observation(row, number) | {"code": _concept(row)}
        if row["value_code"]:
            answer = {"coding": [{"system": SNOMED, "code": row["value_code"]}]}
            observation["valueCodeableConcept"] = answer
        else:
            observation["valueQuantity"] = _quantity(row)
        yield observation


def _observation(row: dict[str, Any], number: str) -> Resource:
    observation = _base("Observation", {**row, "observation_id": number}, "observation_id") | {
        "status": row["status"],
        "category": [{"coding": [{"code": row["category"]}]}],
        "effectiveDateTime": _at(row["effective_at"]),
    }
    return observation | ({"issued": _at(row["issued_at"])} if row["issued_at"] else {})


def _quantity(row: dict[str, Any]) -> Resource:
    value = row["value"]
    return {"value": int(value) if value == int(value) else value, "code": row["unit"]}


def _medications(table: pl.DataFrame) -> Iterator[Resource]:
    for row in table.iter_rows(named=True):
        yield _base("MedicationRequest", row, "medication_request_id") | {
            "status": row["status"],
            "intent": row["intent"],
            "medicationCodeableConcept": _concept(row),
            "authoredOn": _at(row["authored_at"]),
        }


def _procedures(table: pl.DataFrame) -> Iterator[Resource]:
    for row in table.iter_rows(named=True):
        yield _base("Procedure", row, "procedure_id") | {
            "status": row["status"],
            "code": _concept(row),
            "performedPeriod": {"start": _at(row["started_at"]), "end": _at(row["ended_at"])},
        }


def _reports(table: pl.DataFrame) -> Iterator[Resource]:
    for row in table.iter_rows(named=True):
        yield _base("DiagnosticReport", row, "diagnostic_report_id") | {
            "status": row["status"],
            "code": _concept(row),
            "effectiveDateTime": _at(row["effective_at"]),
            "issued": _at(row["issued_at"]),
        }


def _immunization(row: dict[str, Any]) -> Resource:
    return {
        "resourceType": "Immunization",
        "id": f"i{row['patient_id'][1:]}",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "140"}]},
        "patient": {"reference": f"Patient/{row['patient_id']}"},
        "occurrenceDateTime": "2025-10-15",
    }


_RESOURCES: dict[str, tuple[str, Callable[[pl.DataFrame], Iterator[Resource]]]] = {
    "Patient": ("patients", _patients),
    "Encounter": ("encounters", _encounters),
    "Condition": ("conditions", _conditions),
    "Observation": ("observations", _observations),
    "MedicationRequest": ("medication_requests", _medications),
    "Procedure": ("procedures", _procedures),
    "DiagnosticReport": ("diagnostic_reports", _reports),
}
