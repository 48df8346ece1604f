"""The clinic's page: patients by their risk of a first diagnosis."""

from analytics.task import Task
from dashboards.domains.medical.cases import LABELS
from dashboards.domains.medical.tabs.cohorts import COHORTS
from dashboards.domains.medical.tabs.gaps import GAPS
from dashboards.domains.medical.tabs.sites import SITES
from dashboards.domains.medical.tabs.wards import WARDS
from dashboards.domains.medical.wording import notice, purpose, title, value_words
from dashboards.explore import figure
from dashboards.explore.figure import Figure
from dashboards.queries.medical import EVENTS, FACTS
from dashboards.screens.domain import DomainPage
from dashboards.screens.parts.columns import Shown
from dashboards.wording import Say

_TASK, _PATIENTS = "medical.disease_onset", "medical.patients"
_LABELS = LABELS[_TASK]
_AGE_GROUP = Shown("age_group", label=_LABELS["age_group"])
_WARD = Shown("ward", label=_LABELS["ward"])


def _figures(task: Task) -> tuple[Figure, ...]:
    return (
        figure.cases(lambda _: _("Patients")),
        figure.urgent(task),
        figure.expected(
            lambda _: _("Expected new diagnoses"),
            lambda _: _("The sum of all scores: how many first diagnoses to expect within twelve months."),
        ),
        figure.mean_score(task),
    )


def _outcome(_: Say) -> str:
    return _("First diagnoses within 12 months, by month")


_PAGE = DomainPage(
    name="medical",
    order=2,
    task=_TASK,
    title=title,
    icon=":material/cardiology:",
    about=purpose,
    notice=notice,
    outcome=_outcome,
    value_words=value_words,
    figures=_figures,
    entity=Shown("entity_id", _PATIENTS, "patient_id"),
    columns=(
        _WARD,
        Shown("age", label=_LABELS["age"]),
        Shown("gender", _PATIENTS),
        Shown("last_seen_at", label=_LABELS["last_seen_at"]),
        Shown("family_name", _PATIENTS),
        Shown("given_name", _PATIENTS),
        Shown("state", _PATIENTS),
    ),
    segments=(_WARD, _AGE_GROUP, Shown("gender", _PATIENTS), Shown("state", _PATIENTS)),
    more=(Shown("birth_date", _PATIENTS),),
    facts=FACTS,
    events=EVENTS,
    tabs=(WARDS, GAPS, COHORTS, SITES),
)
PAGES = (_PAGE,)
