"""A page at the filter of a report shows the numbers of the report, says so, and lets go of the filter."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.addresses import link_to_page
from dashboards.numbers import integer, percent
from dashboards.reports.build import build
from dashboards.reports.reader import Attributes, Reader, attributes_of
from dashboards.reports.report import Report
from pipelines.settings import Settings
from tests.dashboards.screens.conftest import CASES, Visit, plain

FILTERS = {
    "credit-portfolio": ("finance", attributes_of({"purpose": "car"})),
    "fleet-daily": ("logistics", attributes_of({"depot": ["D1", "D9"], "carrier": "K1"})),
}


def _address(attributes: Attributes) -> dict[str, list[str]]:
    return {f"only.{name}": list(values) for name, values in attributes}


def _report(settings: Settings, name: str) -> Report:
    return build(settings, name, Reader(attributes=FILTERS[name][1]))


def _shown(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("name", FILTERS)
def test_the_numbers_of_a_page_are_those_of_the_report(full_home: Settings, visit: Visit, name: str) -> None:
    page, attributes = FILTERS[name]
    report = _report(full_home, name)

    app = visit(page, **_address(attributes))

    rows = int(report.values["rows"])
    assert not app.error
    assert 0 < rows <= CASES
    values = list(_shown(app).values())
    assert values[0] == integer(rows, "en")
    assert integer(report.values["urgent"], "en") in values
    assert f"{integer(rows, 'en')} cases, highest score first." in plain(app)
    highest = report.tables[-1].frame.row(0, named=True)
    listed = app.dataframe[-1].value
    assert str(listed.iloc[0, 0]) == highest["entity_id"]
    assert percent(listed["Score"].iloc[0] / 100, "en") == percent(highest["score"], "en")


def test_a_chip_says_which_rows_and_drops_them(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", **{"only.purpose": "car"})

    assert "Only: Purpose car" in plain(app)
    app.button("drop-purpose").click().run()
    assert "Only:" not in plain(app)
    assert next(iter(_shown(app).values())) == integer(CASES, "en")


def test_a_chip_speaks_chinese(full_home: Settings, visit: Visit) -> None:
    app = visit("finance", lang="zh", **{"only.purpose": ["car", "home"]})

    assert "仅限：贷款用途 car、home" in plain(app)


def test_a_value_that_is_gone_is_said(full_home: Settings, visit: Visit) -> None:
    app = visit("logistics", **{"only.depot": ["D1x", "D1"], "only.service": ["carrier pigeon"]})

    assert not app.error
    assert not app.dataframe
    assert "No case belongs to this selection." in plain(app)
    assert "There is no Depot D1x (any more)." in plain(app)
    assert "There is no Service carrier pigeon (any more)." in plain(app)


@pytest.mark.parametrize(
    ("page", "parameter"),
    [("finance", "depot"), ("home", "city")],
)
def test_a_parameter_the_page_does_not_know_is_told(
    full_home: Settings, visit: Visit, page: str, parameter: str
) -> None:
    app = visit(page, **{f"only.{parameter}": "D1"})

    assert f"«{parameter}»" in app.error[0].value
    assert not app.metric
    assert not app.dataframe


def test_a_case_outside_is_not_opened(full_home: Settings, visit: Visit) -> None:
    inside = visit("finance", **{"only.purpose": "car", "case": "L002"})
    outside = visit("finance", **{"only.purpose": "car", "case": "L001"})

    assert "Chance that" in plain(inside)
    assert "There is no case «L001»" in plain(outside)


def test_the_link_of_a_report_leads_to_its_rows(full_home: Settings) -> None:
    report = _report(full_home, "fleet-daily")

    assert report.link.endswith("/logistics?only.carrier=K1&only.depot=D1&only.depot=D9")
    odd = attributes_of({"depot": ["D&1", "a=b c", "仓"], "city": []})
    assert link_to_page(full_home, "logistics.late_delivery", odd).endswith(
        "?only.city=&only.depot=D%261&only.depot=a%3Db+c&only.depot=%E4%BB%93"
    )
