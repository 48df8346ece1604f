"""From an empty form to a reader who gets mail: in a real browser, with a real mail server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboards.subscriptions.readers import book
from pipelines.settings import Settings, load_settings
from tests.browser.conftest import copied, served
from tests.dashboards.subscriptions.conftest import Server, server

__all__ = ["server"]
pytestmark = pytest.mark.browser
PATIENCE = 60_000  # milliseconds: a report is written meanwhile


@pytest.fixture
def house(furnished: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a home that sends through `server`."""
    given = {
        "HOME": copied(furnished / "var", tmp_path / "copy"),
        "SMTP_HOST": "localhost",
        "SMTP_PORT": server.port,
        "SMTP_TLS": "none",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SDA_{name}", str(value))
    return load_settings()


@pytest.fixture
def mailing_page(chromium: Browser, house: Settings) -> Iterator[Page]:
    """A window on the dashboard of that home."""
    with served(house) as address:
        context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 1600})
        context.set_default_timeout(60_000)
        yield context.new_page()
        context.close()


def test_a_reader_is_subscribed_after_a_preview_and_a_test(
    mailing_page: Page, house: Settings, server: Server
) -> None:
    page = mailing_page
    page.goto("/subscriptions")
    name = page.get_by_role("textbox", name="Your name")
    name.fill("Ida Example")
    name.press("Enter")
    page.get_by_role("tab", name="New subscription").click()
    page.get_by_role("textbox", name="When").fill("last day of the month 18:00")
    expect(page.get_by_text("the last day of every month at 18:00")).to_be_visible()
    page.get_by_role("textbox", name="Address of the reader").fill("ann@example.org")

    page.get_by_role("button", name="Preview").click()
    mail = page.frame_locator("iframe[title='The mail']").frame_locator("iframe")
    expect(mail.get_by_role("heading", name="Credit portfolio")).to_be_visible(timeout=PATIENCE)
    assert mail.locator("img").first.evaluate("picture => picture.naturalWidth") > 0
    page.get_by_role("tab", name="First page of the PDF").click()
    expect(page.get_by_test_id("stImage").locator("img")).to_be_visible()

    page.get_by_role("button", name="Send a test to this address").click()
    expect(page.get_by_text("was taken: 250 taken")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stImage").locator("img")).to_be_visible()  # the open tab stays open
    (sent,) = server.box.mails
    assert (sent["To"], str(sent["Subject"])[:22]) == ("ann@example.org", "Test: Credit portfolio")

    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("gets the report from now on")).to_be_visible(timeout=PATIENCE)
    (entry,) = book.listing(house, email="ann@example.org")
    assert (entry.status, entry.schedule) == ("active", "0 18 L * *")

    page.get_by_role("tab", name="What was sent").click()
    expect(page.get_by_role("heading", name="Tests")).to_be_visible()
    # The table is drawn on a canvas; what it shows stands inside for those who cannot see it.
    expect(page.locator("canvas td", has_text="ann@example.org")).to_be_attached()
