"""The view of a task's model: reached from its page and by address, whole for any version."""

import json

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from analytics.catalog import shipped_tasks
from dashboards.addresses import link_to_model, page_of
from dashboards.screens.domain import all_pages
from dashboards.wording import say
from pipelines.settings import Settings
from pipelines.store import Audit, Store
from tests.dashboards.screens.conftest import Offered, Visit, plain, words_of

TABS = ("Candidates", "Trust", "Decision", "What it looks at", "Fairness", "Drift", "Versions")
TASK = "finance.credit_default"


def _on(visit: Visit, page: str, tab: str, **address: str) -> AppTest:
    """The model view with one of its tabs open."""
    language = address.get("lang", "en")
    task = next(each.task for each in all_pages() if each.name == page)
    app = visit(page, view="model", **address)
    app.session_state[f"model-tabs-{task}"] = say(language)(tab)
    return app.run()


@pytest.mark.parametrize(
    ("page", "language"),
    [("finance", "en"), ("finance", "zh"), ("logistics", "en")],  # the last is a version of an older release
)
def test_every_tab_is_drawn(full_home: Settings, visit: Visit, page: str, language: str) -> None:
    task = next(each.task for each in all_pages() if each.name == page)
    app = visit(page, view="model", lang=language)
    for tab in TABS:
        app.session_state[f"model-tabs-{task}"] = say(language)(tab)
        app.run()
        assert not app.error, tab
        assert not app.exception, tab

    assert app.title[0].value.startswith(say(language)("The model: {title}").partition("{")[0])


def test_the_page_of_a_task_leads_to_its_model_and_back(full_home: Settings, visit: Visit) -> None:
    app = visit("finance")
    app.button(f"about-the-model-{TASK}").click().run()

    assert app.title[0].value == "The model: Credit default within 12 months"
    next(button for button in app.button if button.label == "Back to the cases").click().run()
    assert app.title[0].value == "Credit portfolio"


def test_the_summary_names_version_quality_and_drift(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", view="model")
    said = words_of(app)

    assert "Version **v1**, in service" in said
    assert "81% of the time" in said
    assert "scores should not be relied on" in said
    assert app.metric[0].value == "0.812"
    assert app.metric[0].delta == "0.795 to 0.829"


def test_an_earlier_version_is_shown_by_address(full_home: Settings, visit: Visit) -> None:
    assert "Version **v0**, retired" in words_of(visit("finance", view="model", version="v0"))
    assert "Version: there is no «v9» here" in words_of(visit("finance", view="model", version="v9"))


def test_a_card_that_is_taken_along_is_noted(own_home: Settings, visit: Visit, offered: Offered) -> None:
    visit("finance", view="model", version="v0")
    assert offered["model-card-md"]().startswith(b"# ")
    with Store(own_home).session() as session:
        noted = session.scalars(select(Audit).order_by(Audit.id.desc()).limit(1)).one()
    assert noted.action == "export.model_card"
    named = {"page": "finance", "task": TASK, "version": "v0", "format": "md", "filters": []}
    assert json.loads(noted.detail) == named


def test_costs_move_the_threshold(full_home: Settings, visit: Visit) -> None:
    app = _on(visit, "finance", "Decision")
    assert "from a score of 16.7% on" in plain(app)
    app.number_input(f"miss-{TASK}").set_value(19.0).run()

    said = plain(app)
    assert "from a score of 5.0% on" in said
    assert "The task states 5 and 1, which lead to 16.7%" in said


def test_groups_are_compared_by_the_measure_chosen(full_home: Settings, visit: Visit) -> None:
    app = _on(visit, "finance", "Fairness")
    app.selectbox(f"fairness-{TASK}").set_value("false_negative_rate").run()

    said = words_of(app)
    assert "Gender\\: Share missed, of those with the event" in said
    assert "\\<script\\>" in said
    assert "<script>" not in said.replace("\\<", "")


def test_drift_names_what_moved(full_home: Settings, visit: Visit) -> None:
    app = _on(visit, "finance", "Drift")

    assert "Moved: «Income: last 3 months" in plain(app)
    assert "Income: last 3 months over the 3 before" in set(app.dataframe[-1].value["Feature"])


def test_the_history_says_how_to_go_back(full_home: Settings, visit: Visit) -> None:
    app = _on(visit, "finance", "Versions")

    assert set(app.dataframe[-1].value["Version"]) == {"v0", "v1"}
    assert f"sda task rollback {TASK}" in words_of(app)


def test_without_a_model_the_view_says_what_to_do(home: Settings, visit: Visit) -> None:
    assert f"sda train {TASK}" in words_of(visit("finance", view="model"))


def test_every_task_has_a_page_where_mails_link_to(full_home: Settings, visit: Visit) -> None:
    assert {page.task: page.name for page in all_pages()} == {
        page.task: page_of(page.task) for page in all_pages()
    }
    for task in shipped_tasks().values():
        app = visit(page_of(task.name))
        assert not app.error
        assert app.title[0].value != "Today"
    assert link_to_model(full_home, TASK, "v1").endswith("/finance?view=model&version=v1")
