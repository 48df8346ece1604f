"""Prefect, kept at home: its own folder, loopback only, no telemetry, no server left behind."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from flows.schedules import flow_named, known
from pipelines.settings import Settings


def prepare(settings: Settings) -> None:
    """Makes Prefect's folder and sets its variables; to be called before Prefect is imported."""
    (settings.home / "prefect").mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(settings))


def environment(settings: Settings) -> dict[str, str]:
    """The variables that Prefect and the children of a flow read."""
    return {
        "SDA_CONFIG": str(settings.config),
        "SDA_HOME": str(settings.home),
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_PROFILES_PATH": str(settings.home / "prefect" / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "DO_NOT_TRACK": "1",
        # Prefect logs the message of every exception, which may quote a record; `flows.runs` says what is
        # needed. The lines of our own logger go to the run's page.
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "sda",
        # LightGBM reports from threads of its own, which know of no run: the terminal shows those lines.
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    }


def address_file(settings: Settings) -> Path:
    """Where `sda serve` writes the address of its Prefect server while it runs."""
    return settings.home / "prefect" / "server.json"


def running_server(settings: Settings) -> str:
    """The API address of the server that `sda serve` keeps for this home, or "" where none answers."""
    try:
        address = str(json.loads(address_file(settings).read_text(encoding="utf-8"))["api"])
        with urlopen(f"{address}/health", timeout=2) as answer:  # noqa: S310 - written by ourselves, loopback
            return address if answer.status == 200 else ""
    except (OSError, URLError, ValueError, KeyError):
        return ""


@contextmanager
def engine(settings: Settings) -> Iterator[None]:
    """Prefect ready to run flows in this process: on the server of `sda serve`, else on one of its own.

    Its own server starts with the first flow, in a process on a loopback port, and ends with the block.
    """
    prepare(settings)
    if served := running_server(settings):
        os.environ["PREFECT_API_URL"] = served
    else:
        os.environ["PREFECT_LOGGING_TO_API_ENABLED"] = (
            "false"  # nobody will look there: it is on the terminal
        )
    from prefect.server.api.server import SubprocessASGIServer

    server = SubprocessASGIServer()
    was_running = server.running
    try:
        yield
    finally:
        if not was_running:
            server.stop()


def run_flow(settings: Settings, name: str, **parameters: Any) -> None:
    """Runs one flow through Prefect and waits for its end; raises what it raised.

    Raises UsageError for an unknown flow before Prefect is started.
    """
    known(name)
    with engine(settings):
        flow_named(name)(str(settings.config), **parameters)
