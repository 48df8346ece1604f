"""A lake with predictions, for everything that shows or sends them."""

import pytest

from pipelines.settings import Settings
from tests.dashboards.lake import fill


@pytest.fixture
def lake(home: Settings) -> Settings:
    """Settings of a home whose lake holds all three domains, scored twice."""
    fill(home)
    return home
