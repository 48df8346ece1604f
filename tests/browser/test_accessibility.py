"""Nobody is shut out: every page passes axe-core in light and in dark, and fits a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import SETTLED

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/worklist",
    "/finance",
    "/medical",
    "/logistics?case=S010",
    "/finance?view=model",
    "/routes",
    "/stock",
    "/quality",
    "/own-file?lang=zh",
    "/subscriptions",
    "/market",
    "/finance?tab=decide",
    "/finance?tab=portfolio",
    "/medical?tab=cohorts",
    "/medical?tab=wards",
    "/logistics?tab=on-time",
)
GRAVE = ("serious", "critical")
ALSO = ("heading-order",)  # whoever goes from heading to heading must miss no level


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable_by_everyone(page: Page, path: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if "lang=zh" in path else "en")
    _until_it_is_drawn(page)
    assert _grave_findings(page) == {}
    page.emulate_media(color_scheme="dark")
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(20, 25, 31)")
    _until_it_is_drawn(page)
    assert _grave_findings(page) == {}
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollWidth <= 390")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def _until_it_is_drawn(page: Page) -> None:
    """Waits until nothing moves: letters that fade, or change their colour, are not yet what is read."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        """settled => document.querySelector(settled) && document.getAnimations().length === 0
            && !document.querySelector('[data-testid="stSpinner"], [data-stale="true"]')""",
        arg=SETTLED,
        timeout=60_000,
    )


def _grave_findings(page: Page) -> dict[str, Any]:
    """What axe-core calls serious or critical, and what is so `ALSO` to us: the rule, and the first elements
    that break it.
    """
    found = Axe().run(page).response["violations"]
    return {
        each["help"]: [node["html"][:300] for node in each["nodes"][:3]]
        for each in found
        if each["impact"] in GRAVE or each["id"] in ALSO
    }
