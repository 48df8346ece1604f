"""Today: health, what needs attention in sentences that open their lists, who is first in line."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import duckdb
import polars as pl
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from analytics.catalog import shipped_tasks, task_named
from dashboards.queries.morning import Queue, Scored
from dashboards.screens import home
from dashboards.screens.parts.concerns import of_task
from dashboards.screens.parts.first_in_line import Morning
from dashboards.wording import say
from dashboards.worklist import checks, items
from pipelines.settings import Settings
from pipelines.store import Notice, Store, WorkItem, WorkNote
from pipelines.warehouse import Warehouse
from tests.dashboards.screens.conftest import BEFORE, TODAY, Visit, plain, words_of

TASK = "finance.credit_default"
ON = date(2026, 11, 2)


@pytest.fixture
def worked(full_home: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The furnished home, whose worklist is empty before and after."""
    monkeypatch.setattr(checks, "today", lambda _settings: ON)

    def empty() -> None:
        with Store(full_home).session() as session:
            session.execute(sa.delete(WorkNote))
            session.execute(sa.delete(WorkItem))

    empty()
    yield full_home
    empty()


def links(app: AppTest) -> dict[str, tuple[str, dict[str, list[str]]]]:
    """The links of the page below its title: label -> page and what follows the `?`."""
    return {
        link.proto.label.replace("\\", ""): (link.proto.page, parse_qs(link.proto.query_string))
        for link in app.main.get("page_link")
    }


def moved_by_hand(settings: Settings) -> tuple[set[str], set[str]]:
    """The loans in the highest band that were not in it the day before, and those new among them."""
    top = task_named(TASK, settings).bands[-1].name
    scored = Warehouse(settings).query("FROM predictions.finance_credit_default")
    today, before = (scored.filter(pl.col("as_of") == day) for day in (TODAY, BEFORE))
    now = set(today.filter(pl.col("band") == top)["entity_id"])
    return now - set(before.filter(pl.col("band") == top)["entity_id"]), now - set(before["entity_id"])


def test_home_tells_health_and_what_the_flows_noted(full_home: Settings, visit: Visit) -> None:
    app = visit()
    said = plain(app)

    assert not app.error
    assert "3 records wait in quarantine" in said
    assert f"{len(shipped_tasks())} in service" in said
    assert "Credit default within 12 months: What the model is fed, or what comes true" in said
    assert "keep an eye on it" in said
    assert "column «colour» is new" in said
    (changed,) = (
        page for label, (page, _address) in links(app).items() if "**finance.loans** changed" in label
    )
    assert changed == "quality"


