"""Two journeys from a filtered page: get it by mail in two clicks, take its list away as a file."""

from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page

from pipelines.settings import Settings
from pipelines.store import Store, Subscription
from tests.browser.conftest import until_it_stands_still

ADDRESS = "along@example.org"


@pytest.fixture
def filtered(page: Page, dashboard: str) -> Page:
    page.goto(f"{dashboard}/finance?f.purpose=car&sort=-amount")
    page.get_by_text("Ranked list").wait_for(timeout=60_000)
    # What is still being drawn moves the buttons, and what hangs on them out of sight.
    until_it_stands_still(page)
    return page


def test_a_view_is_subscribed_to_in_two_clicks(filtered: Page, furnished: Path) -> None:
    filtered.get_by_role("button", name="Subscribe").first.click()
    form = filtered.get_by_role("dialog")
    form.get_by_text("Purpose: car").wait_for()
    form.get_by_label("Your address").fill(ADDRESS)
    form.get_by_label("Your address").press("Enter")
    form.get_by_role("button", name="Subscribe").click()
    form.get_by_text("gets the report from now on").wait_for(timeout=60_000)

    settings = Settings(home=furnished / "var", config=furnished / "assistant.toml")
    with Store(settings).session() as session:
        entry = session.query(Subscription).filter_by(email=ADDRESS).one()
        session.delete(entry)  # the home is everybody's
    assert entry.attributes == {"view": ["f.purpose=car&sort=-amount"]}
    assert (entry.schedule, entry.only_if) == ("0 8 * * 1-5", ["has rows"])


def test_the_list_of_a_view_is_taken_away(filtered: Page, tmp_path: Path) -> None:
    filtered.locator(".st-key-export-cases button").first.click()
    filtered.get_by_role("button", name="Prepare Excel").click()
    with filtered.expect_download(timeout=60_000) as download:
        filtered.get_by_role("link", name="Download").press("Enter", timeout=60_000)
    download.value.save_as(tmp_path / "cases.xlsx")

    book = pl.read_excel(tmp_path / "cases.xlsx", sheet_id=0)
    cases, about = book.values()
    assert set(cases["Purpose"]) == {"car"}
    assert ("Filters", "Purpose: car") in about.rows()
