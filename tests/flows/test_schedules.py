"""When flows are due: the stored timetable, wrong entries, and what has not run."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import UsageError
from flows.commands.init import BEGINNING
from flows.demo import sample_settings
from flows.schedules import FLOWS, flow_named, overdue, timetable
from flows.serve import deployment
from flows.watch import note_missed_runs
from pipelines.settings import Settings, load_settings
from pipelines.store import Notice, Run, Store, now
from tests.flows.conftest import outbox

GOLDEN = Path(__file__).with_name("timetable.json")
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_flows_and_schedules_are_as_stored(tmp_path: Path) -> None:
    """After a deliberate change: write the shown document into tests/flows/timetable.json."""
    config = tmp_path / "assistant.toml"
    config.write_text(BEGINNING)
    actual = {
        "flows": {name: (flow_named(name).fn.__doc__ or "").splitlines()[0] for name in FLOWS},
        "init": [vars(line) for line in timetable(load_settings(config))],
        "sample_data": [vars(line) for line in timetable(sample_settings())],
    }
    assert actual == json.loads(GOLDEN.read_text()), json.dumps(actual, indent=1)


def test_a_deployment_runs_on_its_cron_line_in_the_projects_zone(shop: Settings) -> None:
    settings = shop.model_copy(update={"timezone": "Asia/Shanghai"})
    made = deployment(settings, timetable(settings)[0])
    [schedule] = [one.schedule for one in made.schedules]
    assert (made.name, made.entrypoint) == ("daily", "flows.daily.daily")
    assert (schedule.cron, schedule.timezone) == ("0 6 * * *", "Asia/Shanghai")
    assert made.parameters == {"config": str(shop.config)}


@pytest.mark.parametrize(
    "schedules", [{"dayly": "0 6 * * *"}, {"daily": "6 in the morning"}, {"daily": "0 25 * * *"}]
)
def test_a_wrong_schedule_is_told(home: Settings, schedules: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="dayly|daily"):
        timetable(home.model_copy(update={"schedules": schedules}))


def ran(settings: Settings, flow: str, at: datetime) -> None:
    with Store(settings).session() as session:
        session.add(Run(flow=flow, started_at=at, ended_at=at, state="done"))


def test_nothing_is_overdue_before_it_was_ever_expected(shop: Settings) -> None:
    assert overdue(shop, MONDAY) == {}


def test_a_flow_that_missed_its_moment_is_overdue_until_it_runs(shop: Settings) -> None:
    ran(shop, "serve", MONDAY - timedelta(days=3))
    ran(shop, "daily", MONDAY - timedelta(days=1, hours=6))
    assert overdue(shop, MONDAY) == {"daily": datetime(2026, 11, 23, 6, tzinfo=UTC)}
    ran(shop, "daily", MONDAY - timedelta(minutes=5))
    assert overdue(shop, MONDAY) == {}


def test_an_hours_grace_passes_before_a_missed_run_is_told(shop: Settings) -> None:
    ran(shop, "daily", MONDAY - timedelta(days=1, hours=6))
    assert overdue(shop, MONDAY.replace(hour=6, minute=59)) == {}
    assert set(overdue(shop, MONDAY.replace(hour=7, minute=1))) == {"daily"}


def test_the_schedule_is_read_in_the_projects_zone(shop: Settings) -> None:
    shanghai = shop.model_copy(update={"timezone": "Asia/Shanghai"})
    ran(shanghai, "daily", MONDAY - timedelta(days=2))
    assert overdue(shanghai, MONDAY) == {"daily": datetime(2026, 11, 22, 22, tzinfo=UTC)}


def test_a_missed_run_is_mailed_once_and_resolved_when_it_has_run(shop: Settings) -> None:
    from flows.alerts import tell_owner

    ran(shop, "daily", now() - timedelta(days=3))
    for _ in range(2):
        assert note_missed_runs(shop) == ["daily"]
        tell_owner(shop)
    [mail] = outbox(shop)
    assert "To: owner@example.com" in mail
    assert "daily has not run" in mail
    ran(shop, "daily", now())
    assert note_missed_runs(shop) == []
    with Store(shop).session() as session:
        assert session.query(Notice).filter(Notice.resolved_at.is_(None)).count() == 0


def test_a_run_that_never_ended_is_closed_as_failed(shop: Settings) -> None:
    with Store(shop).session() as session:
        session.add(Run(flow="train", started_at=now() - timedelta(days=1), state="running"))
        session.add(Run(flow="serve", started_at=now() - timedelta(days=1), state="running"))
    note_missed_runs(shop)
    with Store(shop).session() as session:
        assert {run.flow: run.state for run in session.query(Run)} == {"train": "failed", "serve": "running"}
        assert [notice.about for notice in session.query(Notice) if notice.kind == "flow_failed"] == ["train"]
