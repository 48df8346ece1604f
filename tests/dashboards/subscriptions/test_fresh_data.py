"""On fresh data instead of a clock: once for each new data, by what the lake remembers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import UsageError
from dashboards.subscriptions.timing.clock import due
from dashboards.subscriptions.timing.fresh_data import fresh_moment
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.upkeep import tidy
from tests.dashboards.subscriptions.loads import loaded, open_lake, scored
from tests.dashboards.subscriptions.timing import Timing

TASK = "logistics.late_delivery"
MONDAY = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = MONDAY + 30 * DAY
WAITING = Timing("@data", "Europe/Berlin", report="fleet-daily")


@pytest.fixture(autouse=True)
def lake_stays_open(home: Settings) -> Iterator[None]:
    with open_lake(home):
        yield


def fresh(settings: Settings, report: str = "fleet-daily", until: datetime = LATER) -> datetime | None:
    return fresh_moment(settings, report, until)


def test_data_are_fresh_once_their_cases_were_scored(home: Settings) -> None:
    assert fresh(home) is None
    first = loaded(home, "logistics.shipments", MONDAY)
    assert fresh(home) is None  # nothing was scored yet
    scored(home, TASK, MONDAY, first, MONDAY + HOUR)
    assert fresh(home) == MONDAY
    second = loaded(home, "logistics.stops", MONDAY + DAY)
    assert fresh(home) == MONDAY  # the predictions do not hold it
    scored(home, TASK, MONDAY + DAY, second, MONDAY + DAY + HOUR)
    assert fresh(home) == MONDAY + DAY
    assert fresh(home, until=MONDAY + HOUR) == MONDAY


def test_the_same_data_are_never_told_twice_and_never_to_who_came_later(home: Settings) -> None:
    snapshot = loaded(home, "logistics.shipments", MONDAY)
    scored(home, TASK, MONDAY, snapshot, MONDAY + HOUR)
    assert due(home, WAITING, MONDAY - DAY, LATER) == [MONDAY]
    for what_happens in (
        lambda: scored(home, TASK, MONDAY, snapshot, MONDAY + 2 * DAY),  # scored again
        lambda: scored(home, TASK, MONDAY + DAY, snapshot + 1, MONDAY + 3 * DAY),  # for another day
        lambda: loaded(home, "logistics.shipments", MONDAY + DAY, changed=0),  # nothing new in it
        lambda: loaded(home, "finance.loans", MONDAY + DAY, source="bank"),  # of another report
        lambda: tidy(home, keep_days=0),
    ):
        what_happens()
        assert due(home, WAITING, MONDAY - DAY, LATER) == [MONDAY]
    assert due(home, WAITING, MONDAY, LATER) == []  # it is in the journal
    assert due(home, WAITING, MONDAY + HOUR, LATER) == []  # subscribed when the data were there
    assert due(home, WAITING, MONDAY - DAY, MONDAY - HOUR) == []  # a clock set back


def test_a_report_on_a_table_is_fresh_with_its_load(home: Settings) -> None:
    loaded(home, "logistics.shipments", MONDAY)
    loaded(home, "logistics.stops", MONDAY + DAY)
    reports = {"shipments": ReportSettings(table="logistics.shipments")}
    settings = home.model_copy(update={"reports": reports})
    assert fresh(settings, "shipments") == MONDAY
    assert fresh(settings, "data-quality") == MONDAY + DAY  # it is about all loads


def test_an_unknown_report_is_told(home: Settings) -> None:
    with pytest.raises(UsageError, match="fleet-daily"):
        fresh(home, "fleet-dayly")