def test_a_task_whose_cases_cannot_be_laid_out_takes_nothing_from_the_others(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = home.cases_sql
    monkeypatch.setattr(
        home, "cases_sql", lambda task: "SELECT gone" if task.domain == "medical" else sql(task)
    )
    app = visit()
    (error,) = app.error
    assert error.value.startswith("**Patient risk** · Something went wrong here.")
    assert any("Credit portfolio" in label for label in links(app))
    assert "First in line" in words_of(app)

    monkeypatch.setattr(home, "cases_sql", lambda _task: "SELECT gone")
    said = words_of(visit())
    assert "All done" not in said
    assert "Nothing was scored yet" not in said


def test_a_sentence_counts_who_moved_and_opens_the_list_of_just_them(worked: Settings, visit: Visit) -> None:
    moved, new = moved_by_hand(worked)
    gone = min(moved)
    items.snooze(worked, TASK, gone, ON + timedelta(days=1), "Ann")

    found = links(visit())
    [(label, (page, address))] = [
        (label, link) for label, link in found.items() if "Credit portfolio" in label and "moved" in label
    ]

    assert moved
    assert f"**{len(moved) - 1}** cases moved to «Very high» since Oct 29, 2026" in label
    assert not new
    assert label.endswith("; none of them is new.")
    assert page == "finance"
    assert address == {
        "f.band": [task_named(TASK, worked).bands[-1].name],
        "f.moved": ["new", "up"],
        "work": ["open"],
    }


@pytest.mark.parametrize(
    ("queue", "before", "told"),
    [
        ((9, 9, 9), BEFORE, "**9** new cases came into «Very high» since Oct 29, 2026."),
        ((9, 1, 1), BEFORE, "**1** new case came into «Very high» since Oct 29, 2026."),
        ((9, 1, 0), BEFORE, "**1** case moved to «Very high» since Oct 29, 2026."),
        ((9, 5, 0), BEFORE, "**5** cases moved to «Very high» since Oct 29, 2026; none of them is new."),
        ((9, 5, 1), BEFORE, "**5** cases moved to «Very high» since Oct 29, 2026; 1 of them is new."),
        ((9, 0, 0), BEFORE, "**9** cases in the band «Very high» wait, none of them newly."),
        ((1, 0, 0), BEFORE, "**1** case in the band «Very high» waits, not newly."),
        ((1, 0, 0), None, "**1** case in the band «Very high» waits."),
    ],
)
def test_few_are_told_as_few(
    full_home: Settings, queue: tuple[int, int, int], before: datetime | None, told: str
) -> None:
    task = task_named(TASK, full_home)
    here: Any = SimpleNamespace(say=say("en"), language="en", tasks={TASK: task})
    page: Any = SimpleNamespace(name="finance", task=TASK, title=lambda _: "Loans")
    found = Morning(Scored(TODAY, before, 100, 20, None, None), Queue(*queue, first=()))
    assert [each.sentence for each in of_task(here, page, task, found)] == [f"**Loans**: {told}"]


def first_in_line(app: AppTest) -> list[str]:
    """The loans on the card of the bank, as they stand there."""
    return [label for label, (page, address) in links(app).items() if page == "finance" and "case" in address]


def test_what_is_handled_leaves_the_first_places_and_comes_back_on_its_day(
    worked: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked = (
        Warehouse(worked)
        .query(
            "SELECT entity_id FROM predictions.finance_credit_default WHERE as_of = $day ORDER BY score DESC",
            {"day": TODAY},
        )["entity_id"]
        .to_list()
    )
    a, b, c, d = ranked[:4]
    late = ranked[30]  # far from the first places
    items.done(worked, TASK, a, "Ann")
    items.snooze(worked, TASK, b, ON + timedelta(days=1), "Ann")
    items.take(worked, TASK, c, "Bo")
    items.due(worked, TASK, late, ON, "Bo")

    today = first_in_line(visit())
    assert [label.split("**")[1] for label in today] == [c, d, *ranked[4:7]]
    assert "in progress · Bo" in today[0]

    monkeypatch.setattr(checks, "today", lambda _settings: ON + timedelta(days=1))
    app = visit()
    tomorrow = first_in_line(app)
    assert [label.split("**")[1] for label in tomorrow] == [late, b, c, d, ranked[4]]
    assert "overdue since Nov 2, 2026" in tomorrow[0]
    assert any("**1** work item is overdue" in label for label in links(app))


def test_whoever_may_not_see_single_cases_gets_numbers_without_names(
    worked: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_ROLE", "engineer")
    app = visit()

    assert first_in_line(app) == []
    assert "cases in the upper bands" in plain(app)
    assert any("cases moved to" in label for label in links(app))


def test_everything_handled_is_said(worked: Settings, visit: Visit) -> None:
    everyone = Warehouse(worked).query(
        "SELECT entity_id, band FROM predictions.finance_credit_default WHERE as_of = $day", {"day": TODAY}
    )
    with Store(worked).session() as session:
        session.add_all(
            WorkItem(task=TASK, entity_id=entity, band=band, as_of=TODAY, status="done")
            for entity, band in everyone.rows()
        )
    app = visit()

    assert "All done: nobody in the upper bands waits." in words_of(app)
    assert not any("Credit portfolio" in label and "moved" in label for label in links(app))


def test_one_scoring_alone_is_not_compared_and_a_source_without_loads_for_days_is_named(
    own_home: Settings, visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "own.toml"
    config.write_text('[sources.sample]\nconnector = "files"\ndomain = "finance"\ntable = "loans"\n')
    monkeypatch.setenv("SDA_CONFIG", str(config))

    def change(lake: duckdb.DuckDBPyConnection) -> None:
        lake.execute("DELETE FROM predictions.finance_credit_default WHERE as_of < $day", {"day": TODAY})
        lake.execute("UPDATE meta.loads SET finished_at = finished_at - INTERVAL 3 DAY")

    Warehouse(own_home).write(change)
    with Store(own_home).session() as session:
        session.add(Notice(kind="unheard_of", about="x", subject="<b>Odd</b>", message="`odd`"))
    app = visit()
    [sentence] = [label for label in links(app) if "Credit portfolio" in label and "wait" in label]

    assert not app.error
    assert "no scoring before it" in words_of(app)
    assert "none of them newly" not in sentence
    assert "<b>Odd</b>" in plain(app)  # shown as text: no page belongs to it
    [told] = [label for label in links(app) if "has not loaded" in label]
    assert told == ":orange[:material/warning:] The source **sample** has not loaded for 3 days."


def test_without_scores_it_says_what_to_run(own_home: Settings, visit: Visit) -> None:
    def forget(lake: duckdb.DuckDBPyConnection) -> None:
        for task in shipped_tasks().values():
            lake.execute(f"DROP TABLE IF EXISTS {task.predictions_table}")

    Warehouse(own_home).write(forget)

    assert "Nothing was scored yet." in words_of(visit())


def test_home_without_data_says_what_to_do(home: Settings, visit: Visit) -> None:
    app = visit()

    assert not app.error
    assert "sda demo" in words_of(app)
