"""The dashboard in a real Chromium: when something useful stands on the screen, and many people at once."""

import argparse
import asyncio
import multiprocessing
import os
import random
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import Error as BrowserError

from benchmarks.dashboard_data import add_events
from benchmarks.dashboard_queries import spread
from dashboards.child import started
from dashboards.launch import address, launch
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

CHROMIUM = os.environ.get("SDA_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PAINTS = 5
PAGE = "/finance"
FIGURES, CHART = '[data-testid="stMetricValue"]', ".js-plotly-plot .main-svg"
ADDED_EVENTS = 200_000  # by each load while people look
PREFIXES = ("L0", "L00", "L000", "L0001", "L0002", "")
PATIENCE_MS = 60_000
BARE = """
import plotly.graph_objects as go
import streamlit as st
st.title("Bare")
st.plotly_chart(go.Figure(go.Bar(x=["a", "b", "c"], y=[3, 1, 2])))
"""
# Counts the runs of the page's script; a click is settled once one more has begun and all have ended.
_WATCH = """
() => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.runs = 0;
  new MutationObserver(() => {
    if (app.getAttribute('data-test-script-state') === 'running') window.runs += 1;
  }).observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
}
"""
_SETTLED = """
(before) => new Promise((resolve) => {
  let since = null;
  const look = () => {
    const app = document.querySelector('[data-testid="stApp"]');
    const rests = app && app.getAttribute('data-test-script-state') === 'notRunning';
    const now = performance.now();
    since = rests && window.runs > before ? (since ?? now) : null;
    if (since !== null && now - since > 150) resolve(now - since); else setTimeout(look, 15);
  };
  look();
})
"""


def browser_figures(settings: Settings, given: argparse.Namespace) -> dict[str, Any]:
    """First paint beside a bare page, then the sessions; with the memory of the server."""
    with _running(settings) as (ours, server), _bare(settings) as bare:
        paint = asyncio.run(_paints(ours, bare))
        with _ingesting(settings, given) as loads:
            sessions = asyncio.run(_sessions(ours, server, given))
        return {"paint": paint, "sessions": sessions | {"loads_beside": loads()}}


@contextmanager
def _running(settings: Settings) -> Iterator[tuple[str, int]]:
    port = _free_port()
    server = launch(settings, port)
    try:
        yield address(port), server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def _bare(settings: Settings) -> Iterator[str]:
    port, script = _free_port(), settings.home / "bare.py"
    script.write_text(BARE, encoding="utf-8")
    options = [f"--server.port={port}", "--server.headless=true", "--browser.gatherUsageStats=false"]
    command = ["streamlit", "run", str(script), *options]
    server = started(settings, command, settings.home / "bare.log", f"{address(port)}/_stcore/health")
    if server is None:
        sys.exit("The bare page did not start.")
    try:
        yield address(port)
    finally:
        server.terminate()
        server.wait(timeout=30)


async def _paints(ours: str, bare: str) -> dict[str, Any]:
    """Each page in fresh windows, in turn; the first of each warms the servers."""
    useful, chart, alone = [], [], []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for _ in range(1 + PAINTS):
            first, second = await _seen(browser, ours + PAGE, [FIGURES, CHART])
            useful.append(first)
            chart.append(second)
            alone += await _seen(browser, bare, [CHART])
        await browser.close()
    ratio = statistics.median(useful[1:]) / statistics.median(alone[1:])
    return {
        "useful_ms": round(1000 * statistics.median(useful[1:])),
        "first_chart_ms": round(1000 * statistics.median(chart[1:])),
        "bare_ms": round(1000 * statistics.median(alone[1:])),
        "times_bare": round(ratio, 2),
        "times": PAINTS,
    }


async def _seen(browser: Browser, url: str, selectors: list[str]) -> list[float]:
    """Seconds until each of these stands in a fresh window."""
    context = await browser.new_context(viewport={"width": 1280, "height": 1400})
    page = await context.new_page()
    began, seconds = time.perf_counter(), []
    await page.goto(url, wait_until="commit", timeout=PATIENCE_MS)
    for selector in selectors:
        await page.locator(selector).first.wait_for(timeout=PATIENCE_MS)
        seconds.append(time.perf_counter() - began)
    await context.close()
    return seconds


async def _sessions(url: str, server: int, given: argparse.Namespace) -> dict[str, Any]:
    arrivals: list[float] = []
    clicks: list[float] = []
    failures: list[str] = []
    memory: list[int] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        watching = asyncio.create_task(_watch(server, memory))
        door, everyone = asyncio.Lock(), asyncio.Barrier(given.sessions)
        people = (
            _person(browser, url, number, given, door, everyone, arrivals, clicks, failures)
            for number in range(given.sessions)
        )
        await asyncio.gather(*people)
        watching.cancel()
        await browser.close()
    if not clicks:
        sys.exit(f"Nobody could click: {failures[:3]}")
    return {
        "sessions": given.sessions,
        "think_seconds": given.think,
        "arrival": spread(arrivals),
        "click_to_settled": spread(clicks),
        "failures": failures,
        "server_peak_bytes": max(memory),
    }


async def _watch(server: int, memory: list[int]) -> None:
    """Notes the memory of the server until it is cancelled."""
    while True:
        memory.append(_resident(server))
        await asyncio.sleep(0.5)


async def _person(
    browser: Browser,
    url: str,
    number: int,
    given: argparse.Namespace,
    door: asyncio.Lock,
    everyone: asyncio.Barrier,
    arrivals: list[float],
    clicks: list[float],
    failures: list[str],
) -> None:
    """One person: comes in after the one before, for all browsers load on this one machine; once everyone is
    there, thinks and clicks until the time is up.
    """
    chance = random.Random(number)
    context = await browser.new_context(viewport={"width": 1280, "height": 1400})
    page = await context.new_page()
    try:
        async with door:
            arrivals.append(await _arrive(page, url))
        await page.evaluate(_WATCH)
        await everyone.wait()
        ends = time.monotonic() + given.seconds
        while time.monotonic() < ends:
            await asyncio.sleep(given.think * (0.5 + chance.random()))
            clicks.append(await _click(page, chance))
            if await page.get_by_test_id("stException").count():
                failures.append(f"session {number}: an error on the page")
    except asyncio.BrokenBarrierError:
        pass  # somebody else never arrived, and said so
    except (BrowserError, TimeoutError) as error:
        await everyone.abort()
        failures.append(f"session {number}: {type(error).__name__} {str(error).partition(chr(10))[0]}")
    finally:
        await context.close()


async def _arrive(page: Page, url: str) -> float:
    """Seconds until the page can be used to its end."""
    began = time.perf_counter()
    await page.goto(url + PAGE, timeout=PATIENCE_MS)
    await page.locator(FIGURES).first.wait_for(timeout=PATIENCE_MS)
    await page.locator(".st-key-page-after button").wait_for(timeout=PATIENCE_MS)
    return time.perf_counter() - began


async def _click(page: Page, chance: random.Random) -> float:
    """Seconds from one thing that people do until the page rests again."""
    before = await page.evaluate("window.runs")
    turn = page.locator(".st-key-page-after button:enabled")
    what = chance.choice(("band", "search", "order", "turn", "turn"))
    began = time.perf_counter()
    if what == "search":
        field = page.locator(".st-key-filter-search input")
        now, wanted = await field.input_value(), chance.choice(PREFIXES)
        await field.fill(wanted if wanted != now else "L0003")
        await field.press("Enter")
    elif what == "order":
        turned = "Highest first" if "sort=score" in page.url else "Lowest first"
        await page.locator(".st-key-explore-order").get_by_text(turned).click()
    elif what == "turn" and await turn.count():
        await turn.click()
    else:
        bands = page.locator(".st-key-filter-band button")
        await bands.nth(chance.randrange(await bands.count())).click()
    rested = await asyncio.wait_for(page.evaluate(_SETTLED, before), PATIENCE_MS / 1000)
    return float(time.perf_counter() - began - rested / 1000)


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
