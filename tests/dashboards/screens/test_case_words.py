"""On one case: events as reasons, the label set in words, what would change it, and what people say."""

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from analytics import feedback
from analytics.cases import Cases
from analytics.catalog import task_named
from analytics.recourse import Change, Step
from dashboards.screens.case import change, events, scale
from dashboards.screens.case import page as case_page
from dashboards.screens.case.scene import Scene
from dashboards.wording import say
from pipelines.settings import Settings
from pipelines.store import Audit, Feedback, Store
from tests.dashboards.screens.conftest import Visit, plain, words_of

DISEASE = "medical.disease_onset"


def test_an_event_is_a_reason_with_its_time(full_home: Settings, visit: Visit) -> None:
    app = visit("logistics", case="S010")

    charts = "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    assert not app.error
    assert "2.5 days before" in charts


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "nine in ten of those score higher"),
        (1, "nine in ten of those score lower"),
        (2, "usual for cases with the event and for cases without it"),
        (3, "unlike those the model was tested on"),
    ],
)
def test_a_label_set_is_a_sentence(full_home: Settings, visit: Visit, number: int, told: str) -> None:
    assert told in words_of(visit("medical", case=f"P{number:03d}"))


@pytest.mark.parametrize(
    ("lower", "upper", "told"),
    [
        (0.1, 0.4, "given the evidence, anything from 10.0% to 40.0% is plausible."),
        (0.1, 0.2, "past cases with such scores suggest less, down to 10.0%."),
        (0.20001, 0.4, "past cases with such scores suggest more, up to 40.0%."),  # as it is written
        (0.19999, 0.20001, "past cases with such scores say the same."),
    ],
)
def test_bounds_that_end_at_the_score_are_told_as_what_they_are(
    home: Settings, lower: float, upper: float, told: str
) -> None:
    here: Any = SimpleNamespace(say=say("en"), language="en")
    words = scale.in_words(here, task_named(DISEASE, home), 0.2, lower, upper)
    assert words == f"20.0% is expected; {told}"
    if lower == 0.1:  # the bounds of a value are quantiles: they mean what they say
        arrivals = task_named("logistics.stop_arrival", home)
        assert "is plausible" in scale.in_words(here, arrivals, 0.2, lower, upper)


def test_a_value_that_is_not_known_has_no_unit() -> None:
    here: Any = SimpleNamespace(say=say("en"), language="en")
    given = [(7.1, "mmol/L"), (-9.5, "EUR"), (None, "mmol/L"), (None, "EUR"), ("", "")]
    told = [events._measure(here, value, unit, {}) for value, unit in given]
    assert told == ["7.10 mmol/L", "EUR -9.50", "–", "–", ""]


def test_a_prediction_of_an_older_release_has_no_such_sentence(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", case="L010")

    assert not app.error
    assert "Its score is" not in words_of(app)
    assert "is unlike those" not in words_of(app)


@pytest.fixture
def known(full_home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would change a case is asked as if its model were kept."""
    case = Cases(pl.DataFrame({"entity_id": ["L030"]}), pl.DataFrame({"term_months": [48]}))
    scene = Scene(model=None, version="v1", card={"plausible": {}}, case=case, score=None)  # type: ignore[arg-type]
    offer = case_page.offer_change
    monkeypatch.setattr(
        case_page, "offer_change", lambda here, task, row, _scene, name: offer(here, task, row, scene, name)
    )


def test_what_would_change_it_is_asked_for_and_is_no_cause(
    known: None, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    follows = Step("payment_to_income", 0.5, 0.3)

    def found(*given: Any) -> Change:
        asked.append(given)
        return Change("high", "low", 0.4, 0.04, (Step("term_months", 48, 24),), 0.2, (follows,))

    monkeypatch.setattr(change, "smallest_change_of", found)
    app = visit("finance", case="L030")
    assert not asked
    app.button("ask-change-finance.credit_default-L030").click().run()

    said = words_of(app)
    assert "**Low** (4.0%) instead of **High** (40.0%)" in said
    assert "not about cause" in said
    told = "".join(table.value.to_string() for table in app.table)
    assert "48 months" in told
    assert "Monthly payment as a share of income (follows from the others)" in told.replace("\\", "")


def test_no_plausible_change_is_said(known: None, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "smallest_change_of", lambda *_given: None)
    app = visit("finance", case="L031")
    app.button("ask-change-finance.credit_default-L031").click().run()

    assert "No plausible change" in words_of(app)


def test_without_its_model_nothing_is_proposed(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", case="L029")
    app.button("ask-change-finance.credit_default-L029").click().run()

    assert "Nothing can be tried" in words_of(app)


def test_an_analyst_marks_a_prediction_wrong_and_it_is_told(own_home: Settings, visit: Visit) -> None:
    app = visit("medical", case="P010")
    app.button(f"wrong-{DISEASE}-P010").click().run()

    said = words_of(app)
    with Store(own_home).session() as session:
        (row,) = session.query(Feedback).all()
        audits = [audit.action for audit in session.query(Audit)]
    assert not app.error
    assert (row.verdict, row.who, row.model_version) == ("wrong", "analyst", "v1")
    assert "feedback.add" in audits
    assert "wrong" in said
    assert "Thank you" in said


def test_an_outcome_is_entered_in_words(own_home: Settings, visit: Visit) -> None:
    app = visit("medical", case="P010")
    assert app.button(f"enter-{DISEASE}-P010").disabled
    app.selectbox(f"outcome-{DISEASE}-P010").set_value("1").run()
    app.button(f"enter-{DISEASE}-P010").click().run()

    assert "outcome: the event came" in plain(app)


@pytest.mark.parametrize(
    ("role", "asked", "note"), [("caseworker", True, "called Ada"), ("subscriber", False, "•••")]
)
def test_who_looks_after_cases_is_asked_and_notes_are_for_those_who_read_them(
    own_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch, role: str, asked: bool, note: str
) -> None:
    feedback.add(own_home, task_named(DISEASE, own_home), "P010", "right", note="called Ada")
    monkeypatch.setenv("SDA_ROLE", role)
    app = visit("medical", case="P010")

    (said,) = (each.value for each in app.markdown if "on the score of" in each.value)
    assert "right" in said
    assert said.endswith(f". {note}")
    assert bool([button for button in app.button if button.label == "Right"]) is asked
