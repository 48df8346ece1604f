"""A case that was done comes back when, and only when, a later scoring puts it into a higher band."""

from datetime import datetime

from analytics.catalog import task_named
from dashboards.worklist import items
from dashboards.worklist.news import bring_back
from pipelines.settings import Settings
from pipelines.store import Store
from tests.dashboards.worklist.conftest import TASK, TODAY, predict

CASES = ("same", "fallen", "risen", "gone", "open")
TOMORROW = datetime(2026, 10, 31)


def test_a_done_case_comes_back_when_its_band_rose_at_a_later_scoring(home: Settings) -> None:
    task = task_named(TASK, home)
    names = [band.name for band in task.bands]
    low, high = names[0], names[-1]
    predict(home, TODAY, {"same": low, "fallen": high, "risen": low, "open": low, "gone": low})
    for entity_id in CASES[:-1]:
        items.done(home, TASK, entity_id, "Ann")
    items.take(home, TASK, "open", "Ann")
    assert bring_back(home, task) == 0  # the scoring that they were closed on

    predict(home, TOMORROW, {"same": low, "fallen": low, "risen": high, "open": high})
    assert bring_back(home, task) == 1
    assert bring_back(home, task) == 0  # once

    store = Store(home)
    assert {name: item.status for name, item in items.statuses(store, TASK, CASES).items()} == {
        "same": "done", "fallen": "done", "risen": "returned", "open": "doing", "gone": "done",
    }  # fmt: skip
    risen = items.of_case(store, TASK, "risen")
    assert risen is not None
    assert (risen.band, risen.assignee, risen.closed_at) == (high, "Ann", None)
    assert [note.action for note in items.history(store, risen.id)] == ["returned", "done"]
    assert "risen" not in items.handled(store, TASK, TOMORROW.date())

    items.done(home, TASK, "risen", "Ann")
    assert bring_back(home, task) == 0


def test_nothing_comes_back_where_nothing_was_scored(home: Settings) -> None:
    assert bring_back(home, task_named(TASK, home)) == 0
