"""The issues of a run: few are kept at hand, and each is whole whenever it is asked for."""

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import AssistantError
from dashboards.reports.reader import Reader
from dashboards.reports.report import Paragraph, Report
from dashboards.subscriptions.sending import issues
from dashboards.subscriptions.sending.issues import Issues, Wanted
from pipelines.settings import ReportSettings, Settings
from tests.dashboards.service.conftest import an_issue
from tests.dashboards.subscriptions.conftest import REPORT

PERIOD = datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.fixture
def rendered(home: Settings, monkeypatch: pytest.MonkeyPatch) -> list[Report]:
    """The reports of which issues are made, without a lake."""
    found: list[Report] = []

    def build(_settings: Settings, _name: str, reader: Reader, **_more: Any) -> Report:
        said = Paragraph("Depot", reader.cut)
        return replace(an_issue().report, sections=(said,), attributes=reader.attributes)

    def render(report: Report, *_rest: object) -> Any:
        found.append(report)
        return replace(an_issue(), report=report)

    monkeypatch.setattr(issues, "build", build)
    monkeypatch.setattr(issues, "render", render)
    monkeypatch.setattr(Issues, "_snapshot", 7)
    return found


def wanted(depot: str) -> Wanted:
    return Wanted(REPORT, Reader(attributes=(("depot", (depot,)),)), PERIOD, None)


def test_an_issue_that_is_asked_for_again_late_has_all_its_sections(
    home: Settings, rendered: list[Report]
) -> None:
    run = Issues(home)
    looked_at_only = [wanted("D1"), wanted("D2"), wanted("D3")]
    for each in looked_at_only:  # such as for a condition that is not met
        run.report(each)
    for each in [wanted("D4"), *looked_at_only, wanted("D5"), wanted("D4")]:
        run.sealed(each)
    assert [report.attributes[0][1] for report in rendered] == [
        ("D4",),
        ("D1",),
        ("D2",),
        ("D3",),
        ("D5",),
        ("D4",),
    ]
    assert all(report.sections for report in rendered)


def test_a_full_disk_is_named(
    home: Settings, rendered: list[Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(issues.archive, "keep", full)
    with pytest.raises(AssistantError, match="No space left"):
        Issues(home).sealed(wanted("D1"))


def test_a_parameter_that_means_another_column_makes_another_issue(
    home: Settings, rendered: list[Report]
) -> None:
    """Its files would be fetched by links of the other one."""
    keys = {
        Issues(home.model_copy(update={"reports": {REPORT: ReportSettings(parameters={"place": column})}}))
        .sealed(wanted("D1"))
        .key
        for column in ("logistics.shipments.depot_id", "logistics.shipments.carrier_id")
    }
    assert len(keys) == 2
    assert not any("-" in key for key in keys)
