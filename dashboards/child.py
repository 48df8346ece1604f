"""A server of ours in a process of its own: started with these settings, and waited for until it answers."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from pipelines.settings import Settings

_PATIENCE = 60.0  # seconds until the first answer must come


def started(
    settings: Settings, module: Sequence[str], log: Path, health: str
) -> "subprocess.Popen[bytes] | None":
    """`python -m` that module, once the address `health` answers; None if it does not, and it is ended then.

    What it says goes to `log`.
    """
    with log.open("ab") as output:
        # A list of our own words, no shell.
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *module],
            env={**os.environ, "SDA_CONFIG": str(settings.config), "SDA_HOME": str(settings.home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    is_up = False
    try:
        is_up = answers_in_time(process, health, _PATIENCE)
    finally:  # also where a person interrupts the wait
        if not is_up:
            process.terminate()
    return process if is_up else None


def answers_in_time(process: "subprocess.Popen[bytes]", address: str, patience: float) -> bool:
    """Whether the process answers at `address` within `patience` seconds, asked again and again."""
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
        if _answers(address):
            return True
    return False


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - an address of our own
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
