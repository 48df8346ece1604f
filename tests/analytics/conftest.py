"""Tables whose truth is known, put into the lake of a fresh home; a home with a model in service."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics.flat import flat_task, propose_task
from analytics.task import Flat, Task
from analytics.training import train
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse, quoted


def patients(rows: int, seed: int = 0) -> pl.DataFrame:
    """A table with dirt of every kind; `truth` is the probability that `ill` is «yes»."""
    random = np.random.default_rng(seed)
    dose = random.normal(size=rows)
    city = random.choice(["Köln", "北京", "Brno"], rows)
    smoker = random.random(rows) < 0.3
    truth = 1 / (1 + np.exp(-(1.2 * dose + 1.0 * smoker + 0.8 * (city == "北京") - 1.5)))
    return pl.DataFrame(
        {
            "patient no": [f"P{number:06d}" for number in range(rows)],
            "dose [mg/l]": np.where(random.random(rows) < 0.1, np.nan, dose),
            "城市": city,
            "smoker": smoker,
            "always": np.full(rows, "same"),
            "serial": np.arange(rows) + 17,
            "born": pl.Series(np.datetime64("1950-01-01") + random.integers(0, 20_000, rows)).cast(pl.Date),
            "ill": np.where(random.random(rows) < truth, "yes", "no"),
            "truth": truth,
        }
    ).with_columns(pl.col("dose [mg/l]").fill_nan(None))


Ingested = Callable[[str, pl.DataFrame], None]


@pytest.fixture
def ingested(home: Settings) -> Ingested:
    """Puts a frame into the lake as a loaded table."""
    return lambda table, frame: load_table(home, table, frame)


def load_table(settings: Settings, table: str, frame: pl.DataFrame) -> None:
    """Puts a frame into the lake as if it had been loaded."""

    def create(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.partition('.')[0])}")
        connection.register("given", frame.to_arrow())
        connection.execute(
            f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT *, 'load' AS _load_id, "
            "'file' AS _source, TIMESTAMP '2026-01-02 03:04:05' AS _loaded_at FROM given"
        )

    Warehouse(settings).write(create)


@pytest.fixture
def ill(home: Settings, ingested: Ingested) -> Task:
    """A binary task over 1,200 patients of the lake, their numbers the entities."""
    ingested("clinic.patients", patients(1_200).drop("truth"))
    return made_task(home, "clinic.patients", Flat("ill", entity="patient no"))


def made_task(settings: Settings, table: str, flat: Flat) -> Task:
    """The task that `sda task new` would make over a table of the lake."""
    return flat_task("made", propose_task(settings, "made", table, flat).entry)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Task]:
    """A home of 1,200 patients with a model in service, and its task."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "HOME": folder / "var",
            "CONFIG": folder / "none.toml",
            "TRAIN_SECONDS": 0,
        }.items():
            environment.setenv(f"SDA_{name}", str(value))
        settings = load_settings()
        load_table(settings, "clinic.patients", patients(1_200).drop("truth"))
        task = made_task(settings, "clinic.patients", Flat("ill", entity="patient no"))
        train(settings, task)
    return folder / "var", task


@pytest.fixture
def served(home: Settings, trained: tuple[Path, Task]) -> Task:
    """The task over patients with a model in service, in a home of this test."""
    shutil.copytree(trained[0], home.home)
    return trained[1]
