"""A report of a chosen domain and language, built once: nothing in it can change."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest

from dashboards.reports.build import build
from dashboards.reports.reader import Reader
from dashboards.reports.report import Report
from pipelines.settings import Settings

PERIOD = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
NAMES = ("credit-portfolio", "patient-risk", "fleet-daily")

Built = Callable[[str, str], Report]


@pytest.fixture(scope="session")
def built(scored: Settings) -> Built:
    """`built(name, language)`: the issue of `PERIOD` for a subscriber in Shanghai."""

    @cache
    def of(name: str, language: str) -> Report:
        return build(scored, name, Reader(language, "subscriber", "Asia/Shanghai"), period=PERIOD)

    return of
