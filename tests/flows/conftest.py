"""A small shop in a fresh home, the command line in this process, and a Prefect server for the session."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli import sda as commands
from flows.engine import environment
from pipelines.settings import Settings, load_settings

Sda = Callable[..., Result]
ORDERS = "order_id,ordered_at,amount\n1,2026-01-05,10.5\n2,2026-01-06,20\n3,2026-01-07,7.25\n"
SETTINGS = """\
[project]
name = "Corner Shop"
owner = "owner@example.com"

[sources.orders]
connector = "files"
domain = "shop"
table = "orders"
key = ["order_id"]
options = { path = "orders.csv" }

[schedules]
daily = "0 6 * * *"
"""


@pytest.fixture(autouse=True)
def own_variables() -> Iterator[None]:
    """What a flow puts into the environment for its children ends with the test."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def shop(own_environment: None, tmp_path: Path) -> Settings:
    """Settings with one source of three orders, not loaded yet."""
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "assistant.toml").write_text(SETTINGS)
    return load_settings()


@pytest.fixture
def sda(own_environment: None) -> Sda:
    """Runs `sda ARGUMENTS…` in this process."""
    return lambda *arguments: CliRunner().invoke(commands, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Prefect's test server, with nothing written outside the temporary folder."""
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(Settings(home=home)).items():
            if not name.startswith("SDA_"):
                patch.setenv(name, value)
        (home / "prefect").mkdir()
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=600):
            yield


def outbox(settings: Settings) -> list[str]:
    """The mails that left so far."""
    return [path.read_text() for path in sorted((settings.home / "outbox").glob("*.eml"))]
