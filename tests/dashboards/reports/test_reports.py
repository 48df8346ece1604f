"""A report says what the warehouse holds, for its reader's eyes, from one snapshot."""

import polars as pl
import pytest

from analytics.catalog import task_named
from connectors.errors import AssistantError, UsageError
from dashboards.reports import text
from dashboards.reports.build import build
from dashboards.reports.declared import blueprints, report_names
from dashboards.reports.reader import Reader
from dashboards.reports.render import standalone
from dashboards.reports.report import Headlines, Paragraph, Report, Table
from pipelines.access import pseudonym
from pipelines.settings import Settings
from pipelines.store import Store
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards import model_document as document
from tests.dashboards.lake import CASES, MODEL
from tests.dashboards.reports.conftest import NAMES, PERIOD, Built


def ranking(report: Report) -> Table:
    """The table of the cases."""
    return next(table for table in report.tables if table.name == "ranking")


def test_the_domains_bring_their_reports(home: Settings) -> None:
    assert sorted(blueprints()) == sorted([*NAMES, "data-quality"])
    assert set(NAMES) <= set(report_names(home))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_a_report_tells_how_it_came_about(built: Built, name: str, language: str) -> None:
    report = built(name, language)
    told = " ".join(fact.value for fact in report.facts)
    assert str(report.snapshot) in told
    assert MODEL in told
    assert "14:00 (Asia/Shanghai)" in told  # the period, in the reader's zone
    assert "AUROC 0.812" in told
    assert [chart.kind for chart in report.charts] == [
        "bar", "histogram", "line", "reliability", "ranked", "ranked",
    ]  # fmt: skip
    assert ranking(report).frame.height == CASES
    assert isinstance(report.sections[-1], Paragraph)  # what the numbers are for


@pytest.mark.parametrize(("verdict", "held"), [("fine", False), ("watch", False), ("act", True)])
def test_a_report_says_how_its_model_is_doing(lake: Settings, verdict: str, held: bool) -> None:
    with Store(lake).session() as session:
        session.add(document.check("finance.credit_default", "act", version="another"))
        session.add(document.check("finance.credit_default", verdict))
    report = build(lake, "credit-portfolio", Reader("en", "subscriber"), period=PERIOD)
    first, facts = report.sections[0], {fact.label: fact.value for fact in report.facts}

    assert facts["Drift"].startswith(f"{verdict}, checked on")
    assert (isinstance(first, Paragraph) and first.title == "Scores not to be relied on") is held
    assert report.model_link.endswith(f"/finance?view=model&version={MODEL}")
    assert "finance?view=model&amp;version=" in standalone(report)
    assert report.model_link in text.page(report)


def test_a_report_whose_model_was_not_checked_says_so(built: Built) -> None:
    assert "not checked yet" in {fact.value for fact in built("fleet-daily", "en").facts}


def test_headlines_are_the_numbers_of_the_lake_and_their_change(built: Built, scored: Settings) -> None:
    (headlines,) = (each for each in built("fleet-daily", "en").sections if isinstance(each, Headlines))
    table = quoted(task_named("logistics.late_delivery", scored).predictions_table)
    sums = (
        Warehouse(scored)
        .query(f"SELECT sum(score), avg(score) FROM {table} GROUP BY as_of ORDER BY as_of")
        .rows()
    )
    (before, _), (late, mean) = sums
    figures = {figure.label: figure for figure in headlines.figures}
    assert figures["Shipments on the road"].value == str(CASES)
    assert figures["Shipments on the road"].change == "no change"
    assert figures["Expected to be late"].value == str(round(late))
    assert figures["Expected to be late"].change == f"+{round(late) - round(before)}"
    assert figures["Mean score"].value == f"{100 * mean:.1f}%"


def test_the_clinics_report_says_first_that_it_is_no_diagnosis(built: Built) -> None:
    first = built("patient-risk", "en").sections[0]
    assert isinstance(first, Paragraph)
    assert first.kind == "notice"
    assert "not a diagnosis" in first.text
    assert "这不是诊断" in built("patient-risk", "zh").sections[0].text  # type: ignore[union-attr]


def test_a_role_that_may_not_see_numbers_of_people_gets_pseudonyms(scored: Settings) -> None:
    seen = build(scored, "patient-risk", Reader("en", "engineer"), period=PERIOD)
    real = build(scored, "patient-risk", Reader("en", "analyst"), period=PERIOD)
    for name in ("ranking", "movers"):
        masked, clear = (
            next(each.frame for each in report.tables if each.name == name)["entity_id"]
            for report in (seen, real)
        )
        assert masked.to_list() == [pseudonym(scored, each) for each in clear]
        assert not masked.str.contains("P-0").any()


def test_a_report_can_be_made_again_from_its_snapshot(lake: Settings) -> None:
    warehouse, name = Warehouse(lake), "credit-portfolio"
    table = quoted(task_named("finance.credit_default", lake).predictions_table)
    snapshot = warehouse.snapshot()
    before = build(lake, name, Reader("en", "subscriber"), period=PERIOD)
    warehouse.write(lambda connection: connection.execute(f"UPDATE {table} SET score = score / 2"))
    again = build(lake, name, Reader("en", "subscriber"), period=PERIOD, snapshot=snapshot)
    now = build(lake, name, Reader("en", "subscriber"), period=PERIOD)
    assert again.summary == before.summary != now.summary
    assert ranking(again).frame.equals(ranking(before).frame)


def test_a_report_without_predictions_says_what_to_run(home: Settings) -> None:
    with pytest.raises(AssistantError, match="sda score"):
        build(home, "fleet-daily", Reader("en", "subscriber"))


def test_an_unknown_report_is_answered_with_the_nearest_name(home: Settings) -> None:
    with pytest.raises(UsageError, match="Did you mean fleet-daily"):
        build(home, "fleet-dayly", Reader("en", "subscriber"))


def test_a_report_over_no_urgent_case_and_no_reasons_still_stands(lake: Settings) -> None:
    table = quoted(task_named("finance.credit_default", lake).predictions_table)
    Warehouse(lake).write(
        lambda c: c.execute(f"UPDATE {table} SET reasons = NULL, band = 'low', score = 0.01")
    )
    report = build(lake, "credit-portfolio", Reader("zh", "subscriber"), period=PERIOD)
    assert ranking(report).frame["why"].unique().to_list() == ["–"]
    assert ranking(report).frame.select(pl.col("band").n_unique()).item() == 1
