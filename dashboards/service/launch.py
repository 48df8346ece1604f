"""Starts the pages that mails link to in a process of their own, as `sda pages` and `sda serve` do."""

import subprocess

from connectors.errors import AssistantError
from dashboards.child import started
from dashboards.service.run import check, require_free
from pipelines.settings import Settings, writable_home


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
    process = started(settings, ["dashboards.service.run"], log, f"{address(settings)}/health")
    if process is None:
        raise AssistantError("The pages of mails did not start.", f"Their last words are in {log}.")
    return process
