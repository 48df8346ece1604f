"""`sda pages` as people run it: a process, a real request, a clean end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from dashboards.subscriptions.keeping.links import links_for
from flows.serve import free_port
from pipelines.settings import load_settings
from pipelines.store import Store, Subscription, now
from tests.flows.conftest import Sda


def test_a_reader_leaves_through_the_running_pages(
    own_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port(19_500 + os.getpid() % 1000)
    monkeypatch.setenv("SDA_SERVICE_PORT", str(port))
    monkeypatch.setenv("SDA_SERVICE_URL", f"http://127.0.0.1:{port}/mail")
    settings = load_settings()
    with Store(settings).session() as session:
        ann = Subscription(email="ann@acme.example", report="fleet-daily", schedule="0 8 * * *")
        session.add(ann)
    link = links_for(settings, ann, now()).unsubscribe
    program = Path(sys.executable).with_name("sda")
    with subprocess.Popen(
        [program, "pages", "--json"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as pages:
        assert pages.stderr is not None
        told = []
        for line in pages.stderr:
            told.append(line)
            if "running on" in line:
                break
        answer = httpx.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=60)
        forged = httpx.get(link[:-1], timeout=60)
        pages.send_signal(signal.SIGTERM)
        rest, log = pages.communicate(timeout=120)
    assert (answer.status_code, forged.status_code) == (200, 404)
    assert "server" not in answer.headers
    with Store(settings).session() as session:
        assert session.get_one(Subscription, ann.id).status == "cancelled"
    log = "".join(told) + log
    assert pages.returncode == 0, log
    assert '"state": "stopped"' in rest
    assert "POST leaving 200" in log
    assert link.rsplit("/", 1)[1][:20] not in log
    assert "Traceback" not in log


def test_pages_are_not_opened_to_others_without_a_key_of_ones_own(
    sda: Sda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_SERVICE_HOST", "0.0.0.0")
    result = sda("pages")
    assert result.exit_code == 2
    assert "SDA_SIGNING_KEY" in result.stderr
