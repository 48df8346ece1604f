"""What if, on the demo with its real models: of one case, of a threshold, of a whole portfolio.

What the pages say is held against the model itself, asked by name, and against the lake's own rows.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Locator, Page, expect

from analytics.catalog import shipped_tasks
from analytics.recourse import smallest_change
from analytics.rescoring import cases_of, rescored
from dashboards.numbers import integer, money, percent
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.browser.conftest import SETTLED, choose_first_row, copied, served
from tests.conftest import SAMPLE

pytestmark = pytest.mark.browser
TASK = shipped_tasks()["finance.credit_default"]


@pytest.fixture(scope="module")
def tried_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo's home: what its dashboard writes is nobody else's."""
    return copied(demo_home, tmp_path_factory.mktemp("tried") / "var")


@pytest.fixture
def settings(tried_home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SDA_HOME", str(tried_home))
    return load_settings(SAMPLE / "assistant.toml")


@pytest.fixture(scope="module")
def dashboard(tried_home: Path) -> Iterator[str]:
    """The address of the dashboard of that home."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SDA_HOME", str(tried_home))
        with served(load_settings(SAMPLE / "assistant.toml")) as found:
            yield found


def _scored(settings: Settings) -> pl.DataFrame:
    """The open loans, the riskiest first."""
    return Warehouse(settings).query(
        f"FROM {TASK.predictions_table} QUALIFY as_of = max(as_of) OVER () ORDER BY score DESC, entity_id"
    )


def _figure(page: Page, label: str) -> Locator:
    """The figure of a headline."""
    headline = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return headline.get_by_test_id("stMetricValue")


def _moved(page: Page, label: str, key: str, times: int) -> None:
    """Moves a slider by keyboard."""
    handle = page.get_by_test_id("stSlider").filter(has_text=label).get_by_role("slider")
    for _time in range(times):
        handle.press(key)


def test_the_riskiest_case_why_and_what_would_change_it(page: Page, settings: Settings) -> None:
    riskiest = _scored(settings).row(0, named=True)
    entity = riskiest["entity_id"]
    page.goto("/finance")
    # The first visit counts everything the page shows.
    page.get_by_text("cases, highest score first").wait_for(timeout=90_000)
    page.locator(SETTLED).wait_for(timeout=90_000)
    choose_first_row(page)
    expect(page.get_by_role("heading", name=f"Loan application {entity}")).to_be_visible()
    expect(page.get_by_text(f"for an average case to {percent(riskiest['score'], 'en')}")).to_be_visible()

    page.get_by_role("button", name="What would change it?").click()
    change = smallest_change(settings, TASK, entity, riskiest["as_of"])
    assert change is not None
    said = page.get_by_text(re.compile(r"^The model would say .* instead of .* if:$"))
    labels = {band.name: band.label["en"] for band in TASK.bands}
    now, then = percent(riskiest["score"], "en"), percent(change.score_then, "en")
    before, after = labels[riskiest["band"]], labels[change.band_then]
    expect(said).to_have_text(f"The model would say {after} ({then}) instead of {before} ({now}) if:")
    told = [TASK.feature_info[step.feature].label["en"] for step in (*change.steps, *change.followed)]
    rows = page.get_by_test_id("stTable").first.locator("tbody tr")
    expect(rows).to_have_count(len(told))
    for row, label in zip(rows.all(), told, strict=True):
        expect(row).to_contain_text(label)
    case = cases_of(settings, TASK, [entity], riskiest["as_of"])
    values = {step.feature: step.after for step in (*change.steps, *change.followed)}
    (again,) = rescored(settings, TASK, case, values).iter_rows(named=True)
    assert (again["band"], percent(again["score"], "en")) == (change.band_then, then)
    assert again["band"] != riskiest["band"]

    page.get_by_role("button", name="Try it out").click()
    expect(_figure(page, "With the changes")).to_have_text(then)
    expect(_figure(page, "Now")).to_have_text(now)
    expect(page.get_by_text(re.compile(f"would say {after} instead of {before}"))).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("Nothing was moved yet.")).to_be_visible()

    _moved(page, "Returned direct debits, 6 months", "ArrowLeft", 2)
    fewer = {"returned_debits": float(case.features["returned_debits"][0] - 2)}
    (tried,) = rescored(settings, TASK, case, fewer).iter_rows(named=True)
    expect(_figure(page, "With the changes")).to_have_text(percent(tried["score"], "en"))
    expect(page.get_by_text(f"The model would still say {labels[tried['band']]}.")).to_be_visible()


def test_the_threshold_moves_and_the_portfolio_is_put_under_stress(page: Page, settings: Settings) -> None:
    scored = _scored(settings)

    def approved(threshold: float) -> tuple[str, str]:
        below = scored.filter(pl.col("score") < threshold)
        return integer(below.height, "en"), money(float(below["expected_loss"].sum()), "EUR", "en")

    page.goto("/finance?tab=decide")
    page.locator(SETTLED).wait_for(timeout=90_000)
    marks = page.locator(".st-key-figure-decision-costs .annotation-text")
    assert TASK.costs is not None
    least = TASK.costs.false_alarm / (TASK.costs.false_alarm + TASK.costs.miss)  # for calibrated scores
    expect(marks).to_have_text([f"chosen, least cost: {percent(least, 'en')}"], timeout=90_000)
    figures = _figure(page, "Approved"), _figure(page, "Expected loss of the approved")
    for figure, text in zip(figures, approved(least), strict=True):
        expect(figure).to_have_text(text)

    _moved(page, "Turn applications down from this score on", "PageUp", 1)
    expect(marks).to_have_count(2)
    page.wait_for_url(re.compile("threshold="))
    chosen = float(re.findall(r"threshold=([\d.]+)", page.url)[0])
    assert chosen > least
    for figure, text in zip(figures, approved(chosen), strict=True):
        expect(figure).to_have_text(text)
    expect(marks.last).to_have_text(f"least cost: {percent(least, 'en')}")
    page.get_by_role("button", name="To the point of least cost").click()
    expect(marks).to_have_count(1)

    page.get_by_role("radio", name="What if").click()
    page.get_by_role("radio", name="Amounts 20% larger").click()
    expect(page.get_by_text("Loan amount +20%", exact=True)).to_be_visible()
    expect(page.get_by_text("Follow from them: Monthly payment as a share of income.")).to_be_visible()
    cases = cases_of(settings, TASK, scored["entity_id"].to_list(), scored["as_of"][0])
    larger = {name: lambda now: now * 1.2 for name in ("amount_eur", "payment_to_income")}
    after = rescored(settings, TASK, cases, larger)
    expect(_figure(page, "Mean score")).to_have_text(percent(after.select(pl.mean("score")).item(), "en"))
    counts = [integer(frame.filter(band="very high").height, "en") for frame in (scored, after)]
    expect(
        page.get_by_text(
            f"In the band «Very high»: {counts[0]} cases as things are, {counts[1]} in the scenario."
        )
    ).to_be_visible()
