"""The report `patient-risk`: who is likeliest to fall ill, for planning examinations; it is no diagnosis."""

import polars as pl

from dashboards.domains.medical.wording import notice, purpose, title, value_words
from dashboards.queries.medical import patients
from dashboards.reports import standard
from dashboards.reports.desk import Blueprint, Content, Desk
from dashboards.reports.report import Column, Paragraph
from dashboards.wording import in_language
from pipelines.medical.contracts import PATIENTS


def write(desk: Desk) -> Content:
    """The report for one reader: the notice first, then figures, bands, trend, ages, reasons and the list."""
    _ = desk.say
    now = patients(desk.read, desk.task, desk.as_of)
    before = patients(desk.read, desk.task, desk.before) if desk.before else None
    cases = desk.masked(now, PATIENTS).with_columns(pl.col("gender").replace(value_words(_)))
    event = in_language(desk.task.meaning.title, desk.language)
    return Content(
        title=title(_),
        summary=_("{high} of {all} patients stand in the upper bands. {event}. Not a diagnosis.").format(
            high=desk.count(standard.urgent(desk, now)), all=desk.count(now), event=event
        ),
        sections=(
            Paragraph(_("Please note"), notice(_), "notice"),
            standard.common_headlines(desk, now, before, _("Patients scored")),
            *standard.charts_of_scores(desk),
            *standard.chart_of_outcomes(desk, _("First diagnoses within 12 months, by month of landmark")),
            *standard.chart_of_reliability(desk),
            standard.chart_of_segments(desk, cases, "age_group", _("Mean score by age"), _("Age")),
            standard.chart_of_reasons(desk, cases),
            standard.ranking(
                desk,
                cases,
                _("Patients with the highest scores"),
                Column("entity_id", _("Patient")),
                Column("age", _("Age"), "integer"),
                Column("gender", _("Sex")),
                Column("last_seen_at", _("Last seen"), "date"),
            ),
            Paragraph(_("What these numbers are for"), purpose(_)),
        ),
    )


REPORT = Blueprint("patient-risk", "medical", "medical.disease_onset", write, title)
