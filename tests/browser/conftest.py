"""A dashboard that runs as people run it, and a real Chromium to look at it."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboards.launch import address, launch
from flows.serve import free_port, stopped_at_the_end
from pipelines.settings import Settings
from tests.dashboards.screens.conftest import furnished

__all__ = ["furnished"]

# A page that is opened first on a busy machine takes its time.
expect.set_options(timeout=60_000)
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
# A page that has not reached its dashboard yet runs no script either.
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'


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
    port = own_port()
    with stopped_at_the_end(launch(settings, port)):
        yield address(port)


def own_port() -> int:
    """A free port for this worker alone. It lies below those that the system gives to whoever asks for any:
    one of these may be somebody else's before the dashboard has started.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return free_port(21_000 + 100 * int(worker))


def copied(home: Path, to: Path) -> Path:
    """A copy of a home that others may be reading: the files that SQLite makes and removes for its readers,
    and what pages keep for themselves, are not looked at.
    """
    passing = shutil.ignore_patterns("*.sqlite*", "*.lock", "cache", "tmp", "logs", "*.log")
    shutil.copytree(home, to, ignore=passing)
    for file in home.rglob("*.sqlite"):
        with (
            closing(sqlite3.connect(file)) as source,
            closing(sqlite3.connect(to / file.relative_to(home))) as copy,
        ):
            source.backup(copy)
    return to


@pytest.fixture
def page(chromium: Browser, dashboard: str) -> Iterator[Page]:
    """A fresh browser window; `goto` takes paths of the dashboard."""
    context = chromium.new_context(base_url=dashboard, viewport={"width": 1280, "height": 1400})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def until_it_stands_still(page: Page) -> None:
    """Waits until the page is whole: its script has ended, and its height has not changed for a second."""
    app = page.locator(SETTLED)
    app.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    block, before, same = page.get_by_test_id("stMainBlockContainer"), None, 0
    while same < 5:
        page.wait_for_timeout(200)
        box = block.bounding_box()
        # While a script thinks nothing moves either.
        same, before = (same + 1 if box == before and app.count() else 0), box


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
