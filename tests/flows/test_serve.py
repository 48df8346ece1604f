"""`sda serve` for real: a Prefect server, a run on its schedule, and a clean end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.runs import last_runs
from flows.serve import free_port
from pipelines.settings import Settings
from tests.flows.conftest import Sda


def test_nothing_scheduled_is_told(sda: Sda, home: Settings) -> None:
    result = sda("serve", "--no-dashboard")
    assert result.exit_code == 2
    assert "[schedules]" in result.stderr


def test_a_taken_port_is_passed_over() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) > taken.getsockname()[1]


@pytest.mark.slow
def test_the_service_starts_and_ends_with_its_children(shop: Settings) -> None:
    import psutil

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
