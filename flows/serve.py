"""`sda serve`: a Prefect server on loopback, all flows on their schedules, dashboard and pages beside it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from connectors.errors import AssistantError, UsageError
from dashboards.child import answers_in_time
from flows.engine import address_file, prepare, running_server
from flows.progress import progress
from flows.runs import recorded
from flows.schedules import Scheduled, flow_named, timetable
from flows.stop import Stop, until
from pipelines.settings import Settings

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

LOOPBACK = "127.0.0.1"
_PATIENCE = 120.0  # seconds for the Prefect server's first answer; its first start makes its database
_FAREWELL = 10.0  # seconds for a child process to end by itself
_STEADY = 60.0  # seconds; a child that ran so long is started again at once
_LONGEST_PAUSE = 300.0  # seconds between two starts of a child that does not stay


def serve(settings: Settings, port: int | None, *, pages: bool = True) -> None:
    """Runs until it is stopped (Ctrl-C or SIGTERM), then stops its children. `port` None: no dashboard.

    `pages`: also those that mails link to (`dashboards.service`); they are started again should they end.

    Raises UsageError where nothing is scheduled, AssistantError where another one serves this home.
    """
    scheduled = timetable(settings)
    if not scheduled:
        raise UsageError(
            f"{settings.config} schedules no flow.",
            'Add a line such as daily = "0 6 * * *" under [schedules].',
        )
    if address := running_server(settings):
        raise AssistantError(f"The flows of this home are served already ({address}).")
    prepare(settings)
    # Being stopped is how a service ends well.
    with recorded(settings, "serve"), Stop() as stop, suppress(KeyboardInterrupt), ExitStack() as children:
        if pages:
            from dashboards.service.launch import address as pages_at
            from dashboards.service.launch import launch as launch_pages

            children.enter_context(kept_running(lambda: launch_pages(settings), "The pages of mails"))
            progress(
                f"The pages that mails link to are at {pages_at(settings)} (outside: {settings.service_url})"
            )
        progress("Starting the scheduler …")
        os.environ["PREFECT_API_URL"] = children.enter_context(prefect_server(settings))
        if port is not None:
            from dashboards.launch import address as page
            from dashboards.launch import launch

            children.enter_context(stopped_at_the_end(launch(settings, port)))
            progress(f"The dashboard is at {page(port)}")
        for line in scheduled:
            progress(f"  {line.flow}: {line.cron} ({line.timezone})")
        stop.is_abrupt = False
        progress("Serving. Stop with Ctrl-C.")
        run_on_schedule(settings, scheduled, stop)


def run_on_schedule(settings: Settings, scheduled: list[Scheduled], stop: Stop) -> None:
    """Starts the runs as they come due, each in a process of its own, until it is stopped."""
    from prefect.runner import Runner

    class Service(Runner):
        def handle_sigterm(self, *_: Any) -> None:
            # Prefect's own answer leaves its event loop, and a run in it, unfinished.
            stop()

    deployments = [deployment(settings, line) for line in scheduled]

    async def work() -> None:
        service = Service(pause_on_shutdown=False)
        for line in deployments:
            await service.aadd_deployment(line)
        await service.start()

    asyncio.run(until(stop, work()))


def deployment(settings: Settings, line: Scheduled) -> "RunnerDeployment":
    """One flow on its schedule; a run that is still busy when the next is due is not doubled."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    made = flow_named(line.flow).to_deployment(
        name=line.flow,
        schedule=Cron(line.cron, timezone=line.timezone),
        parameters={"config": str(settings.config)},
        entrypoint_type=EntrypointType.MODULE_PATH,
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        ),
    )
    assert isinstance(made, RunnerDeployment)  # noqa: S101 - in an event loop it would be a coroutine
    return made


@contextmanager
def prefect_server(settings: Settings) -> Iterator[str]:
    """A Prefect server with its scheduler, in a process of its own on loopback; gives its API address."""
    port = free_port(4200)
    address = f"http://{LOOPBACK}:{port}/api"
    log = settings.home / "logs" / "prefect.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)]
    with log.open("ab") as output:
        server = subprocess.Popen(  # noqa: S603 - our own words, no shell
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    with stopped_at_the_end(server):
        leaving = Event()
        Thread(target=_end_with, args=(server, leaving), daemon=True).start()
        _wait_until_it_answers(server, address, str(log))
        address_file(settings).write_text(json.dumps({"api": address}), encoding="utf-8")
        try:
            yield address
        finally:
            leaving.set()
            address_file(settings).unlink(missing_ok=True)


@contextmanager
def stopped_at_the_end(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Ends a child process with the block: asked first, made to where it does not listen."""
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def kept_running(start: Callable[[], "subprocess.Popen[bytes]"], name: str) -> Iterator[None]:
    """Runs a child process along with the block. One that ends by itself is started again, ever later."""
    child, leaving = start(), Event()

    def watch() -> None:
        nonlocal child
        pause = 1.0
        while True:
            began = time.monotonic()
            child.wait()
            if time.monotonic() - began > _STEADY:
                pause = 1.0
            if leaving.wait(pause):
                return
            progress(f"{name} ended and are started again.")
            pause = min(2 * pause, _LONGEST_PAUSE)
            with suppress(AssistantError):
                child = start()
            if leaving.is_set():  # while it was started: it is ended below
                return

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        leaving.set()
        with stopped_at_the_end(child):
            pass
        watcher.join()  # if it is just starting a new one, until it is there: it would be left behind
        with stopped_at_the_end(child):
            pass


def wait_in_the_foreground(child: "subprocess.Popen[bytes]") -> None:
    """Waits until the child ends or a person presses Ctrl-C, which is how one is meant to stop it."""
    with suppress(KeyboardInterrupt), stopped_at_the_end(child):
        child.wait()


def free_port(first: int) -> int:
    """The first port from `first` on that nobody on this machine listens to."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise AssistantError(f"No port is free from {first} to {first + 99}.")


def _end_with(server: "subprocess.Popen[bytes]", leaving: Event) -> None:
    """Ends the service when its scheduler is gone: better down than silently doing nothing."""
    server.wait()
    if not leaving.is_set():
        os.kill(os.getpid(), signal.SIGTERM)


def _wait_until_it_answers(server: "subprocess.Popen[bytes]", address: str, log: str) -> None:
    if not answers_in_time(server, f"{address}/health", _PATIENCE):
        raise AssistantError("The scheduler did not start.", f"Its last words are in {log}.")
