"""FHIR R4 resources as rows of flat tables. Everything is text; dates keep their zone offset.

Of repeated elements (names, addresses, codings) the first is taken, the one that FHIR prefers.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.fhir.references import References, Resource

Row = tuple[str | None, ...]
# (code, system, text) of a Medication resource, by its id.
Medications = Mapping[str, Row]


@dataclass(frozen=True)
class Context:
    """What a resource is read with: the references of its Bundle, the Medications of its export."""

    references: References
    medications: Medications


@dataclass(frozen=True)
class Mapped:
    """The flat table of one resource type."""

    table: str
    columns: tuple[str, ...]
    rows: Callable[[Resource, Context], Iterable[Row]]


def coded(concept: Resource | None) -> Row:
    """A CodeableConcept as (code, system, text)."""
    if not concept:
        return None, None, None
    coding = _first(concept.get("coding"))
    return coding.get("code"), coding.get("system"), concept.get("text") or coding.get("display")


def _first(values: list[Resource] | None) -> Resource:
    return values[0] if values else {}


def _subject(resource: Resource, context: Context) -> Row:
    """(patient id, encounter id) of a resource."""
    references = context.references
    return references.id_of(resource.get("subject")), references.id_of(resource.get("encounter"))


def _text(value: Any) -> str | None:
    """A JSON value as text: strings as they are, the rest as JSON."""
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


def _patient(resource: Resource, _: Context) -> Iterable[Row]:
    names = resource.get("name") or []
    name: Resource = next((one for one in names if one.get("use") == "official"), _first(names))
    address = _first(resource.get("address"))
    married, _system, married_text = coded(resource.get("maritalStatus"))
    language, _system, language_text = coded(_first(resource.get("communication")).get("language"))
    yield (
        resource.get("id"),
        resource.get("birthDate"),
        resource.get("deceasedDateTime"),
        resource.get("gender"),
        name.get("family"),
        " ".join(name.get("given") or ()) or None,
        address.get("city"),
        address.get("state"),
        address.get("postalCode"),
        address.get("country"),
        married or married_text,
        language or language_text,
    )


def _encounter(resource: Resource, context: Context) -> Iterable[Row]:
    period = resource.get("period") or {}
    reason, _system, _reason_text = coded(_first(resource.get("reasonCode")))
    yield (
        resource.get("id"),
        context.references.id_of(resource.get("subject")),
        (resource.get("class") or {}).get("code"),
        *coded(_first(resource.get("type"))),
        period.get("start"),
        period.get("end"),
        resource.get("status"),
        reason,
        context.references.id_of(resource.get("serviceProvider")),
    )


def _condition(resource: Resource, context: Context) -> Iterable[Row]:
    onset, abated = resource.get("onsetPeriod") or {}, resource.get("abatementPeriod") or {}
    yield (
        resource.get("id"),
        *_subject(resource, context),
        *coded(resource.get("code")),
        coded(resource.get("clinicalStatus"))[0],
        coded(resource.get("verificationStatus"))[0],
        resource.get("onsetDateTime") or onset.get("start"),
        resource.get("abatementDateTime") or abated.get("end"),
        resource.get("recordedDate"),
    )


def _observation(resource: Resource, context: Context) -> Iterable[Row]:
    """The observation itself, then each component (systolic, diastolic) as `id#1`, `id#2`, ..."""
    identity = resource.get("id")
    subject = _subject(resource, context)
    category = coded(_first(resource.get("category")))[0]
    times = (_when(resource), resource.get("issued"))
    status = resource.get("status")
    for number, measured in enumerate((resource, *(resource.get("component") or ()))):
        name = f"{identity}#{number}" if number and identity else identity
        yield (name, *subject, category, *coded(measured.get("code")), *times, *_value(measured), status)


def _when(resource: Resource) -> str | None:
    period = resource.get("effectivePeriod") or {}
    return resource.get("effectiveDateTime") or resource.get("effectiveInstant") or period.get("start")


def _value(measured: Resource) -> Row:
    """(number, unit, code, text) of a value[x]. A quantity with a comparator (`<5`) is text as well."""
    if quantity := measured.get("valueQuantity"):
        number, unit = _text(quantity.get("value")), quantity.get("code") or quantity.get("unit")
        comparator = quantity.get("comparator")
        return number, unit, None, f"{comparator}{number} {unit or ''}".strip() if comparator else None
    if concept := measured.get("valueCodeableConcept"):
        code, _system, text = coded(concept)
        return None, None, code, text
    if (integer := measured.get("valueInteger")) is not None:
        return _text(integer), None, None, None
    other = next((value for name, value in measured.items() if name.startswith("value")), None)
    return None, None, None, _text(other)


def _medication_request(resource: Resource, context: Context) -> Iterable[Row]:
    yield (
        resource.get("id"),
        *_subject(resource, context),
        *_medication(resource, context),
        resource.get("authoredOn"),
        resource.get("status"),
        resource.get("intent"),
    )


def _medication(resource: Resource, context: Context) -> Row:
    """The code of what is prescribed: said here, contained here, or in a Medication of the export."""
    if concept := resource.get("medicationCodeableConcept"):
        return coded(concept)
    reference = resource.get("medicationReference") or {}
    identity = context.references.id_of(reference)
    contained = {one.get("id"): coded(one.get("code")) for one in resource.get("contained") or ()}
    return contained.get(identity) or context.medications.get(identity or "") or (
        None, None, reference.get("display")
    )  # fmt: skip


def _procedure(resource: Resource, context: Context) -> Iterable[Row]:
    period = resource.get("performedPeriod") or {}
    yield (
        resource.get("id"),
        *_subject(resource, context),
        *coded(resource.get("code")),
        resource.get("performedDateTime") or period.get("start"),
        period.get("end"),
        resource.get("status"),
    )


def _diagnostic_report(resource: Resource, context: Context) -> Iterable[Row]:
    yield (
        resource.get("id"),
        *_subject(resource, context),
        *coded(resource.get("code")),
        _when(resource),
        resource.get("issued"),
        resource.get("status"),
    )


_OF_WHOM = ("patient_id", "encounter_id")
_CODE = ("code", "code_system", "code_text")
MAPPED: dict[str, Mapped] = {
    "Patient": Mapped(
        "patients",
        ("patient_id", "birth_date", "deceased_at", "gender", "family_name", "given_name", "city", "state",
         "postal_code", "country", "marital_status", "language"),
        _patient,
    ),
    "Encounter": Mapped(
        "encounters",
        ("encounter_id", "patient_id", "class", "type_code", "type_system", "type_text", "started_at",
         "ended_at", "status", "reason_code", "organization_id"),
        _encounter,
    ),
    "Condition": Mapped(
        "conditions",
        ("condition_id", *_OF_WHOM, *_CODE, "clinical_status", "verification_status", "onset_at", "abated_at",
         "recorded_at"),
        _condition,
    ),
    "Observation": Mapped(
        "observations",
        ("observation_id", *_OF_WHOM, "category", *_CODE, "effective_at", "issued_at", "value", "unit",
         "value_code", "value_text", "status"),
        _observation,
    ),
    "MedicationRequest": Mapped(
        "medication_requests",
        ("medication_request_id", *_OF_WHOM, *_CODE, "authored_at", "status", "intent"),
        _medication_request,
    ),
    "Procedure": Mapped(
        "procedures", ("procedure_id", *_OF_WHOM, *_CODE, "started_at", "ended_at", "status"), _procedure
    ),
    "DiagnosticReport": Mapped(
        "diagnostic_reports",
        ("diagnostic_report_id", *_OF_WHOM, *_CODE, "effective_at", "issued_at", "status"),
        _diagnostic_report,
    ),
}  # fmt: skip
