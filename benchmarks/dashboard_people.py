"""What one person does on a page of cases: at a real Chromium, or from a machine of their own."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, Page

from benchmarks.dashboard_visitor import Visitor, visiting

CHROMIUM = os.environ.get("SDA_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PAGE = "finance"
FIGURES = '[data-testid="stMetricValue"]'
PATIENCE_MS = 60_000
ORDERS = ("Highest first", "Lowest first")
ANOTHER = "L0003"  # searched by who has just searched the same
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
# A page of the list may be turned faster than the state of the script is written: its numbers tell.
_SETTLED = """
([runs, rows]) => new Promise((resolve) => {
  let since = null;
  const look = () => {
    const app = document.querySelector('[data-testid="stApp"]');
    const rests = app && app.getAttribute('data-test-script-state') === 'notRunning';
    const list = document.querySelector('.st-key-explore-pages');
    const done = rows ? list?.innerText !== rows : window.runs > runs;
    const now = performance.now();
    since = rests && done ? (since ?? now) : null;
    if (since !== null && now - since > 150) resolve(now - since); else setTimeout(look, 15);
  };
  look();
})
"""


@dataclass
class AtBrowser:
    """Somebody at a real Chromium on this machine; seconds until the page rests, drawn."""

    page: Page
    url: str

    async def arrive(self) -> float:
        began = time.perf_counter()
        await self.page.goto(f"{self.url}/{PAGE}", timeout=PATIENCE_MS)
        await self.page.locator(FIGURES).first.wait_for(timeout=PATIENCE_MS)
        await self.page.locator(".st-key-page-after button").wait_for(timeout=PATIENCE_MS)
        arrived = time.perf_counter() - began
        await self.page.locator('[data-test-script-state="notRunning"]').wait_for(timeout=PATIENCE_MS)
        await self.page.evaluate(_WATCH)
        return arrived

    async def toggle_band(self, place: int) -> float:
        runs = await self._runs()
        began = time.perf_counter()
        await self.page.locator(".st-key-filter-band button").nth(place).click()
        return await self._settled(began, runs)

    async def search(self, beginning: str) -> float:
        field_ = self.page.locator(".st-key-filter-search input")
        wanted = beginning if beginning != await field_.input_value() else ANOTHER
        runs = await self._runs()
        began = time.perf_counter()
        await field_.fill(wanted)
        await field_.press("Enter")
        return await self._settled(began, runs)

    async def turn_order(self) -> float:
        runs, wanted = await self._runs(), ORDERS["sort=score" not in self.page.url]
        began = time.perf_counter()
        await self.page.locator(".st-key-explore-order").get_by_text(wanted).click()
        return await self._settled(began, runs)

    async def next_page(self) -> float | None:
        button = self.page.locator(".st-key-page-after button:enabled")
        if not await button.count():
            return None
        rows = await self.page.locator(".st-key-explore-pages").inner_text()
        began = time.perf_counter()
        await button.click()
        return await self._settled(began, 0, rows)

    async def errors(self) -> int:
        return await self.page.locator('[data-testid="stAlertContentError"]').count()

    async def _runs(self) -> int:
        return int(await self.page.evaluate("window.runs"))

    async def _settled(self, began: float, runs: int, rows: str = "") -> float:
        rested = await self.page.evaluate(_SETTLED, [runs, rows])
        return time.perf_counter() - began - float(rested) / 1000


@dataclass
class Elsewhere:
    """Somebody whose browser draws on another machine; seconds until all that changed was sent."""

    visitor: Visitor
    bands: set[str] = field(default_factory=set)
    searched: str = ""
    order: str = ORDERS[0]

    async def arrive(self) -> float:
        return await self.visitor.load()

    async def toggle_band(self, place: int) -> float:
        options = self.visitor.options("filter-band")
        self.bands ^= {options[place]}
        return await self.visitor.choose("filter-band", [each for each in options if each in self.bands])

    async def search(self, beginning: str) -> float:
        self.searched = beginning if beginning != self.searched else ANOTHER
        return await self.visitor.type("filter-search", self.searched)

    async def turn_order(self) -> float:
        self.order = ORDERS[self.order == ORDERS[0]]
        return await self.visitor.choose("explore-way", [self.order])

    async def next_page(self) -> float | None:
        return await self.visitor.click("page-after") if self.visitor.can_click("page-after") else None

    async def errors(self) -> int:
        return self.visitor.errors


@asynccontextmanager
async def at_browser(browser: Browser, url: str) -> AsyncIterator[AtBrowser]:
    """A person at a fresh window."""
    context = await browser.new_context(viewport={"width": 1280, "height": 1400})
    try:
        yield AtBrowser(await context.new_page(), url)
    finally:
        await context.close()


@asynccontextmanager
async def elsewhere(url: str) -> AsyncIterator[Elsewhere]:
    """A person on another machine."""
    async with visiting(url, PAGE) as visitor:
        yield Elsewhere(visitor)
