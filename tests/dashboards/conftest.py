"""A lake with predictions, for everything that shows or sends them."""

import shutil
from pathlib import Path

import pytest

from pipelines.settings import Settings
from tests.dashboards.lake import fill


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home whose lake holds all three domains, scored twice. Filled once: only to be read."""
    folder = tmp_path_factory.mktemp("scored")
    settings = Settings(home=folder / "var", config=folder / "assistant.toml", threads=2)
    fill(settings)
    return settings


@pytest.fixture
def lake(scored: Settings, home: Settings) -> Settings:
    """A copy of that home for one test alone (a moved home opens again)."""
    shutil.copytree(scored.home, Path(home.home))
    return home
