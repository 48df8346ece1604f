"""`sda serve` for real: a Prefect server, a run on its schedule, and a clean end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event
from urllib.request import urlopen

import pytest

from flows.runs import last_runs
from flows.serve import free_port, kept_running
from flows.stop import Stop, until
from pipelines.settings import Settings
from tests.flows.conftest import Sda


def test_nothing_scheduled_is_told(sda: Sda, home: Settings) -> None:
    result = sda("serve", "--no-dashboard")
    assert result.exit_code == 2
    assert "[schedules]" in result.stderr


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) > taken.getsockname()[1]


def test_a_child_that_ends_by_itself_is_started_again_and_ends_with_the_block() -> None:
    started: list[subprocess.Popen[bytes]] = []
    second = Event()

    def start() -> "subprocess.Popen[bytes]":
        seconds = 60 if started else 0
        started.append(subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"]))
        if len(started) > 1:
            second.set()
        return started[-1]

    with kept_running(start, "The pages"):
        assert second.wait(120)
        assert started[1].poll() is None
    assert len(started) == 2
    assert started[1].poll() is not None


def test_a_child_that_is_just_being_started_again_ends_with_the_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flows.serve._FAREWELL", 0.05)
    started: list[subprocess.Popen[bytes]] = []
    again = Event()

    def start() -> "subprocess.Popen[bytes]":
        if started:
            again.set()
            time.sleep(0.5)  # longer than an end is waited for
        seconds = 60 if started else 0
        started.append(subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"]))
        return started[-1]

    with kept_running(start, "The pages"):
        assert again.wait(120)
    assert len(started) == 2
    assert started[1].poll() is not None


def test_a_taken_port_of_the_pages_is_told_before_anything_starts(
    shop: Settings, sda: Sda, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("SDA_SERVICE_PORT", str(taken.getsockname()[1]))
        result = sda("serve", "--no-dashboard")
    assert result.exit_code == 1
    assert "running already" in result.stderr
    assert not (shop.home / "prefect" / "server.json").exists()


def test_a_stop_whose_exception_was_lost_still_ends_the_work() -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            ended.append(True)

    stop = Stop()
    with suppress(KeyboardInterrupt):  # as Python drops one that is raised in a callback
        stop()
    asyncio.run(until(stop, work()))
    assert ended == [True]


@pytest.mark.slow
def test_the_service_starts_and_ends_with_its_children(
    shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psutil

    port = free_port(17_500 + os.getpid() % 1000)
    monkeypatch.setenv("SDA_SERVICE_PORT", str(port))
    program = Path(sys.executable).with_name("sda")
    with subprocess.Popen(
        [program, "serve", "--no-dashboard"], stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as service:
        assert service.stderr is not None
        told = []
        for line in service.stderr:
            told.append(line.strip())
            if "Serving" in line:
                break
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as answer:
            assert answer.status == 200
        children = psutil.Process(service.pid).children(recursive=True)
        service.send_signal(signal.SIGTERM)
        rest = service.stderr.read()
    assert "daily: 0 6 * * * (UTC)" in told
    assert service.returncode == 0, rest
    assert "Traceback" not in rest
    assert children
    assert not any(child.is_running() for child in children)
    assert not (shop.home / "prefect" / "server.json").exists()
    assert last_runs(shop)["serve"].state == "done"
