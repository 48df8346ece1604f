"""What the clinic's tables promise: FHIR R4 resources made flat, times in UTC, values in canonical units.

`known_at` is the time of recording; where a resource has none, its clinical time stands in (the features
say `coalesce(recorded_at, onset_at)`). Resources refer to encounters that an export may leave out, so a
missing encounter is a warning; a missing patient is not.
"""

from collections.abc import Callable

import polars as pl

from pipelines.contract import Column, Contract, Trait
from pipelines.medical.units import to_canonical
from pipelines.queries import read_sql
from pipelines.words import words

SNOMED = "http://snomed.info/sct"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"

_PATIENT = Column(
    "patient_id",
    required=True,
    references="medical.patients.patient_id",
    personal="identifier",
    label=words("Patient", "患者号"),
)
_ENCOUNTER = Column(
    "encounter_id",
    references="medical.encounters.encounter_id",
    on_missing_reference="warn",
    label=words("Encounter", "就诊号"),
)
_EARLIEST = "1900-01-01"


def _coded(required: bool = True) -> tuple[Column, Column, Column]:
    """The three columns a CodeableConcept becomes."""
    return (
        Column("code", required=required, label=words("Code", "代码")),
        Column("code_system", label=words("Code system", "代码系统")),
        Column("code_text", label=words("Meaning", "代码含义")),
    )


PATIENTS = Contract(
    table="medical.patients",
    key=("patient_id",),
    description="One row per Patient resource.",
    columns=(
        Column("patient_id", required=True, personal="identifier", label=words("Patient", "患者号")),
        Column(
            "birth_date",
            "date",
            required=True,
            minimum=_EARLIEST,
            personal="birth_date",
            label=words("Date of birth", "出生日期"),
        ),
        Column("deceased_at", "timestamp", minimum=_EARLIEST, label=words("Deceased at", "死亡时间")),
        Column("gender", allowed=("female", "male", "other", "unknown"), label=words("Gender", "性别")),
        Column("family_name", personal="name", label=words("Family name", "姓")),
        Column("given_name", personal="name", label=words("Given name", "名")),
        Column("city", personal="address", label=words("City", "城市")),
        Column("state", label=words("State", "省州")),
        Column("postal_code", personal="address", label=words("Postal code", "邮政编码")),
        Column("country", label=words("Country", "国家")),
        Column("marital_status", label=words("Marital status", "婚姻状况")),
        Column("language", label=words("Language", "语言")),
    ),
)

ENCOUNTERS = Contract(
    table="medical.encounters",
    key=("encounter_id",),
    known_at="started_at",
    description="One row per Encounter resource.",
    columns=(
        Column("encounter_id", required=True, label=words("Encounter", "就诊号")),
        _PATIENT,
        Column("class", label=words("Class", "就诊类别")),
        Column("type_code", label=words("Type code", "类型代码")),
        Column("type_system", label=words("Type code system", "类型代码系统")),
        Column("type_text", label=words("Type", "就诊类型")),
        Column(
            "started_at", "timestamp", required=True, minimum=_EARLIEST, label=words("Started at", "开始时间")
        ),
        Column("ended_at", "timestamp", minimum=_EARLIEST, label=words("Ended at", "结束时间")),
        Column(
            "status",
            allowed=(
                "planned",
                "arrived",
                "triaged",
                "in-progress",
                "onleave",
                "finished",
                "cancelled",
                "entered-in-error",
                "unknown",
            ),
            label=words("Status", "状态"),
        ),
        Column("reason_code", label=words("Reason", "就诊原因")),
        Column("organization_id", label=words("Organisation", "机构号")),
    ),
)

CONDITIONS = Contract(
    table="medical.conditions",
    key=("condition_id",),
    known_at="recorded_at",
    description="One row per Condition resource: a diagnosis or a finding.",
    columns=(
        Column("condition_id", required=True, label=words("Condition", "诊断号")),
        _PATIENT,
        _ENCOUNTER,
        *_coded(),
        Column(
            "clinical_status",
            allowed=("active", "recurrence", "relapse", "inactive", "remission", "resolved"),
            label=words("Clinical status", "临床状态"),
        ),
        Column(
            "verification_status",
            allowed=(
                "unconfirmed",
                "provisional",
                "differential",
                "confirmed",
                "refuted",
                "entered-in-error",
            ),
            label=words("Verification", "核实状态"),
        ),
        Column("onset_at", "timestamp", minimum=_EARLIEST, label=words("Onset", "起病时间")),
        Column("abated_at", "timestamp", minimum=_EARLIEST, label=words("Abated", "缓解时间")),
        Column("recorded_at", "timestamp", minimum=_EARLIEST, label=words("Recorded at", "记录时间")),
    ),
)

