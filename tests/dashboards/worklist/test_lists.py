"""What the worklist lists and counts, beside the same rule written in Python."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from dashboards.worklist import items, lists
from dashboards.worklist.lists import WHICH, Asked, Which
from pipelines.settings import Settings
from pipelines.store import Store, WorkItem, WorkNote
from tests.dashboards.worklist.conftest import TASK, TODAY

ON = date(2026, 11, 2)


@pytest.fixture
def many(settings: Settings) -> list[WorkItem]:
    """Items of every state, owner, due date and sleep."""
    chance = random.Random(6)
    near: list[date | None] = [None, *(ON + timedelta(days=shift) for shift in (-2, -1, 0, 1, 5))]
    made = [
        WorkItem(
            task=chance.choice((TASK, "medical.disease_onset")),
            entity_id=f"L{number:03d}",
            status=(status := chance.choice(items.STATUSES)),
            assignee=chance.choice(("", "Ann", "Bo_")),
            due_on=chance.choice(near),
            snoozed_until=None if status == "done" else chance.choice(near),
            closed_at=datetime(2026, 11, 1, number % 24, tzinfo=UTC) if status == "done" else None,
            as_of=TODAY,
        )
        for number in range(120)
    ]
    with Store(settings).session() as session:
        session.add_all(made)
    return made


def is_overdue(item: WorkItem) -> bool:
    return item.status != "done" and item.due_on is not None and item.due_on < ON


def sleeps(item: WorkItem) -> bool:
    return (
        item.status != "done"
        and item.snoozed_until is not None
        and item.snoozed_until > ON
        and not is_overdue(item)
    )


def belongs(item: WorkItem, which: Which) -> bool:
    is_open = item.status != "done" and not sleeps(item)
    return {
        "mine": is_open and item.assignee == "Ann",
        "all": is_open,
        "unassigned": is_open and not item.assignee,
        "overdue": is_overdue(item),
        "today": is_open and item.due_on == ON,
        "returned": is_open and item.status == "returned",
        "snoozed": sleeps(item),
        "done": item.status == "done",
    }[which]


def test_lists_and_counts_are_those_of_the_rule(settings: Settings, many: list[WorkItem]) -> None:
    store = Store(settings)
    counted = lists.counts(store, ON, "Ann")
    for which in WHICH:
        expected = {item.entity_id for item in many if belongs(item, which)}
        page, found = lists.listing(store, Asked(which, "Ann"), ON, size=200)
        assert {item.entity_id for item in page} == expected
        assert found == len(expected) == getattr(counted, which)
        assert expected
    for task in (TASK, "medical.disease_onset"):
        expected_ids = [m.entity_id for m in many if m.task == task and (m.status == "done" or sleeps(m))]
        assert items.handled(store, task, ON) == tuple(sorted(expected_ids))
        overdue = lists.overdue_cases(store, ON)[task]
        assert set(overdue) == {item.entity_id for item in many if item.task == task and is_overdue(item)}


def test_what_is_overdue_stands_on_top_and_pages_follow_each_other(
    settings: Settings, many: list[WorkItem]
) -> None:
    store = Store(settings)
    whole, found = lists.listing(store, Asked("all"), ON, size=200)
    pages = [lists.listing(store, Asked("all"), ON, page, size=7)[0] for page in range(1, found // 7 + 2)]

    assert [item.entity_id for page in pages for item in page] == [item.entity_id for item in whole]
    late = [is_overdue(item) for item in whole]
    assert late == sorted(late, reverse=True)
    days = [item.due_on for item in whole if is_overdue(item) and item.due_on]
    assert days == sorted(days)


def test_filters_combine_and_signs_of_patterns_are_signs(settings: Settings, many: list[WorkItem]) -> None:
    store = Store(settings)

    def ids(**asked: object) -> set[str]:
        return {item.entity_id for item in lists.listing(store, Asked(**asked), ON, size=200)[0]}  # type: ignore[arg-type]

    assert ids(search="L00", tasks=(TASK,)) == {
        m.entity_id for m in many if belongs(m, "all") and m.task == TASK and m.entity_id.startswith("L00")
    }
    assert ids(search="*7") == {m.entity_id for m in many if belongs(m, "all") and "7" in m.entity_id}
    assert ids(assignee="Bo_") == {m.entity_id for m in many if belongs(m, "all") and m.assignee == "Bo_"}
    assert ids(search="L_0") == ids(search="%") == set()
    assert ids(search="\0") == ids()


def test_everyone_on_the_list_is_known_by_name(settings: Settings, many: list[WorkItem]) -> None:
    store = Store(settings)
    with store.session() as session:
        session.add(WorkNote(item_id=many[0].id, who="cy", action="note", text="x"))

    assert lists.people(store) == ["Ann", "Bo_", "cy"]
