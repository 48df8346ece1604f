"""A dashboard that runs as people run it, and a real Chromium to look at it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboards.launch import address, launch
from pipelines.settings import Settings
from tests.dashboards.screens.conftest import furnished

__all__ = ["furnished"]

# A page that is opened first on a busy machine takes its time.
expect.set_options(timeout=30_000)
CHROMIUM = Path(os.environ.get("SDA_CHROMIUM", "/usr/bin/chromium"))
# The browser talks to nobody but the dashboard.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Without it the test is skipped; in CI that is a failure.

    Not for the whole session: while Playwright is open its event loop counts as running in this thread,
    and Prefect's calls in later tests would answer with coroutines.
    """
    if not CHROMIUM.exists():
        advice = f"no Chromium at {CHROMIUM}: apt-get install chromium, or set SDA_CHROMIUM"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(advice)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def dashboard(furnished: Path) -> Iterator[str]:
    """The address of a running dashboard on the furnished home."""
    with served(Settings(home=furnished / "var", config=furnished / "assistant.toml", threads=2)) as found:
        yield found


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The address of a dashboard that runs meanwhile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = launch(settings, port)
    try:
        yield address(port)
    finally:
        running.terminate()
        running.wait(timeout=20)


@pytest.fixture
def page(chromium: Browser, dashboard: str) -> Iterator[Page]:
    """A fresh browser window; `goto` takes paths of the dashboard."""
    context = chromium.new_context(base_url=dashboard, viewport={"width": 1280, "height": 1400})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def until_it_stands_still(page: Page) -> None:
    """Waits until the page is whole: its script has ended, and its height has not changed for a second."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    block, before, same = page.get_by_test_id("stMainBlockContainer"), None, 0
    while same < 5:
        page.wait_for_timeout(200)
        box = block.bounding_box()
        same, before = (same + 1 if box == before else 0), box


def choose_first_row(page: Page) -> None:
    """Clicks the first row of the list as a hand does: a canvas knows only rows that the mouse came over."""
    until_it_stands_still(page)
    listing = page.get_by_test_id("stDataFrame").last
    listing.scroll_into_view_if_needed()
    box = listing.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.move(box["x"] + 100, box["y"] + 55)
    page.mouse.click(box["x"] + 100, box["y"] + 55, delay=50)
