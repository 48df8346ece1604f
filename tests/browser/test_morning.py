"""A morning in a real browser: a sentence opens its list, a case is taken, snoozed, and gone from there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from pipelines.settings import Settings
from pipelines.store import Store, WorkItem, WorkNote
from tests.browser.conftest import choose_first_row

pytestmark = pytest.mark.browser


@pytest.fixture
def worklist(furnished: Path) -> Iterator[None]:
    """Whatever the test puts on the worklist of the dashboard is gone afterwards."""
    yield
    with Store(Settings(home=furnished / "var", config=furnished / "assistant.toml")).session() as session:
        session.execute(sa.delete(WorkNote))
        session.execute(sa.delete(WorkItem))


def _moved(page: Page) -> int:
    """How many loans the sentence of the home page says have moved."""
    sentence = page.get_by_role("link", name=re.compile(r"Credit portfolio: \d+ cases moved"))
    found = re.search(r": (\d+) cases moved", sentence.inner_text())
    assert found is not None
    return int(found[1])


def test_from_a_sentence_to_a_case_that_is_snoozed_and_gone_from_the_list(page: Page, worklist: None) -> None:
    page.goto("/")
    sentence = page.get_by_role("link", name=re.compile(r"Credit portfolio: \d+ cases moved"))
    sentence.wait_for()
    moved = _moved(page)
    sentence.click()

    page.get_by_text(re.compile(rf"\b{moved} cases, ")).wait_for()
    assert "f.moved=new&f.moved=up&work=open" in page.url
    choose_first_row(page)
    page.get_by_text("Nobody looks after this case yet.").wait_for()

    page.get_by_role("textbox", name="Your name").fill("Ann Example")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("in progress · Ann Example")).to_be_visible()
    page.get_by_role("button", name="Snooze").click()
    # Not until tomorrow: at midnight it would be back on the list.
    page.get_by_role("button", name="Until next Monday").click()
    expect(page.get_by_text(re.compile("snoozed until .* · Ann Example"))).to_be_visible()

    page.get_by_role("button", name="Back to the list").click()
    page.get_by_text(re.compile(rf"\b{moved - 1} cases, ")).wait_for()
    page.get_by_role("link", name="Today", exact=True).click()
    sentence.wait_for()
    assert _moved(page) == moved - 1
    page.get_by_role("link", name="Worklist", exact=True).click()
    expect(page.get_by_text("Snoozed · 1")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your name")).to_have_value("Ann Example")
