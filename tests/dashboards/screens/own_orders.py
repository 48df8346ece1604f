"""A task of a person's own with a real model: a file was tried out, trained on and scored for two days."""

import random
import shutil
from datetime import date
from pathlib import Path

import pytest

from analytics.scoring import score
from analytics.task import Flat, Task
from analytics.training import train
from dashboards import own_table
from pipelines.settings import Settings, load_settings
from tests.conftest import made_once

HTML = "<b>Bold</b>"
WEIGHT = "weight *kg*"  # a name that Markdown would change


def _file(rows: int = 240) -> bytes:
    dice = random.Random(3)
    lines = [f"order,{WEIGHT},lane,nothing,late"]
    for number in range(rows):
        weight, lane = dice.uniform(1, 30), dice.choice(["N", "S", HTML])
        late = "yes" if dice.random() < (0.8 if weight > 18 else 0.15) else "no"
        lines.append(f"O{number:03d},{weight:.1f},{lane},,{late}")
    return "\n".join(lines).encode()


@pytest.fixture(scope="session")
def trained_orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the home. Made once for all workers of a run; only to be copied."""
    return made_once(tmp_path_factory, "orders", _make)


def _make(folder: Path) -> None:
    folder.mkdir()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "HOME": folder / "var",
            "CONFIG": folder / "assistant.toml",
            "TRAIN_SECONDS": 0,
        }.items():
            environment.setenv(f"SDA_{name}", str(value))
        settings = load_settings()
        path = own_table.keep_upload(settings, "orders.csv", _file())
        own_table.load(settings, path, own_table.inferred(path, *own_table.sample(path)))
        proposal = own_table.propose(load_settings(), path, Flat("late", entity="order"))
        name, settings = own_table.declare(load_settings(), proposal)
        task = own_table.task_of(settings, name)
        train(settings, task)
        score(settings, task, date(2026, 3, 1))
        score(settings, task, date(2026, 3, 2))
    (folder / "task").write_text(name, encoding="utf-8")


@pytest.fixture
def orders(home: Settings, trained_orders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """The task, in a copy of the home."""
    shutil.copytree(trained_orders, tmp_path / "copy")
    monkeypatch.setenv("SDA_HOME", str(tmp_path / "copy" / "var"))
    monkeypatch.setenv("SDA_CONFIG", str(tmp_path / "copy" / "assistant.toml"))
    return own_table.task_of(load_settings(), (tmp_path / "copy" / "task").read_text(encoding="utf-8"))
