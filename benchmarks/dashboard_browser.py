"""The dashboard in a real Chromium: when something useful stands on the screen; then many people at once."""

import argparse
import asyncio
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.async_api import Browser, async_playwright

from benchmarks.dashboard_people import CHROMIUM, FIGURES, FLAGS, PAGE, PATIENCE_MS
from benchmarks.dashboard_sessions import session_figures
from dashboards.child import started
from dashboards.launch import address, launch
from pipelines.settings import Settings

PAINTS = 5
CHART = ".js-plotly-plot .main-svg"
BARE = """
import plotly.graph_objects as go
import streamlit as st
st.title("Bare")
st.plotly_chart(go.Figure(go.Bar(x=["a", "b", "c"], y=[3, 1, 2])))
"""


def browser_figures(settings: Settings, given: argparse.Namespace) -> dict[str, Any]:
    """First paint beside a bare page, then the sessions; with the memory of the server."""
    with _running(settings) as (ours, server), _bare(settings) as bare:
        paint = asyncio.run(_paints(ours, bare))
        return {"paint": paint, "sessions": session_figures(settings, given, ours, server)}


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
            first, second = await _seen(browser, f"{ours}/{PAGE}", [FIGURES, CHART])
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
