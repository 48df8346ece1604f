"""A filtered view is its address: whoever opens it sees the same, and two tabs know nothing of each other."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import until_it_stands_still

pytestmark = pytest.mark.browser


def _pick(page: Page, chart: str, bar: int) -> None:
    """A click on a bar, as a hand does it: first over it, then down."""
    until_it_stands_still(page)
    figure = page.locator(f"[class*='st-key-figure-{chart}-']")
    mark = figure.locator(".bars path").nth(bar)
    mark.scroll_into_view_if_needed()
    mark.hover(force=True)
    # Plotly looks what is under the pointer a few times a second, and a click is of what it saw.
    expect(figure.locator(".hoverlayer .hovertext").first).to_be_visible()
    mark.click(force=True)


def _seen(what: Locator) -> None:
    expect(what).to_be_visible(timeout=60_000)  # the first visit makes the boards


def _found(page: Page, cases: int) -> None:
    _seen(page.get_by_text(f"{cases} cases, highest score first."))


def test_a_click_on_a_bar_filters_the_rest_and_the_address_can_be_shared(
    page: Page, chromium: Browser, dashboard: str
) -> None:
    page.goto("/finance")
    _found(page, 45)
    _pick(page, "bands", 3)
    page.wait_for_url("**/finance?f.band=very*high")
    _seen(page.get_by_role("button", name="Band: Very high"))
    expect(page.get_by_text("45 cases, highest score first.")).to_have_count(0, timeout=60_000)
    told = page.get_by_text("cases, highest score first.").inner_text()
    page.get_by_role("button", name="Link", exact=False).first.click()
    code = page.get_by_test_id("stCode")
    expect(code).to_have_text(page.url)
    link = code.inner_text().strip()
    page.keyboard.press("Escape")

    others = chromium.new_context(base_url=dashboard, viewport={"width": 1280, "height": 1400})
    other = others.new_page()
    other.goto(link)
    _seen(other.get_by_text(told))
    _seen(other.get_by_role("button", name="Band: Very high"))

    other.get_by_placeholder("how it begins").fill("L00")
    other.keyboard.press("Enter")
    other.wait_for_url("**&q=L00")
    page.reload()
    _seen(page.get_by_text(told))
    assert "q=" not in page.url
    other.go_back()
    _seen(other.get_by_text(told))
    expect(other.get_by_placeholder("how it begins")).to_have_value("", timeout=60_000)
    others.close()

    expect(page.locator("[class*='st-key-figure-bands-'] .bars path")).to_have_count(4, timeout=60_000)
    _pick(page, "bands", 3)  # again: it is taken off
    _found(page, 45)
    assert "f.band" not in page.url


def test_a_page_is_drawn_again_as_soon_as_the_dashboard_is_back(page: Page) -> None:
    page.goto("/?lang=en")
    page.get_by_role("heading", name="Today", level=1).wait_for()
    until_it_stands_still(page)
    # Noted in the page: a page that is drawn again within a moment runs too shortly for who only looks.
    page.get_by_test_id("stApp").evaluate("""app => {
        window.scriptStates = [];
        const note = () => window.scriptStates.push(app.dataset.testScriptState);
        new MutationObserver(note).observe(app, {attributeFilter: ["data-test-script-state"]});
        const to = state => app.setAttribute("data-test-connection-state", state);
        to("PINGING_SERVER");
        setTimeout(() => to("CONNECTED"), 100);
    }""")
    page.wait_for_function("() => window.scriptStates.some(each => each !== 'notRunning')")
