"""Many people at once on the dashboard of one server, while another process writes into its lake.

Some sit at a real Chromium (`--browsers`), the others on machines of their own (`dashboard_visitor`): all do
the same. They come in one after the other; once everyone is there, the clock runs.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Error as BrowserError
from playwright.async_api import async_playwright
from websockets.exceptions import WebSocketException

from benchmarks.dashboard_data import add_events
from benchmarks.dashboard_people import CHROMIUM, FLAGS, at_browser, elsewhere
from benchmarks.dashboard_queries import spread
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

PATIENCE = 60.0  # seconds
ADDED_EVENTS = 200_000  # by each load while people look
PREFIXES = ("L0", "L00", "L000", "L0001", "L0002", "")
BANDS = 4


class Person(Protocol):
    """What one can do on the page; each gives the seconds until it rests."""

    async def arrive(self) -> float: ...
    async def toggle_band(self, place: int) -> float: ...
    async def search(self, beginning: str) -> float: ...
    async def turn_order(self) -> float: ...
    async def next_page(self) -> float | None: ...
    async def errors(self) -> int: ...


@dataclass
class Seen:
    """What the people of one kind met with."""

    arrivals: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        return {"arrival": spread(self.arrivals), "click_to_settled": spread(self.clicks)}


@dataclass
class Room:
    """What the people share: the door, the moment when all are there, what went wrong."""

    given: argparse.Namespace
    door: asyncio.Lock
    everyone: asyncio.Barrier
    failures: list[str] = field(default_factory=list)


def session_figures(settings: Settings, given: argparse.Namespace, url: str, server: int) -> dict[str, Any]:
    """`--sessions` people, `--browsers` of them at a browser; with the memory of the server."""
    with _ingesting(settings, given) as loads:
        told = asyncio.run(_sessions(url, server, given))
        return told | {"loads_beside": loads()}


async def _sessions(url: str, server: int, given: argparse.Namespace) -> dict[str, Any]:
    room = Room(given, asyncio.Lock(), asyncio.Barrier(given.sessions))
    at_browsers, others, memory = Seen(), Seen(), list[int]()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        watching = asyncio.create_task(_watch(server, memory))
        used = _processor_seconds(server)
        people = [
            _take_part(number, room, at_browsers, partial(at_browser, browser, url))
            if number < given.browsers
            else _take_part(number, room, others, partial(elsewhere, url))
            for number in range(given.sessions)
        ]
        await asyncio.gather(*people)
        watching.cancel()
        await browser.close()
    clicks = len(at_browsers.clicks) + len(others.clicks)
    return {
        "sessions": given.sessions,
        "think_seconds": given.think,
        "clicks": clicks,
        **({"at_browsers": at_browsers.told()} if at_browsers.clicks else {}),
        **({"elsewhere": others.told()} if others.clicks else {}),
        "failures": room.failures,
        "server_processor_seconds": round(_processor_seconds(server) - used, 1),
        "server_peak_bytes": max(memory),
    }


async def _take_part(
    number: int, room: Room, seen: Seen, coming: Callable[[], AbstractAsyncContextManager[Person]]
) -> None:
    """One person: comes in, waits for the others, then thinks and clicks until the time is up."""
    chance = random.Random(number)
    try:
        async with coming() as person:
            async with room.door:
                seen.arrivals.append(await person.arrive())
            await room.everyone.wait()
            ends = time.monotonic() + room.given.seconds
            while time.monotonic() < ends:
                await asyncio.sleep(room.given.think * (0.5 + chance.random()))
                seen.clicks.append(await asyncio.wait_for(_do(person, chance), PATIENCE))
            if errors := await person.errors():
                room.failures.append(f"session {number}: {errors} errors on the page")
    except asyncio.BrokenBarrierError:
        pass  # somebody else never arrived, and said so
    except (BrowserError, WebSocketException, TimeoutError) as error:
        await room.everyone.abort()
        room.failures.append(f"session {number}: {type(error).__name__} {str(error).partition(chr(10))[0]}")


async def _do(person: Person, chance: random.Random) -> float:
    """One of the things that people do; where there is no next page they choose a band."""
    what = chance.choice(("band", "search", "order", "page", "page"))
    if what == "search":
        return await person.search(chance.choice(PREFIXES))
    if what == "order":
        return await person.turn_order()
    turned = await person.next_page() if what == "page" else None
    return await person.toggle_band(chance.randrange(BANDS)) if turned is None else turned


async def _watch(server: int, memory: list[int]) -> None:
    """Notes the memory of the server until it is cancelled."""
    while True:
        memory.append(_resident(server))
        await asyncio.sleep(0.5)


@contextmanager
def _ingesting(settings: Settings, given: argparse.Namespace) -> Iterator[Any]:
    """Another process that books more and more until the end; gives how many loads it published."""
    context = multiprocessing.get_context("spawn")
    over, loads = context.Event(), context.Value("i", 0)
    place = (str(settings.home), str(settings.config), given.events, max(1, given.rows // 2))
    writer = context.Process(target=_ingest, args=(*place, over, loads))
    writer.start()
    try:
        yield lambda: loads.value
    finally:
        over.set()
        writer.join(timeout=60)


def _ingest(home: str, config: str, booked: int, customers: int, over: Event, loads: Any) -> None:
    warehouse = Warehouse(Settings(home=Path(home), config=Path(config), threads=1))
    while not over.wait(5):
        first = booked + loads.value * ADDED_EVENTS
        warehouse.write(partial(add_events, first=first, events=ADDED_EVENTS, customers=customers))
        loads.value += 1


def _resident(process: int) -> int:
    """Bytes of memory that a process holds (Linux)."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _processor_seconds(process: int) -> float:
    """What a process has used of all processors (Linux)."""
    user, system = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
