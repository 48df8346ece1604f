"""The pages that mails link to, in a real browser: without scripts, by keyboard, on a phone, in the dark."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboards.service.launch import launch
from dashboards.subscriptions.keeping.links import Links
from flows.serve import stopped_at_the_end
from pipelines.settings import Settings
from tests.browser.conftest import own_port
from tests.dashboards.service.conftest import House

# The contrast of each text with what lies behind it (WCAG 2.2: 4.5 to 1), and the size of what is pressed.
_CONTRAST = """() => {
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) {
      const c = parts(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  const kinds = 'h1,h2,p,a,button,label,legend,dt,dd,span,input[type=text],select';
  const texts = [...document.querySelectorAll(kinds)]
    .filter(e => (e.textContent || e.value || '').trim() && e.getClientRects().length);
  return texts.map(e => { const [a, b] = [light(parts(getComputedStyle(e).color)), light(behind(e))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.tagName + e.textContent.slice(0, 30)]; });
}"""
_NUMBERS = count(1)
_WORDS = {
    "en": ("Unsubscribe", "You have left", "Subscribe again", "Save", "Saved.", "weekdays 09:30", "Pause"),
    "zh": ("退订", "您已退订", "重新订阅", "保存", "已保存。", "工作日 09:30", "暂停"),
}


@dataclass(frozen=True)
class Running:
    """Pages that run, and readers with links to them."""

    house: House

    def links(self, language: str) -> Links:
        """The links of a reader who is there for one test alone."""
        address = f"reader-{next(_NUMBERS)}@acme.example"
        zone = {"en": "Europe/Berlin", "zh": "Asia/Shanghai"}[language]
        ann = self.house.reader(address, language=language, timezone=zone)
        self.house.reader(address, language=language, timezone=zone, report="credit-portfolio")
        self.house.sent(ann)
        return self.house.links(ann)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "assistant.toml").write_text(
        '[project]\nname = "Acme"\nowner = "reports@acme.example"\n', encoding="utf-8"
    )
    port = own_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDA_SERVICE_PORT", str(port))
        patch.setenv("SDA_SERVICE_URL", f"http://127.0.0.1:{port}")
        settings = Settings(
            home=folder / "var",
            config=folder / "assistant.toml",
            service_url=f"http://127.0.0.1:{port}",
            name="Acme",
            owner="reports@acme.example",
        )
        with stopped_at_the_end(launch(settings)):
            yield Running(House(settings))


Open = Callable[..., Page]


@pytest.fixture
def window(chromium: Browser) -> Iterator[Open]:
    """`window(width, scheme)`: a fresh window; what its console complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(width: int = 1280, scheme: str = "light", **more: object) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            **more,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reader_leaves_and_comes_back_without_scripts(
    running: Running, window: Open, language: str
) -> None:
    leave, left, again, *_ = _WORDS[language]
    page = window(java_script_enabled=False)
    page.goto(running.links(language).unsubscribe)
    page.get_by_role("button", name=leave).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(left)
    page.get_by_role("button", name=again).click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text(left)
    page.goto(page.url)
    expect(page.get_by_role("button", name=leave)).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_preferences_are_changed_by_keyboard_alone(running: Running, window: Open, language: str) -> None:
    *_, save, saved, schedule, pause = _WORDS[language]
    page = window(width=390, java_script_enabled=False)
    page.goto(running.links(language).preferences)
    field = page.locator("input[name=schedule]").first
    for _step in range(10):
        page.keyboard.press("Tab")
        if field.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Control+A")
    page.keyboard.type(schedule)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(saved)
    expect(page.locator("input[name=schedule]").first).to_have_value(
        {"en": "weekdays at 09:30", "zh": "工作日 09:30"}[language]
    )
    page.get_by_role("button", name=pause).first.focus()
    page.keyboard.press("Space")
    expect(page.locator(".chip").first).to_have_text({"en": "Paused", "zh": "已暂停"}[language])
    expect(page.get_by_role("button", name=save).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_and_can_be_read_on_a_phone_and_on_a_screen(
    running: Running, window: Open, width: int, scheme: str
) -> None:
    page = window(width, scheme)
    english, chinese = running.links("en"), running.links("zh")
    for link, tag in (
        (english.preferences, "en"),
        (chinese.preferences, "zh-Hans"),
        (english.archive, "en"),
        (chinese.unsubscribe, "zh-Hans"),
    ):
        page.goto(link)
        assert page.locator("html").get_attribute("lang") == tag
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        contrasts = page.evaluate(_CONTRAST)
        assert len(contrasts) > 3
        assert [each for each in contrasts if each[0] < 4.5] == []
        pressed = [e.bounding_box() for e in page.locator("button, input[type=text], select").all()]
        assert all(box and box["height"] >= 44 for box in pressed)


def test_a_past_issue_is_read_with_its_picture_and_its_files_are_saved(
    running: Running, window: Open, tmp_path: Path
) -> None:
    page = window(accept_downloads=True)
    page.goto(running.links("en").archive)
    with page.expect_download() as download:
        page.get_by_role("link", name="plan.csv").click()
    assert download.value.suggested_filename == "fleet-daily-2026-11-01-plan.csv"
    with page.expect_download() as download:
        page.get_by_role("link", name="As an e-mail").click()
    assert Path(download.value.path()).read_bytes().startswith(b"MIME-Version")
    page.get_by_role("link", name="Read").click()
    expect(page.get_by_text("All lorries are on time.")).to_be_visible()
    assert page.locator("img").get_attribute("src").startswith("data:image/png")  # type: ignore[union-attr]
