"""A report is what it ships as and what the settings say; what is wrong in them is told with its name."""

from collections.abc import Mapping
from typing import Any

import pytest

from analytics.catalog import task_named
from connectors.errors import UsageError
from dashboards.charts.chart import Chart
from dashboards.reports import declared
from dashboards.reports.build import build
from dashboards.reports.reader import Reader, attributes_of
from dashboards.reports.report import Headlines, Report
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards.lake import CASES, LAST_DAY
from tests.dashboards.reports.conftest import PERIOD


def with_report(settings: Settings, name: str = "mine", **said: Any) -> Settings:
    return settings.model_copy(update={"reports": {name: ReportSettings(**said)}})


def issue(
    settings: Settings, name: str = "mine", language: str = "en", to: Mapping[str, list[str]] | None = None
) -> Report:
    """`to` says which rows."""
    return build(settings, name, Reader(language, attributes=attributes_of(to or {})), period=PERIOD)


def named(report: Report) -> list[str]:
    """What the sections are called, in order; figures have no name."""
    return [
        "figures" if isinstance(each, Headlines) else str(getattr(each, "name", each.title))
        for each in report.sections
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"domain": "finanze"}, "no domain is called «finanze». Did you mean finance"),
        ({"task": "finance.credit"}, "no task «finance.credit». Did you mean finance.credit_default"),
        ({"table": "finance.loan"}, "no table «finance.loan». Did you mean finance.loans"),
        ({}, "is about nothing"),
        ({"domain": "finance", "sections": ["figure"]}, "no section «figure». Did you mean figures"),
        ({"domain": "finance", "sections": ["bands", "bands"]}, "«bands» twice"),
        ({"table": "finance.loans", "sections": ["ranking"]}, "no section «ranking»"),
        ({"domain": "finance", "only": {"chanel": ["online"]}}, "«chanel». Did you mean channel"),
        ({"domain": "finance", "only": {"view": ["f.band=high"]}}, "to a view for everybody"),
        ({"domain": "finance", "parameters": {"town": "finance.customers.town"}}, "no column «town»"),
        ({"domain": "finance", "parameters": {"town": "finance.customer.city"}}, "no table"),
        ({"domain": "finance", "parameters": {"town": "city"}}, "domain.table.column"),
        ({"domain": "finance", "role": "reader"}, "no role «reader»"),
    ],
)
def test_what_is_wrong_is_told_with_what_was_meant(scored: Settings, said: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as error:
        issue(with_report(scored, **said))
    assert told in str(error.value)


@pytest.mark.parametrize("said", [{"domain": "medical"}, {"table": "finance.loans"}])
def test_a_shipped_report_keeps_its_subject(scored: Settings, said: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="another name"):
        issue(with_report(scored, "credit-portfolio", **said), "credit-portfolio")


@pytest.mark.parametrize("name", ["credit-portfolio", "patient-risk", "fleet-daily"])
def test_sections_come_by_name_in_the_order_given(scored: Settings, name: str) -> None:
    settings = with_report(scored, name, sections=["ranking", "scores", "figures"])
    report = issue(settings, name)
    assert named(report)[-3:] == ["ranking", "scores", "figures"]
    everything = named(issue(scored, name))
    assert {"moves", "movers", "bands", "scores", "trend", "reliability", "segments", "reasons"} <= {
        *everything
    }
    assert list(declared.blueprint_of(scored, name).sections)[:2] == ["figures", "changes"]


def test_no_choice_of_sections_leaves_the_warning_out(scored: Settings) -> None:
    settings = with_report(scored, "patient-risk", sections=["ranking"])
    assert named(issue(settings, "patient-risk")) == ["Please note", "ranking"]


def test_what_the_settings_say_wins_over_what_ships(home: Settings) -> None:
    settings = with_report(home, "data-quality", schedule="0 5 * * *", title="Daten", parameters={})
    merged = declared.report_settings(settings, "data-quality")
    assert (merged.schedule, merged.role, merged.hold_on_drift) == ("0 5 * * *", "engineer", False)
    assert declared.title_of(settings, "data-quality", "zh") == "Daten"
    assert declared.title_of(home, "data-quality", "zh") == "数据质量"
    own = with_report(
        home, table="logistics.shipments", parameters={"city": "logistics.shipments.destination_city"}
    )
    known = declared.report_settings(own, "mine").parameters
    assert known["city"] == "logistics.shipments.destination_city"
    assert known["depot"] == "logistics.depots.depot_id"


def test_a_report_knows_what_it_is_made_of(home: Settings) -> None:
    about_a_task = with_report(home, task="logistics.stop_arrival")
    assert declared.tasks_of(about_a_task, "mine") == ["logistics.stop_arrival"]
    assert set(declared.tables_of(about_a_task, "mine")) >= {"logistics.trips", "logistics.trip_stops"}
    assert "finance.loans" in declared.tables_of(home, "credit-portfolio")
    assert declared.tables_of(with_report(home, table="finance.loans"), "mine") == ["finance.loans"]
    assert declared.tables_of(home, "data-quality") == declared.tasks_of(home, "data-quality") == []


def test_only_cuts_for_everybody_and_attributes_cut_further(scored: Settings) -> None:
    settings = with_report(
        scored, domain="finance", only={"purpose": ["car", "home"]}, sections=["figures", "ranking"]
    )
    purposes = Warehouse(scored).query(
        "SELECT purpose FROM finance.loans JOIN "
        f"{quoted(task_named('finance.credit_default', scored).predictions_table)} ON entity_id = loan_id "
        "WHERE as_of = ?",
        [LAST_DAY],
    )["purpose"]
    both, one, neither = (
        issue(settings),
        issue(settings, to={"purpose": ["car", "other"]}),
        issue(settings, to={"purpose": ["other"]}),
    )
    assert both.values["rows"] == purposes.is_in(["car", "home"]).sum() > 0
    assert one.values["rows"] == (purposes == "car").sum() > 0
    assert dict(one.attributes) == {"purpose": ("car",)}
    assert one.link.endswith("/finance?only.purpose=car")
    assert ("Only", "Purpose car") in {(fact.label, fact.value) for fact in one.facts}
    assert neither.values["rows"] == 0
    assert not neither.tables


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("credit-portfolio", {"city": ["Nowhere"]}),
        ("patient-risk", {"state": ["Nowhere"], "ward": ["W1"]}),
        ("fleet-daily", {"depot": ["Nowhere"]}),
        ("mine", {"channel": ["Nowhere"]}),
    ],
)
def test_an_issue_without_rows_says_so(
    scored: Settings, name: str, attributes: dict[str, list[str]], language: str
) -> None:
    settings = with_report(scored, table="finance.loans")
    report = issue(settings, name, language, attributes)
    title = {"en": "Nothing to report", "zh": "没有可报告的内容"}[language]
    assert title in named(report)
    assert report.values["rows"] == report.values["urgent"] == report.values.get("changed", 0) == 0
    assert not report.tables
    assert all(each.name == "reliability" for each in report.sections if isinstance(each, Chart))


