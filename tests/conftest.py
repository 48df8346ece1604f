"""Fixtures shared by all rooms: a fresh home, and the real data that lies outside the repository."""

import os
import sys
from pathlib import Path

import hypothesis
import pytest

from pipelines.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]

# Machines are noisy: how long one example takes says nothing about the code.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

SHARED_DATA = Path(os.environ.get("SDA_SHARED_DATA", ROOT.parent / "shared" / "data"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first: at the end no core waits for the longest of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    first = {path for path in slow if path.parent == Path(__file__).parent}  # the whole way, the examples
    items.sort(key=lambda item: (item.path not in first, item.path not in slow))


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `SDA_*` of the caller leaks into a test, and no test writes outside its folder."""
    for name in [name for name in os.environ if name.startswith("SDA_") and name != "SDA_SHARED_DATA"]:
        monkeypatch.delenv(name)
    # Pages that are tried leave themselves as the main module, and processes started later would run them.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setenv("SDA_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("SDA_CONFIG", str(tmp_path / "assistant.toml"))
    monkeypatch.setenv("SDA_THREADS", "2")
    monkeypatch.setenv("SDA_TRAIN_SECONDS", "0")


@pytest.fixture
def home(own_environment: None) -> Settings:
    """Settings of an empty home in a temporary folder."""
    return load_settings()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public data; the test is skipped, and says so, where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real public data is absent: {SHARED_DATA} (set SDA_SHARED_DATA)")
    return SHARED_DATA
