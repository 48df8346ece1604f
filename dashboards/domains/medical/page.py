"""The clinic's page: patients by their risk of a first diagnosis."""

from typing import Any

from dashboards.domains.medical.wording import notice, purpose, title, value_words
from dashboards.queries.medical import EVENTS, FACTS, patients_sql
from dashboards.queries.predictions import headline
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown
from dashboards.screens.parts.headline import Headline, headlines_of_events
from dashboards.wording import Say
from pipelines.words import words

_PATIENTS = "medical.patients"
_AGE_GROUP = Shown("age_group", label=words("Age group", "年龄组"))


def _headlines(here: Here, row: dict[str, Any]) -> list[Headline]:
    _ = here.say
    return headlines_of_events(
        here,
        row,
        _("Patients"),
        _("Expected new diagnoses"),
        _("The sum of all scores: how many first diagnoses to expect within twelve months."),
    )


def _outcome(_: Say) -> str:
    return _("First diagnoses within 12 months, by month")


_PAGE = DomainPage(
    name="medical",
    order=2,
    task="medical.disease_onset",
    title=title,
    icon=":material/cardiology:",
    about=purpose,
    notice=notice,
    outcome=_outcome,
    value_words=value_words,
    cases=patients_sql,
    entity=Shown("entity_id", _PATIENTS, "patient_id"),
    columns=(
        Shown("age", label=words("Age", "年龄")),
        Shown("gender", _PATIENTS),
        Shown("family_name", _PATIENTS),
        Shown("given_name", _PATIENTS),
        Shown("state", _PATIENTS),
        Shown("last_seen_at", label=words("Last seen", "最近就诊")),
    ),
    segments=(_AGE_GROUP, Shown("gender", _PATIENTS), Shown("state", _PATIENTS)),
    headline=headline,
    headlines=_headlines,
    facts=FACTS,
    events=EVENTS,
)
PAGES = (_PAGE,)
