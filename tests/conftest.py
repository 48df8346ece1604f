"""Fixtures shared by all rooms: a fresh home, and the real data that lies outside the repository."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from pipelines.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_data"

# Machines are noisy: how long one example takes says nothing about the code. A gate says the same of the same
# code, so the examples are the same each time; HYPOTHESIS_PROFILE=search looks for new ones.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("search", deadline=None, derandomize=False, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

SHARED_DATA = Path(os.environ.get("SDA_SHARED_DATA", ROOT.parent / "shared" / "data"))


def pytest_configure() -> None:
    """A test leaves three files of its home's store open; many shells allow 1,024, enough for 300 tests."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY:
        wished = 10_240 if hard == resource.RLIM_INFINITY else min(hard, 10_240)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wished), hard))


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


def sda(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs `sda` with the settings of the samples, as a person does."""
    environment = {**os.environ, "SDA_HOME": str(home), "SDA_CONFIG": str(SAMPLE / "assistant.toml")}
    program = Path(sys.executable).with_name("sda")
    return subprocess.run(
        [program, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of `sda demo`: three sample organisations, loaded, trained, scored and reported.

    Made once for all workers of a run; only to be read.
    """

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("SDA_THREADS", "2")
            environment.setenv("SDA_TRAIN_SECONDS", "0")
            done = sda("demo", "--no-dashboard", "--json", home=folder / "var")
        assert done.returncode == 0, done.stderr[-2000:]

    return made_once(tmp_path_factory, "demo", make) / "var"


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker of a run fills and the others wait for."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    done = folder.with_name(f"{name}.done")
    with FileLock(folder.with_name(f"{name}.lock")):
        if not done.exists():
            make(folder)
            done.touch()
    return folder
