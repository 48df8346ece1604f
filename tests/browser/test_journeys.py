"""What people come for, in a real browser: find a case, say why, filter, change language, try a file."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from connectors.errors import AssistantError
from dashboards.launch import launch
from pipelines.settings import Settings
from tests.browser.conftest import choose_first_row

pytestmark = pytest.mark.browser


def _open(page: Page, path: str, title: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def test_from_home_to_the_riskiest_case_and_why(page: Page) -> None:
    _open(page, "/", "Today")
    page.get_by_test_id("stSidebar").get_by_text("Credit portfolio").click()
    expect(page.get_by_role("heading", name="Ranked list")).to_be_visible()
    choose_first_row(page)

    expect(page.get_by_role("heading", level=1, name="Loan application L031")).to_be_visible()
    expect(page.get_by_text("place 1 of 45")).to_be_visible()
    expect(page.locator(".sda-scale .value")).to_have_text("96.9%")
    why = page.locator("[class*='st-key-figure-']").filter(has_text="Purpose of the loan: car")
    expect(why.first).to_be_visible()
    assert "case=L031" in page.url
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("heading", name="Credit portfolio", level=1)).to_be_visible()


def test_filters_narrow_the_list(page: Page) -> None:
    _open(page, "/finance", "Credit portfolio")
    expect(page.get_by_text("45 cases, highest score first")).to_be_visible()
    page.get_by_placeholder("how it begins").fill("L00")
    page.keyboard.press("Enter")

    expect(page.get_by_text("10 cases, highest score first")).to_be_visible()


def test_the_language_changes_everywhere(page: Page) -> None:
    _open(page, "/medical", "Patient risk")
    page.get_by_test_id("stSidebar").get_by_text("简体中文").click()

    expect(page.get_by_role("heading", name="排序列表")).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_text("数据质量").click()
    expect(page.get_by_role("heading", name="数据质量", level=1)).to_be_visible()


def test_a_file_is_uploaded_and_described(page: Page, tmp_path: Path) -> None:
    rows = "\n".join(f"{number},{number % 7},{'late' if number % 3 else 'on time'}" for number in range(90))
    file = tmp_path / "parcels.csv"
    file.write_text(f"parcel,stops,outcome\n{rows}\n", encoding="utf-8")
    _open(page, "/own-file", "Try your own file")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Load the table").click()

    expect(page.get_by_text("90 rows are in the table own.parcels")).to_be_visible()
    page.get_by_label("Column to predict").click()
    page.get_by_role("option", name="outcome").click()
    expect(page.get_by_text("Two outcomes: the chance of")).to_be_visible()


def test_from_the_map_of_routes_to_one_vehicle_and_what_is_left_out(page: Page) -> None:
    _open(page, "/", "Today")
    page.get_by_test_id("stSidebar").get_by_text("Routes").click()
    expect(page.get_by_role("heading", name="Routes on the map")).to_be_visible()
    drawn = page.get_by_test_id("stPlotlyChart").first
    expect(drawn.locator(".scatterlayer .trace path.js-line")).to_have_count(2)  # a line for each route
    expect(drawn.locator(".annotation-text", has_text="V002")).to_be_visible()
    page.get_by_label("Look at one vehicle").click()
    page.get_by_role("option", name="V002").click()

    expect(page.get_by_role("heading", name="Route of V002 on the map")).to_be_visible()
    expect(page.get_by_text("1 of 4 stops are late.")).to_be_visible()
    page.get_by_role("tab", name="Not served (1)").click()
    expect(page.get_by_text("It needs 950 kg; the largest vehicle holds 800 kg.")).to_be_visible()


def test_nothing_is_asked_of_other_machines(page: Page, dashboard: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path, title in (("/finance", "Credit portfolio"), ("/routes", "Routes"), ("/stock", "Stock")):
        _open(page, path, title)
        expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
        page.wait_for_load_state("networkidle")

    host = dashboard.removeprefix("http://")
    assert [url for url in asked if host not in url and not url.startswith(("data:", "blob:"))] == []


def test_a_taken_port_is_said_in_words(dashboard: str, home: Settings) -> None:
    with pytest.raises(AssistantError, match="is taken"):
        launch(home, int(dashboard.rpartition(":")[2]))
