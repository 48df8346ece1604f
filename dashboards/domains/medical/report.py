"""The report `patient-risk`: who is likeliest to fall ill, for planning examinations; it is no diagnosis."""

from collections.abc import Iterator

from dashboards.domains.medical.wording import title, value_words
from dashboards.queries.medical import patients_sql
from dashboards.reports import changes, standard
from dashboards.reports.desk import Blueprint, Scored
from dashboards.reports.report import Column, Section, Table
from dashboards.wording import in_language, say
from pipelines.medical.contracts import PATIENTS


def summary(desk: Scored) -> str:
    """How many are urgent, of what, and that it is no diagnosis."""
    _ = desk.say
    now, _before = standard.measured(desk)
    return _("{high} of {all} patients stand in the upper bands. {event}. Not a diagnosis.").format(
        high=desk.count(now["urgent"]),
        all=desk.count(now["cases"]),
        event=in_language(desk.task.meaning.title, desk.language),
    )


def _figures(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    yield standard.common_headlines(desk, *standard.measured(desk), _("Patients scored"))


def _outcomes(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    return standard.outcomes(desk, _("First diagnoses within 12 months, by month of the score"))


def _segments(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    cases = patients_sql(desk.task)
    return standard.segments(desk, cases, "age_group", _("Mean score by age"), _("Age"))


def _ranking(desk: Scored) -> Iterator[Table]:
    _ = desk.say
    yield standard.ranking(
        desk,
        _("Patients with the highest scores"),
        Column("entity_id", _("Patient")),
        Column("age", _("Age"), "integer"),
        Column("gender", _("Gender")),
        Column("last_seen_at", _("Last seen"), "date"),
        words={"gender": value_words(_)},
    )


REPORT = Blueprint(
    name="patient-risk",
    title=lambda language: title(say(language)),
    summary=summary,
    figures=standard.FIGURES,
    values=lambda desk: standard.values(desk, standard.measured(desk)[0]),
    notice=standard.notice,
    sections={
        "figures": _figures,
        "changes": changes.sections,
        "bands": standard.bands,
        "scores": standard.scores,
        "outcomes": _outcomes,
        "reliability": standard.reliability,
        "segments": _segments,
        "reasons": standard.reasons,
        "ranking": _ranking,
        "purpose": standard.purpose,
    },
    domain="medical",
    task="medical.disease_onset",
    cases=patients_sql,
    contracts=(PATIENTS,),
    parameters={
        "state": "medical.patients.state",
        "ward": "medical.patients.ward",
    },
    defaults={"schedule": "0 7 * * *"},
)
