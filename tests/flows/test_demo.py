"""The demo decides cheaply whether there is anything to do."""

from pathlib import Path

import pytest

from flows import demo
from pipelines.settings import Settings
from pipelines.store import Delivery, ModelVersion, Store, Subscription


def finished(settings: Settings) -> None:
    """What a demo leaves in the store: a model in service and an issue sent to everyone named."""
    with Store(settings).session() as session:
        session.add(
            ModelVersion(
                task="t", version="1", state="in_service", snapshot_id=1, path="models/t/1", checksum=""
            )
        )
        for report, given in settings.reports.items():
            for recipient in given.recipients:
                entry = Subscription(email=recipient, report=report, schedule="0 7 * * *")
                session.add(entry)
                session.flush()
                session.add(Delivery(subscription_id=entry.id, period=entry.created_at, state="sent"))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The flows that the demo started; sample files of its own, so that a change can be made."""
    flows: list[str] = []

    def run_flow(settings: Settings, name: str, **_: object) -> None:
        flows.append(name)
        if len(flows) == 1:
            finished(settings)

    samples = tmp_path / "samples"
    samples.mkdir()
    (samples / "orders.csv").write_text("a\n1\n")
    monkeypatch.setattr(demo, "run_flow", run_flow)
    monkeypatch.setattr(demo, "fingerprint", lambda _: fingerprint(samples))
    return flows


fingerprint = demo.fingerprint


def test_the_second_demo_reuses_the_first(own_environment: None, ran: list[str]) -> None:
    settings = demo.sample_settings()
    assert [demo.run_demo(settings).reused for _ in range(3)] == [False, True, True]
    assert ran == ["daily"]


def test_a_changed_sample_file_is_taken_through_again(
    own_environment: None, ran: list[str], tmp_path: Path
) -> None:
    settings = demo.sample_settings()
    demo.run_demo(settings)
    (tmp_path / "samples" / "orders.csv").write_text("a\n1\n2\n")
    assert not demo.run_demo(settings).reused
    assert ran == ["daily", "daily"]


def test_a_demo_whose_mails_did_not_leave_is_run_again(own_environment: None, ran: list[str]) -> None:
    settings = demo.sample_settings()
    demo.run_demo(settings)
    with Store(settings).session() as session:
        for delivery in session.query(Delivery):
            delivery.state = "failed"
    assert not demo.run_demo(settings).reused
    assert ran == ["daily", "daily"]