@pytest.mark.parametrize(
    ("name", "attributes"), [("fleet-daily", {"dpot": ["D1"]}), ("data-quality", {"depot": ["D1"]})]
)
def test_an_attribute_that_would_cut_nothing_is_an_error(
    scored: Settings, name: str, attributes: dict[str, list[str]]
) -> None:
    with pytest.raises(UsageError, match="cannot be cut by"):
        issue(scored, name, to=attributes)


def test_a_cut_issue_is_about_the_rows_of_its_reader_alone(scored: Settings) -> None:
    settings = with_report(scored, "fleet-daily", sections=["figures", "ranking"])
    parts = [issue(settings, "fleet-daily", to={"depot": [f"D{place}"]}) for place in range(3)]
    assert [part.values["rows"] for part in parts] == [CASES / 3] * 3
    whole = issue(settings, "fleet-daily")
    for figure in ("rows", "urgent", "changed", "expected_late"):
        assert sum(part.values[figure] for part in parts) == pytest.approx(whole.values[figure])
    depots = [set(next(t for t in part.tables if t.name == "ranking").frame["depot"]) for part in parts]
    assert [len(names) for names in depots] == [1, 1, 1]


@pytest.mark.parametrize("name", ["credit-portfolio", "patient-risk", "fleet-daily", "mine"])
def test_every_figure_of_an_issue_is_declared(scored: Settings, name: str) -> None:
    settings = with_report(scored, table="finance.loans")
    found = set(issue(settings, name).values)
    assert {"rows", "urgent"} <= found <= set(declared.figures_of(settings, name))
