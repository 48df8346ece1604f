"""Starts the pages that mails link to in a process of their own, as `sda pages` and `sda serve` do."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

from connectors.errors import AssistantError
from dashboards.service.run import check, require_free
from pipelines.settings import Settings, writable_home

_PATIENCE = 60.0  # seconds until the first answer must come


def address(settings: Settings) -> str:
    """Where the pages answer on this machine."""
    host = settings.service_host
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{reachable}:{settings.service_port}"


def launch(settings: Settings) -> "subprocess.Popen[bytes]":
    """The running service, once it answers.

    Raises UsageError where it may not listen there, AssistantError if the port is taken or it does not start.
    """
    check(settings)
    require_free(settings)
    log = writable_home(settings.home) / "logs" / "pages.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboards.service.run"],
            env={**os.environ, "SDA_CONFIG": str(settings.config), "SDA_HOME": str(settings.home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    deadline, is_up = time.monotonic() + _PATIENCE, False
    try:
        while not is_up and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.2)
            is_up = _answers(settings)
    finally:  # also where a person interrupts the wait
        if not is_up:
            process.terminate()
    if not is_up:
        raise AssistantError("The pages of mails did not start.", f"Their last words are in {log}.")
    return process


def _answers(settings: Settings) -> bool:
    try:
        with urllib.request.urlopen(f"{address(settings)}/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
