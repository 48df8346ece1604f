"""The pages of the domains: figures, the ranked list with its filters, one case, and who sees what."""

import pytest
from streamlit.testing.v1 import AppTest

from analytics.catalog import shipped_tasks
from dashboards.explore.cases import EVERY, listed_columns
from dashboards.queries.reading import reader
from dashboards.reports.viewed import cases_now
from dashboards.screens.domain import DomainPage, all_pages
from dashboards.wording import say
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.dashboards.screens.conftest import CASES, NAME_OF_NOBODY, Visit, words_of

DOMAINS = {
    "finance": "L",
    "medical": "P",
    "logistics": "S",
    "logistics-vehicle_breakdown": "V",
    "logistics-stop_arrival": "T/",
}


def _listed(app: AppTest) -> list[str]:
    """The identifiers in the ranked list, as shown."""
    table = app.dataframe[-1].value
    return [str(value) for value in table.iloc[:, 0]]


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_list_starts_with_the_highest_score(full_home: Settings, visit: Visit, domain: str) -> None:
    app = visit(domain)

    highest = max(range(CASES), key=lambda n: (n / CASES + 0.3) % 1.0)
    assert not app.error
    assert _listed(app)[0] == f"{DOMAINS[domain]}{highest:03d}"
    assert len(_listed(app)) == 20


@pytest.mark.parametrize("domain", DOMAINS)
def test_pages_speak_chinese(full_home: Settings, visit: Visit, domain: str) -> None:
    app = visit(domain, lang="zh")

    assert not app.error
    assert say("zh")("Ranked list") in [heading.value for heading in app.header]


@pytest.mark.parametrize(("domain", "prefix"), DOMAINS.items())
def test_one_case_tells_score_reasons_facts_and_events(
    full_home: Settings, visit: Visit, domain: str, prefix: str
) -> None:
    app = visit(domain, case=f"{prefix}010")

    said = words_of(app)
    assert not app.error
    assert app.title[0].value.endswith(f"{prefix}010")
    assert ("Expected: **" if domain == "logistics-stop_arrival" else "Chance that this") in said
    assert "Why this score" in said
    assert "What is known" in said
    assert "Recent events" in words_of(visit(domain, case=f"{prefix}010", look="events"))


def test_arrivals_are_told_in_minutes_and_against_their_windows(full_home: Settings, visit: Visit) -> None:
    app = visit("logistics-stop_arrival")
    figures = {metric.label: metric.value for metric in app.metric}

    # Every score is between 0 and 1 minute: late where the window closes as the stop is planned.
    late = sum(1 for n in range(0, CASES, 2) if round(0.98 * ((n / CASES + 0.3) % 1.0)))
    assert figures["Stops ahead"] == str(CASES)
    assert figures["Vehicles on the road"] == "1"
    assert figures["Windows missed"] == str(late)
    first = app.dataframe[-1].value.iloc[0]
    assert (first["Band"], first["Depot"], first["Vehicle"]) == ("On time", "North", "V000")
    assert str(first["Expected arrival"]) > str(first["Planned arrival"])


def test_a_case_that_is_gone_is_said_in_words(full_home: Settings, visit: Visit) -> None:
    assert "There is no case «L999»" in words_of(visit("finance", case="L999"))


def test_names_are_masked_for_an_analyst_and_shown_as_text_to_a_caseworker(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    masked = visit("finance", case="L010").table[0].value
    monkeypatch.setenv("SDA_ROLE", "caseworker")
    clear = visit("finance", case="L010").table[0].value

    assert "Zzyzx" not in masked.to_string()
    assert NAME_OF_NOBODY.replace("<", "\\<").replace(">", "\\>") in clear.to_string()


def test_an_engineer_sees_pseudonyms_and_opens_no_case(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_ROLE", "engineer")
    app = visit("medical", case="P010")

    assert app.title[0].value == "Patient risk"
    assert all(shown.startswith("#") for shown in _listed(app))


def test_the_medical_page_claims_no_diagnosis(full_home: Settings, visit: Visit) -> None:
    assert any("This is not a diagnosis" in info.value for info in visit("medical").info)


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.task)
def test_a_page_lists_what_a_mail_can_be_narrowed_by(full_home: Settings, page: DomainPage) -> None:
    task = shipped_tasks()[page.task]
    with Warehouse(full_home).reading() as connection:
        schema = cases_now(full_home, task, reader(connection)).schema(reader(connection))
    shown = {each.column for each in (*page.columns, *page.segments, *page.more)} | {*EVERY}
    assert shown & {*schema} == listed_columns(full_home, task) & {*schema}


@pytest.mark.parametrize("domain", DOMAINS)
def test_without_predictions_the_page_says_what_to_do(home: Settings, visit: Visit, domain: str) -> None:
    app = visit(domain)

    assert not app.error
    assert "sda train" in words_of(app)
