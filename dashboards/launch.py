"""Starts the dashboard: Streamlit in a process of its own, on this machine's loopback address only."""

import os
import socket
import subprocess
from pathlib import Path

from connectors.errors import AssistantError
from dashboards.child import started
from pipelines.settings import Settings, writable_home

LOOPBACK = "127.0.0.1"
_SERVER = Path(__file__).with_name("server.py")


def address(port: int) -> str:
    """Where a browser finds the dashboard."""
    return f"http://{LOOPBACK}:{port}{base_path()}"


def base_path() -> str:
    """The path under which Streamlit's own settings put it (`server.baseUrlPath`), or ""."""
    from streamlit import config  # heavy

    told = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH") or config.get_option("server.baseUrlPath")
    path = str(told).strip("/")
    return f"/{path}" if path else ""


def launch(settings: Settings, port: int = 8501) -> subprocess.Popen[bytes]:
    """The running dashboard, once it answers. Wait for the process to serve in the foreground.

    Raises AssistantError if the port is taken or the dashboard ends before it answers.
    """
    _require_free(port)
    writable_home(settings.home)
    log = settings.home / "dashboard.log"
    command = ["streamlit", "run", str(_SERVER), *_options(port)]
    process = started(settings, command, log, f"{address(port)}/_stcore/health")
    if process is None:
        raise AssistantError("The dashboard did not start.", f"Its last words are in {log}.")
    return process


def _options(port: int) -> list[str]:
    """What may not depend on a settings file of the machine; the look is in `.streamlit/config.toml`."""
    given = {
        "server.port": str(port),
        "server.address": LOOPBACK,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        # To look through everything that lives after each click takes three times as long as the click.
        "runner.postScriptGC": "false",
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
