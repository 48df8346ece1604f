"""Starts the dashboard: Streamlit in a process of its own, on this machine's loopback address only."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from connectors.errors import AssistantError
from pipelines.settings import Settings, writable_home

LOOPBACK = "127.0.0.1"
_APP = Path(__file__).with_name("app.py")
_PATIENCE = 60.0  # seconds until the first page must answer


def address(port: int) -> str:
    """Where a browser finds the dashboard."""
    return f"http://{LOOPBACK}:{port}"


def launch(settings: Settings, port: int = 8501) -> subprocess.Popen[bytes]:
    """The running dashboard, once it answers. Wait for the process to serve in the foreground.

    Raises AssistantError if the port is taken or the dashboard ends before it answers.
    """
    _require_free(port)
    writable_home(settings.home)
    log = settings.home / "dashboard.log"
    with log.open("ab") as output:
        # A list of our own words, no shell.
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "streamlit", "run", str(_APP), *_options(port)],
            env={**os.environ, "SDA_CONFIG": str(settings.config), "SDA_HOME": str(settings.home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    _wait_until_it_answers(process, port, log)
    return process


def _options(port: int) -> list[str]:
    """What may not depend on a settings file of the machine; the look is in `.streamlit/config.toml`."""
    given = {
        "server.port": str(port),
        "server.address": LOOPBACK,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
    }
    return [f"--{name}={value}" for name, value in given.items()]


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise AssistantError(
                f"Port {port} is taken, perhaps by a dashboard that is already running.",
                f"Open {address(port)}, or choose another port: `sda dashboard --port {port + 1}`.",
            ) from None


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    answered = False
    try:
        while not answered and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.2)
            answered = _answers(port)
    finally:  # also where a person interrupts the wait
        if not answered:
            process.terminate()
    if answered:
        return
    raise AssistantError("The dashboard did not start.", f"Its last words are in {log}.")


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"{address(port)}/_stcore/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
