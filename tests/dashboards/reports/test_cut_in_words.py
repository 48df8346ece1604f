"""Whose rows a subscription has, as its reader is told."""

import pytest

from dashboards.reports import cut
from pipelines.settings import Settings
from pipelines.store import Subscription


@pytest.mark.parametrize(
    ("report", "language", "told"),
    [
        ("fleet-daily", "en", "Depot D01, D05"),
        ("fleet-daily", "zh", "仓库号 D01、D05"),
        ("a-report-of-last-year", "en", "depot D01, D05"),
    ],
)
def test_rows_are_told_in_words(home: Settings, report: str, language: str, told: str) -> None:
    entry = Subscription(email="ann@example.org", report=report, attributes={"depot": ["D05", "D01"]})

    assert cut.of_subscription(home, entry, language) == told


def test_all_rows_need_no_words(home: Settings) -> None:
    entry = Subscription(email="ann@example.org", report="fleet-daily", attributes={})

    assert cut.of_subscription(home, entry, "en") == ""
