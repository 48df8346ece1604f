"""What speaks against an issue: old data, failed loads, refused rows, too few rows, a model that drifted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.subscriptions.sending import doubts
from pipelines.mailing import ReportSettings
from pipelines.notices import notify, resolve
from pipelines.records import QUARANTINE
from pipelines.settings import Settings, SourceSettings
from pipelines.store import Check, Store
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards.subscriptions.loads import loaded, open_lake

MONDAY = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TABLE = "logistics.shipments"
SOURCES = {
    "trucks": SourceSettings(connector="files", domain="logistics", table="shipments"),
    "depots": SourceSettings(connector="files", domain="logistics"),  # names its own tables
    "bank": SourceSettings(connector="files", domain="finance", table="loans"),
}


@pytest.fixture(autouse=True)
def lake_stays_open(home: Settings) -> Iterator[None]:
    with open_lake(home):
        yield


def with_report(settings: Settings, **given: object) -> Settings:
    report = ReportSettings.model_validate({"domain": "logistics", **given})
    return settings.model_copy(update={"reports": {"fleet-daily": report}, "sources": SOURCES})


def found(settings: Settings, at: datetime = MONDAY + HOUR) -> list[str]:
    return doubts.of_report(settings, "fleet-daily", at)


def test_data_older_than_the_report_allows_are_told_with_their_source(home: Settings) -> None:
    settings = with_report(home, fresh_within=24)
    assert found(settings) == ["Its data may be old: no load of them is known, and 24 hours are allowed."]
    loaded(settings, TABLE, MONDAY - 2 * DAY)
    loaded(settings, TABLE, MONDAY, mode="derived", source="derived")  # no load from a source
    loaded(settings, "finance.loans", MONDAY, source="bank")
    loaded(settings, TABLE, MONDAY - 9 * DAY, source="gone")  # nobody loads it any more
    (told,) = found(settings)
    assert told == (
        "Its data are old: the last good load of trucks was on 2026-10-31 at 05:00 UTC, "
        "and 24 hours are allowed."
    )
    assert found(settings, MONDAY + 3 * DAY) == [told]  # the same words as long as the cause is the same
    assert found(with_report(home)) == []
    assert found(with_report(home, fresh_within=72)) == []
    loaded(settings, TABLE, MONDAY)
    assert found(settings, MONDAY + DAY) == []
    assert len(found(settings, MONDAY + DAY + HOUR)) == 1


def test_a_load_that_failed_holds_the_reports_made_of_its_tables(home: Settings) -> None:
    settings = with_report(home)
    for source in SOURCES:
        notify(settings, doubts.LOAD_FAILED, source, f"Source {source} was not loaded", "no such file")
    assert found(settings) == [
        "The last load of depots failed or was stopped.",
        "The last load of trucks failed or was stopped.",
    ]
    assert found(with_report(home, hold_on_broken_contract=False)) == []
    for source in ("trucks", "depots"):
        resolve(settings, doubts.LOAD_FAILED, source)
    assert found(settings) == []


def test_a_leap_of_refused_rows_is_told_and_forgotten_with_the_next_good_load(home: Settings) -> None:
    settings = with_report(home)
    loaded(settings, TABLE, MONDAY - 9 * DAY, rows=1000, refused=900)
    assert found(settings) == []  # a first load has nothing to be compared with
    for day in (4, 3, 2):
        loaded(settings, TABLE, MONDAY - day * DAY, rows=1000, refused=20)
    assert found(settings) == []
    loaded(settings, TABLE, MONDAY - DAY, rows=1000, refused=180)
    assert found(settings) == [
        "The last load of logistics.shipments refused 18.0% of its rows; as a rule it is 2.0%."
    ]
    loaded(settings, TABLE, MONDAY, rows=1000, refused=60)  # some more, but no leap
    assert found(settings) == []


def test_refused_rows_that_were_put_right_hold_nothing_any_more(home: Settings) -> None:
    settings = with_report(home)
    loaded(settings, TABLE, MONDAY - DAY, rows=1000)
    loaded(settings, TABLE, MONDAY, rows=1000, refused=300)
    assert len(found(settings)) == 1
    sql = f"UPDATE {quoted(QUARANTINE)} SET replayed_at = now() WHERE rowid % 10 > 0"
    Warehouse(settings).write(lambda connection: connection.execute(sql))
    assert found(settings) == []


def test_several_reasons_are_all_told(home: Settings) -> None:
    settings = with_report(home, fresh_within=1)
    loaded(settings, TABLE, MONDAY - DAY)
    notify(settings, doubts.LOAD_FAILED, "trucks", "Source trucks was not loaded", "")
    with Store(settings).session() as session:
        task, moved = "logistics.late_delivery", "«distance_km» has moved."
        session.add(Check(task=task, version="v", as_of=MONDAY, verdict="act", summary=moved))
    told = found(settings)
    assert [words.split(" ")[0] for words in told] == ["The", "Its", "The"]
    assert told[0] == "The model of logistics.late_delivery needs a look. «distance_km» has moved."
    assert len(found(with_report(home, fresh_within=1, hold_on_drift=False))) == 2


def test_a_report_that_is_gone_is_told_elsewhere(home: Settings) -> None:
    assert doubts.of_report(home, "no-such-report") == []


@given(
    st.integers(0, 500), st.none() | st.integers(0, 500), st.none() | st.floats(0.01, 3), st.integers(0, 300)
)
def test_rows_are_held_against_the_least_and_against_the_issue_before(
    rows: int, before: int | None, change: float | None, least: int
) -> None:
    report = ReportSettings(rows_change=change, least_rows=least)
    told = doubts.of_issue(report, {"rows": float(rows)}, before)
    is_off = bool(before and change and abs(rows / before - 1) > change)
    assert len(told) == (rows < least) + is_off
    assert doubts.of_issue(report, {}, before) == []


def test_rows_that_are_far_off_are_told_in_numbers() -> None:
    report = ReportSettings(rows_change=0.5, least_rows=10)
    assert doubts.of_issue(report, {"rows": 4}, 1200) == [
        "It has 4 rows, at least 10 are expected.",
        "It has 4 rows, 99.7% fewer than the 1,200 of the issue before.",
    ]
    assert doubts.of_issue(report, {"rows": 2000}, 1000) == [
        "It has 2,000 rows, 100.0% more than the 1,000 of the issue before."
    ]


@pytest.mark.parametrize(
    ("loads", "leaps"),
    [
        ([(10, 1), (1000, 0)], False),
        ([(10, 4), (1000, 0)], True),
        ([(100_000, 5_300), (1000, 0)], True),
        ([(100_000, 4_900), (1000, 0)], False),  # not five points more
        ([(40, 10), (1000, 200)], False),  # by chance
        ([(4000, 1100), (1000, 200)], True),
        ([(100, 60), (100, 60), (100, 60), (100, 0)], False),  # by now it is the rule
        ([(100, 100)], False),
    ],
)
def test_a_leap_is_more_than_chance(loads: list[tuple[int, int]], leaps: bool) -> None:
    assert (doubts._leap(loads) is not None) == leaps
