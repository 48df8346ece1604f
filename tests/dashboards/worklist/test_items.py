"""What people do with cases: one transaction each, noted, on SQLite and on a real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from analytics import feedback
from connectors.errors import AssistantError, UsageError
from dashboards.worklist import checks, items
from dashboards.worklist.items import TakenError
from pipelines.settings import Settings
from pipelines.store import Audit, Feedback, Store, WorkItem
from tests.dashboards.worklist.conftest import TASK, TODAY

TODAY_HERE = date(2026, 11, 2)
TOMORROW = TODAY_HERE + timedelta(days=1)


@pytest.fixture(autouse=True)
def a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "today", lambda _settings: TODAY_HERE)


def item(settings: Settings, entity_id: str) -> WorkItem:
    found = items.of_case(Store(settings), TASK, entity_id)
    assert found is not None
    return found


def notes(settings: Settings, entity_id: str) -> list[tuple[str, str, str]]:
    told = items.history(Store(settings), item(settings, entity_id).id)
    return [(each.who, each.action, each.text) for each in reversed(told)]


def rows(settings: Settings, table: Any) -> list[Any]:
    with Store(settings).session() as session:
        return list(session.scalars(sa.select(table).order_by(table.id)))


def test_every_act_is_noted_with_who_did_it_and_audited_without_the_case(settings: Settings) -> None:
    items.take(settings, TASK, "L1", " Ann  Example ")
    items.note(settings, TASK, "L1", " called, no answer ", "Ann Example")
    items.due(settings, TASK, "L1", TOMORROW, "Ann Example")
    items.snooze(settings, TASK, "L1", TOMORROW, "Ann Example")
    items.assign(settings, TASK, "L1", "Bo", "Ann Example")
    items.done(settings, TASK, "L1", "Bo", outcome="1", text="paid late")
    items.reopen(settings, TASK, "L1", "Cy")

    assert notes(settings, "L1") == [
        ("Ann Example", "taken", ""),
        ("Ann Example", "note", "called, no answer"),
        ("Ann Example", "due", "2026-11-03"),
        ("Ann Example", "snoozed", "2026-11-03"),
        ("Ann Example", "assigned", "Bo"),
        ("Bo", "note", "paid late"),
        ("Bo", "done", "1"),
        ("Cy", "reopened", ""),
    ]
    audit = rows(settings, Audit)
    assert len(audit) == 9  # the eight and the feedback
    assert not any(word in each.detail for each in audit for word in ("L1", "Bo", "Ann", "called", "2026"))
    now = item(settings, "L1")
    assert (now.status, now.assignee, now.outcome, now.snoozed_until) == ("open", "Bo", None, None)


def test_of_many_who_take_a_case_at_once_one_has_it_and_the_others_are_told_who(settings: Settings) -> None:
    def take(who: str) -> str:
        try:
            return items.take(settings, TASK, "L2", who).assignee
        except TakenError as error:
            return f"not {who}: {error.by}"

    people = [f"Person {n}" for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        said = dict(zip(people, threads.map(take, people), strict=True))

    winner = item(settings, "L2").assignee
    assert said == {who: who if who == winner else f"not {who}: {winner}" for who in people}
    assert notes(settings, "L2") == [(winner, "taken", "")]


def test_who_finishes_a_case_twice_at_once_leaves_one_outcome(settings: Settings) -> None:
    def finish(who: str) -> bool:
        try:
            return items.done(settings, TASK, "L3", who, outcome="0").status == "done"
        except AssistantError:
            return False

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(finish, ("Ann", "Bo", "Cy", "Di"))) == 1
    assert [(each.entity_id, each.outcome) for each in rows(settings, Feedback)] == [("L3", "0")]
    assert [action for _who, action, _text in notes(settings, "L3")] == ["done"]


def test_an_outcome_that_is_none_or_feedback_that_fails_changes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="no outcome «perhaps»"):
        items.done(settings, TASK, "L4", "Ann", outcome="perhaps")
    assert items.of_case(Store(settings), TASK, "L4") is None

    items.take(settings, TASK, "L4", "Ann")

    def fails(*_given: object) -> None:
        raise AssistantError("The disk is full.")

    monkeypatch.setattr(feedback, "enter", fails)
    with pytest.raises(AssistantError, match="disk"):
        items.done(settings, TASK, "L4", "Ann", outcome="1", text="never kept")
    assert item(settings, "L4").status == "doing"
    assert notes(settings, "L4") == [("Ann", "taken", "")]
    assert rows(settings, Feedback) == []


def test_the_outcome_is_said_of_the_prediction_that_the_case_was_taken_up_on(settings: Settings) -> None:
    items.take(settings, TASK, "L5", "Ann")
    with Store(settings).session() as session:  # taken up the day before
        session.execute(sa.update(WorkItem).values(as_of=TODAY - timedelta(days=1)))
    items.done(settings, TASK, "L5", "Ann", outcome="1")

    assert [each.as_of.replace(tzinfo=None) for each in rows(settings, Feedback)] == [
        TODAY - timedelta(days=1)
    ]
    assert item(settings, "L5").as_of.replace(tzinfo=None) == TODAY  # closed on what is known by now


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda s: items.take(s, TASK, "L6", "  "), "missing"),
        (lambda s: items.take(s, TASK, "L6", "x" * 81), "no name"),
        (lambda s: items.take(s, TASK, "L6", "a\x07b"), "no name"),
        (lambda s: items.assign(s, TASK, "L6", "y" * 81, "Ann"), "no name"),
        (lambda s: items.note(s, TASK, "L6", " \n", "Ann"), "empty"),
        (lambda s: items.note(s, TASK, "L6", "n" * 2001, "Ann"), "2,001 characters"),
        (lambda s: items.snooze(s, TASK, "L6", TODAY_HERE, "Ann"), "not later than today"),
        (lambda s: items.snooze(s, TASK, "L6", date(2226, 11, 2), "Ann"), "years ahead"),
        (lambda s: items.due(s, TASK, "L6", TODAY_HERE - timedelta(days=1), "Ann"), "is past"),
        (lambda s: items.take(s, TASK, "nobody", "Ann"), "was not scored"),
        (lambda s: items.take(s, TASK, "L6\0", "Ann"), "was not scored"),
        (lambda s: items.take(s, "no.task", "L6", "Ann"), "was not scored"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
    settings: Settings, act: Callable[[Settings], object], told: str
) -> None:
    with pytest.raises(AssistantError, match=told):
        act(settings)
    assert rows(settings, WorkItem) == []


def test_what_is_done_is_reopened_before_it_is_changed(settings: Settings) -> None:
    items.done(settings, TASK, "L7", "Ann")

    with pytest.raises(AssistantError, match="done"):
        items.assign(settings, TASK, "L7", "Bo", "Ann")
    with pytest.raises(AssistantError, match="done"):
        items.snooze(settings, TASK, "L7", TOMORROW, "Ann")
    with pytest.raises(AssistantError, match="done"):
        items.due(settings, TASK, "L7", TOMORROW, "Ann")
    with pytest.raises(AssistantError, match="done"):
        items.done(settings, TASK, "L7", "Ann")
    assert items.take(settings, TASK, "L7", "Bo").assignee == "Bo"  # whoever takes it again has it
    assert [action for _who, action, _text in notes(settings, "L7")] == ["done", "taken"]


def test_who_assigns_what_somebody_else_got_meanwhile_is_told(settings: Settings) -> None:
    items.take(settings, TASK, "L8", "Bo")

    with pytest.raises(TakenError, match="Bo has taken"):
        items.assign(settings, TASK, "L8", "Cy", "Ann", seen="")
    assert items.assign(settings, TASK, "L8", "", "Ann", seen="Bo").assignee == ""


def test_the_item_of_a_case_or_task_that_is_gone_stays_and_can_be_finished(settings: Settings) -> None:
    with Store(settings).session() as session:
        session.add(WorkItem(task=TASK, entity_id="deleted", as_of=TODAY, band="high"))
        session.add(WorkItem(task="gone.task", entity_id="L1", as_of=TODAY, band="high"))

    for task, entity_id in ((TASK, "deleted"), ("gone.task", "L1")):
        items.note(settings, task, entity_id, "still here", "Ann")
        with pytest.raises(AssistantError):
            items.done(settings, task, entity_id, "Ann", outcome="1")
        assert items.done(settings, task, entity_id, "Ann").status == "done"
    assert rows(settings, Feedback) == []
