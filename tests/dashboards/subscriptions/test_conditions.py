"""Conditions on an issue: a small grammar, nothing evaluated, reasons in words."""

import operator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import UsageError
from dashboards.reports.build import build
from dashboards.reports.declared import figures_of
from dashboards.reports.reader import Reader
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.sending.conditions import check, unmet
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from tests.dashboards.subscriptions.loads import loaded

HOLDS = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "=": operator.eq, "!=": operator.ne, "==": operator.eq,
    "≥": operator.ge, "≤": operator.le, "≠": operator.ne,
}  # fmt: skip


def issue(**values: float) -> SimpleNamespace:
    return SimpleNamespace(values=values)


numbers = st.floats(-1e9, 1e9) | st.integers(-1000, 1000).map(float)


@given(numbers, st.sampled_from(sorted(HOLDS)), numbers)
def test_a_figure_is_compared_with_a_number(value: float, relation: str, number: float) -> None:
    text = check(f"urgent {relation} {number!r}")
    assert check(text) == text
    assert (unmet(issue(urgent=value), [text]) == "") == HOLDS[relation](value, number)


@given(st.text(max_size=30))
def test_nothing_else_is_a_condition(text: str) -> None:
    try:
        written = check(text)
    except UsageError:
        return
    assert check(written) == written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("has rows", "has rows"),
        ("Has  Rows", "has rows"),
        ("有数据", "has rows"),
        ("changed", "changed"),
        ("only if urgent>10", "urgent > 10"),
        ("expected_loss ≥ 1e6", "expected_loss >= 1000000"),
        ("mean_score < 2.5%", "mean_score < 0.025"),
        ("rows > 1,000", "rows > 1000"),
    ],
)
def test_conditions_are_written_one_way(given: str, written: str) -> None:
    assert check(given) == written


@pytest.mark.parametrize(
    "text",
    ["", "urgent", "urgent >", "> 3", "urgent > many", "urgent > nan", "urgent > 1e999", "urgent > 1 or 1",
     "__import__('os').system('x') > 0", "urgent > rows", "urgent >> 3", "1 > 0"],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"«has rows»|no number"):
        check(text)


def test_a_figure_that_the_report_has_not_is_told_with_the_nearest() -> None:
    assert check("urgent > 3", ["rows", "urgent"]) == "urgent > 3"
    assert check("changed", ["rows"]) == "changed"
    with pytest.raises(UsageError, match="Did you mean urgent"):
        check("urgnt > 3", ["rows", "urgent"])


def test_it_is_told_why_nothing_was_sent() -> None:
    assert unmet(issue(rows=0), ["has rows"]) == "Not sent, because it has no rows."
    assert unmet(issue(rows=5, changed=0), ["has rows", "changed"]) == (
        "Not sent, because nothing has changed since the issue before."
    )
    assert unmet(issue(rows=0, urgent=3.5), ["has rows", "urgent >= 10"]) == (
        "Not sent, because it has no rows and its figure urgent is 3.5, not at least 10."
    )
    assert unmet(issue(rows=1), ["urgent > 1"]) == "Not sent, because its figure urgent is not known."
    assert unmet(issue(rows=1), ["changed"]) == ""  # a first issue has nothing to be compared with
    assert unmet(issue(rows=1), []) == ""


def test_the_figures_of_the_report_on_data_are_those_it_declares(home: Settings) -> None:
    loaded(home, "logistics.shipments", datetime(2026, 11, 2, tzinfo=UTC), refused=3)
    report = build(home, "data-quality", Reader(role="engineer"))
    assert set(report.values) == set(figures_of(home, "data-quality"))
    assert unmet(report, ["quarantined > 2", "quarantined < 4", "loads = 1"]) == ""


def test_readers_named_in_the_settings_wait_for_business_days_and_conditions_as_their_report_says(
    home: Settings,
) -> None:
    given = ReportSettings(
        schedule="first business day 08:00", calendar="DE-BY", only_if=["Urgent ≥ 3"], catch_up="all"
    )
    settings = home.model_copy(update={"reports": {"fleet-daily": given}})
    entry = book.add(settings, "a@b.example", "fleet-daily")
    assert (entry.schedule, entry.calendar, entry.catch_up) == ("0 8 1B * *", "DE-BY", "all")
    assert entry.only_if == ["urgent >= 3"]
    assert book.change(settings, entry.id, only_if=[], schedule="daily 7:00", calendar="").only_if == []
    other = book.change(settings, entry.id, language="zh")
    assert (other.calendar, other.only_if) == ("", [])