OBSERVATIONS = Contract(
    table="medical.observations",
    key=("observation_id",),
    known_at="issued_at",
    description="One row per measurement: an Observation resource, or one component of it.",
    columns=(
        Column("observation_id", required=True, label=words("Observation", "观察号")),
        _PATIENT,
        _ENCOUNTER,
        Column("category", label=words("Category", "类别")),
        *_coded(),
        Column("effective_at", "timestamp", minimum=_EARLIEST, label=words("Measured at", "测量时间")),
        Column("issued_at", "timestamp", minimum=_EARLIEST, label=words("Issued at", "发布时间")),
        Column("value", "number", unit_column="unit", code_column="code", label=words("Value", "数值")),
        Column("unit", label=words("Unit", "单位")),
        Column("value_code", label=words("Coded value", "编码值")),
        Column("value_text", personal="free_text", label=words("Value in words", "文字结果")),
        Column(
            "status",
            allowed=(
                "registered",
                "preliminary",
                "final",
                "amended",
                "corrected",
                "cancelled",
                "entered-in-error",
                "unknown",
            ),
            label=words("Status", "状态"),
        ),
    ),
)

MEDICATION_REQUESTS = Contract(
    table="medical.medication_requests",
    key=("medication_request_id",),
    known_at="authored_at",
    description="One row per MedicationRequest resource.",
    columns=(
        Column("medication_request_id", required=True, label=words("Prescription", "处方号")),
        _PATIENT,
        _ENCOUNTER,
        *_coded(required=False),
        Column("authored_at", "timestamp", minimum=_EARLIEST, label=words("Authored at", "开具时间")),
        Column("status", label=words("Status", "状态")),
        Column("intent", label=words("Intent", "意图")),
    ),
)

PROCEDURES = Contract(
    table="medical.procedures",
    key=("procedure_id",),
    known_at="started_at",
    description="One row per Procedure resource.",
    columns=(
        Column("procedure_id", required=True, label=words("Procedure", "操作号")),
        _PATIENT,
        _ENCOUNTER,
        *_coded(),
        Column("started_at", "timestamp", minimum=_EARLIEST, label=words("Started at", "开始时间")),
        Column("ended_at", "timestamp", minimum=_EARLIEST, label=words("Ended at", "结束时间")),
        Column("status", label=words("Status", "状态")),
    ),
)

DIAGNOSTIC_REPORTS = Contract(
    table="medical.diagnostic_reports",
    key=("diagnostic_report_id",),
    known_at="issued_at",
    description="One row per DiagnosticReport resource.",
    columns=(
        Column("diagnostic_report_id", required=True, label=words("Report", "报告号")),
        _PATIENT,
        _ENCOUNTER,
        *_coded(),
        Column("effective_at", "timestamp", minimum=_EARLIEST, label=words("Examined at", "检查时间")),
        Column("issued_at", "timestamp", minimum=_EARLIEST, label=words("Issued at", "发布时间")),
        Column("status", label=words("Status", "状态")),
    ),
)

UNMAPPED_RESOURCES = Contract(
    table="medical.unmapped_resources",
    description="How many resources of each type an export held that no table takes up.",
    columns=(
        Column("file", required=True, label=words("File", "文件")),
        Column("resource_type", required=True, label=words("Resource type", "资源类型")),
        Column("count", "integer", minimum=1, label=words("Resources", "资源数")),
    ),
)

CONTRACTS: tuple[Contract, ...] = (
    PATIENTS,
    ENCOUNTERS,
    CONDITIONS,
    OBSERVATIONS,
    MEDICATION_REQUESTS,
    PROCEDURES,
    DIAGNOSTIC_REPORTS,
    UNMAPPED_RESOURCES,
)


def ward_sql(encounters: str = "medical.encounters") -> str:
    """`key` (a patient), `value` (the organisation that looks after them), by a relation of encounters."""
    return read_sql("medical", "ward", encounters=encounters)


# A ward's list holds the patients it looks after, with all that is known of them, wherever it was recorded.
# Whose rows a reader may see is decided by the ward of today, also where a page shows a past day.
TRAITS: dict[str, Trait] = {
    "medical.patients.ward": Trait("patient_id", ward_sql(), words("Ward", "病区")),
}

# Called by `pipelines.checks` on each typed batch, which carries `_row`: (frame) -> (frame, problems).
TRANSFORMS: dict[str, Callable[[pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]] = {
    "medical.observations": to_canonical,
}
