"""The flows on a real (test) Prefect server: they wire, record, and tell the owner once."""

from pathlib import Path

import pytest

from connectors.errors import UsageError
from flows.deliver import patient as patient_delivery
from flows.deliver import send
from flows.engine import environment, run_flow
from flows.ingest import NETWORK_WAITS, load, patient
from flows.runs import StepsFailedError, last_runs, recorded
from pipelines.settings import Settings, SourceSettings, load_settings
from pipelines.store import Notice, Store
from pipelines.warehouse import Warehouse
from tests.flows.conftest import SETTINGS, outbox

BROKEN = """
[sources.broken]
connector = "files"
domain = "shop"
table = "broken"
options = { path = "missing.csv" }
"""


def notices(settings: Settings) -> dict[tuple[str, str], bool]:
    """Kind and subject of every notice, and whether it is resolved."""
    with Store(settings).session() as session:
        return {
            (notice.kind, notice.about): notice.resolved_at is not None for notice in session.query(Notice)
        }


def test_daily_walks_through_every_step_and_records_each(shop: Settings, prefect: None) -> None:
    run_flow(shop, "daily")
    assert Warehouse(shop).query("SELECT count(*) FROM shop.orders").item() == 3
    states = {flow: run.state for flow, run in last_runs(shop).items()}
    assert states == dict.fromkeys(("daily", "ingest", "train", "score", "plan", "deliver"), "done")
    assert outbox(shop) == []


def test_a_source_that_fails_is_mailed_once_and_holds_up_nobody(
    shop: Settings, prefect: None, tmp_path: Path
) -> None:
    (tmp_path / "assistant.toml").write_text(SETTINGS + BROKEN)
    settings = load_settings()
    for _ in range(2):
        with pytest.raises(StepsFailedError):
            run_flow(settings, "daily")
    assert Warehouse(settings).query("SELECT count(*) FROM shop.orders").item() == 3
    states = {flow: run.state for flow, run in last_runs(settings).items()}
    assert states == {
        "daily": "failed",
        "ingest": "failed",
        "train": "done",
        "score": "done",
        "plan": "done",
        "deliver": "done",
    }
    assert notices(settings) == {("load_failed", "broken"): False}
    [mail] = outbox(settings)
    assert "To: owner@example.com" in mail
    assert "broken" in mail
    (tmp_path / "missing.csv").write_text("a\n1\n")
    run_flow(settings, "ingest")
    assert notices(settings) == {("load_failed", "broken"): True}
    assert len(outbox(settings)) == 1


def test_a_changed_schema_is_mailed_to_the_owner(shop: Settings, prefect: None, tmp_path: Path) -> None:
    run_flow(shop, "ingest")
    (tmp_path / "orders.csv").write_text("order_id,ordered_at,amount,colour\n4,2026-01-08,11,red\n")
    run_flow(shop, "ingest")
    [mail] = outbox(shop)
    assert "colour" in mail


def test_upkeep_tidies_the_lake(shop: Settings, prefect: None) -> None:
    run_flow(shop, "ingest")
    run_flow(shop, "upkeep")
    assert last_runs(shop)["upkeep"].state == "done"
    assert Warehouse(shop).query("SELECT count(*) FROM shop.orders").item() == 3


def test_an_unknown_flow_is_told_before_prefect_starts(shop: Settings) -> None:
    with pytest.raises(UsageError, match="daily"):
        run_flow(shop, "dayly")


def test_an_unexpected_error_is_noted_without_its_message(shop: Settings) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="Jane"), recorded(shop, "score"):
            raise ValueError("cannot read 'Jane Doe'")
    assert notices(shop) == {("flow_failed", "score"): False}
    [mail] = outbox(shop)
    assert "The flow score failed" in mail
    assert "ValueError" in mail
    assert "Jane" not in mail + last_runs(shop)["score"].detail
    with recorded(shop, "score"):
        pass
    assert notices(shop) == {("flow_failed", "score"): True}


def test_where_a_person_looks_on_nobody_is_mailed(shop: Settings) -> None:
    with pytest.raises(UsageError), recorded(shop, "train", attended=True):
        raise UsageError("no such task")
    assert last_runs(shop)["train"].state == "failed"
    assert outbox(shop) == []


def test_only_work_across_a_network_is_tried_again(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def source(path: str) -> SourceSettings:
        return SourceSettings(connector="files", domain="shop", table="x", options={"path": path})

    remote = patient(load, source("https://example.com/x.csv"))
    assert patient(load, source("x.csv")).retries == 0
    assert (remote.retries, remote.retry_delay_seconds) == (len(NETWORK_WAITS), NETWORK_WAITS)
    assert patient_delivery(send, shop).retries == 0
    monkeypatch.setenv("SDA_SMTP_HOST", "mail.example.com")
    assert patient_delivery(send, load_settings()).retries == 3


def test_prefect_stays_at_home_and_tells_nobody(shop: Settings) -> None:
    given = environment(shop)
    assert given["PREFECT_HOME"] == str(shop.home / "prefect")
    assert given["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert given["DO_NOT_TRACK"] == "1"
