"""The worklist as people see it: what it lists, what can be done with a case, and who may see what."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import polars as pl
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from dashboards.worklist import checks, items, lists
from pipelines.settings import Settings
from pipelines.store import Feedback, Store, WorkItem, WorkNote
from tests.dashboards.screens.conftest import Offered, Visit, plain, words_of

TASK = "finance.credit_default"
ON = date(2026, 11, 2)
Case = Callable[[str], AppTest]


@pytest.fixture
def worked(full_home: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The furnished home with a few items; afterwards its worklist is empty again."""
    monkeypatch.setattr(checks, "today", lambda _settings: ON)
    items.take(full_home, TASK, "L001", "Ann")
    items.note(full_home, TASK, "L001", "<b>secret</b> of a customer", "Ann")
    items.due(full_home, TASK, "L001", ON + timedelta(days=2), "Ann")
    items.snooze(full_home, TASK, "L002", ON + timedelta(days=1), "Ann")
    items.done(full_home, TASK, "L003", "Bo", outcome="1")
    with Store(full_home).session() as session:
        session.add(WorkItem(task=TASK, entity_id="deleted", as_of=datetime(2026, 1, 1, tzinfo=UTC)))
        session.add(WorkItem(task="gone.task", entity_id="X", as_of=datetime(2026, 1, 1, tzinfo=UTC)))
    yield full_home
    with Store(full_home).session() as session:
        for table in (WorkNote, WorkItem, Feedback):
            session.execute(sa.delete(table))


@pytest.fixture
def case(worked: Settings) -> Case:
    """The part of a case's page that is about the worklist."""

    def script(entity_id: str) -> None:
        from dashboards.screens.here import Here
        from dashboards.screens.parts.work import show_work
        from pipelines.settings import load_settings

        here = Here(load_settings(), "en")
        show_work(here, here.tasks["finance.credit_default"], {"entity_id": entity_id})

    return lambda entity_id: AppTest.from_function(script, args=(entity_id,), default_timeout=180).run()


def listed(app: AppTest) -> list[tuple[str, str, str]]:
    """The rows: case, how it stands, to whom it is assigned."""
    return [tuple(row[:3]) for row in app.dataframe[0].value.itertuples(index=False)]


def test_the_address_says_which_items_are_listed(worked: Settings, visit: Visit) -> None:
    app = visit("worklist")
    assert listed(app) == [("L001", "in progress", "Ann"), ("X", "open", "–"), ("deleted", "open", "–")]
    assert list(app.dataframe[0].value["Band"])[1:] == ["no longer there"] * 2
    assert [row[0] for row in listed(visit("worklist", which="snoozed"))] == ["L002"]
    assert listed(visit("worklist", which="done", about=TASK, by="Bo", find="*03")) == [
        ("L003", "done", "Bo")
    ]
    assert len(listed(visit("worklist", which="no such list", by="Nobody", about="gone"))) == 3
    assert "No item passes these filters" in words_of(visit("worklist", which="overdue", find="nothing"))


def test_the_file_holds_every_item_of_the_list_with_its_values_typed(
    worked: Settings, visit: Visit, offered: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists.listing, "__defaults__", (1, 1))  # one item a page
    app = visit("worklist")
    assert len(listed(app)) == 1
    found = pl.read_parquet(BytesIO(offered["export-worklist-parquet"]()))
    assert found["Case"].to_list() == ["L001", "X", "deleted"]
    assert found["Due on"].to_list() == [ON + timedelta(days=2), None, None]
    assert found.schema["Score"] == pl.Float64
    assert found["Score"].is_null().to_list() == [False, True, True]


def test_what_is_mine_is_known_by_my_name(worked: Settings, visit: Visit) -> None:
    app = visit("worklist", which="mine")
    assert "Write your name above" in words_of(app)

    app.text_input("person").set_value("Ann").run()
    assert [row[0] for row in listed(app)] == ["L001"]
    assert "One item. Choose it to see and change it." in words_of(app)


def test_who_chose_a_case_is_told_that_somebody_closed_it_meanwhile(worked: Settings, visit: Visit) -> None:
    app = visit("worklist")
    app.text_input("person").set_value("Ann").run()
    app.session_state["worklist-looked-at"] = [(TASK, "L001")]  # rows cannot be chosen here
    items.done(worked, TASK, "L001", "Bo")

    app.run()
    assert "L001: Bo closed it meanwhile, " in plain(app)
    assert "meanwhile" not in words_of(app.run())  # once


def test_an_empty_worklist_says_how_to_begin(home: Settings, visit: Visit) -> None:
    app = visit("worklist")

    assert not app.error
    assert "Nobody has taken a case yet." in words_of(app)


def test_roles_that_see_no_single_case_see_numbers_alone(
    worked: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_ROLE", "engineer")
    app = visit("worklist")

    assert not app.dataframe
    assert {metric.label: metric.value for metric in app.metric} == {
        "Open": "3", "Of nobody": "2", "Overdue": "0", "Snoozed": "1", "Done": "1",
    }  # fmt: skip


@pytest.mark.parametrize(("role", "reads"), [("analyst", False), ("caseworker", True), ("subscriber", False)])
def test_notes_are_read_by_those_who_may_read_free_text(
    case: Case, monkeypatch: pytest.MonkeyPatch, role: str, reads: bool
) -> None:
    monkeypatch.setenv("SDA_ROLE", role)
    app = case("L001")

    assert ("<b>secret</b>" in plain(app)) is reads
    assert ("•••" in plain(app)) is not reads
    assert bool(app.button) is (role != "subscriber")  # readers of reports change nothing


def test_a_case_is_taken_assigned_snoozed_and_finished_by_its_buttons(case: Case, worked: Settings) -> None:
    app = case("L009")
    assert "Nobody looks after this case yet." in words_of(app)
    key = f"work-{TASK}-L009"
    assert app.button(f"{key}-take").disabled  # nobody has said who they are

    app.text_input("person").set_value("Cy Case").run()
    app.button(f"{key}-take").click().run()
    assert "**in progress** · Cy Case" in words_of(app)
    assert "Noted." in words_of(app)
    app.text_area(f"{key}-text-1").set_value("called").run()
    app.button(f"{key}-note").click().run()
    assert app.text_area(f"{key}-text-2").value == ""  # shut, empty: nobody notes the same twice
    app.date_input(f"{key}-day-2").set_value(ON + timedelta(days=3)).run()
    app.button(f"{key}-due").click().run()
    app.button(f"{key}-week").click().run()
    assert "snoozed until Nov 9, 2026" in words_of(app)
    app.button(f"{key}-wake").click().run()
    app.selectbox(f"{key}-outcome-5").set_value("1").run()
    app.button(f"{key}-done").click().run()

    assert not app.exception
    assert "the event came" in words_of(app)
    item = items.of_case(Store(worked), TASK, "L009")
    assert item is not None
    assert (item.status, item.assignee, item.outcome) == ("done", "Cy Case", "1")
    assert [note.action for note in reversed(items.history(Store(worked), item.id))] == [
        "taken", "note", "due", "snoozed", "snoozed", "done",
    ]  # fmt: skip
    app.button(f"{key}-reopen").click().run()
    assert "**open** · Cy Case" in words_of(app)


def test_who_takes_what_somebody_took_meanwhile_is_told_who(case: Case, worked: Settings) -> None:
    app = case("L008")
    app.text_input("person").set_value("Cy").run()
    items.take(worked, TASK, "L008", "Ann")  # in another window
    app.button(f"work-{TASK}-L008-take").click().run()

    assert "L008: Ann has taken it already." in plain(app)
    assert "**in progress** · Ann" in words_of(app)
