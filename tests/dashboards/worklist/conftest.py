"""A lake with ten loans scored twice, and an empty store beside it: SQLite, and a real PostgreSQL."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlencode

import duckdb
import polars as pl
import pytest
import sqlalchemy as sa

from pipelines.settings import Settings
from pipelines.store import Audit, Feedback, Store, WorkItem, WorkNote
from pipelines.warehouse import Warehouse
from tests.postgres import postgres_server

TASK = "finance.credit_default"
BEFORE, TODAY = datetime(2026, 10, 29), datetime(2026, 10, 30)


def predict(settings: Settings, day: datetime, bands: dict[str, str]) -> None:
    """Writes predictions of one day: entity -> band."""
    rows = [
        {"entity_id": entity, "as_of": day, "score": 0.1, "band": band, "model_version": "v1"}
        for entity, band in bands.items()
    ]

    def write(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("CREATE SCHEMA IF NOT EXISTS predictions")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS predictions.finance_credit_default "
            "(entity_id VARCHAR, as_of TIMESTAMP, score DOUBLE, band VARCHAR, model_version VARCHAR, "
            "reasons VARCHAR)"
        )
        connection.register("rows", pl.DataFrame(rows).to_arrow())
        connection.execute("INSERT INTO predictions.finance_credit_default BY NAME SELECT * FROM rows")

    Warehouse(settings).write(write)


@pytest.fixture(scope="package")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home with the lake; tests that score again make their own."""
    home = tmp_path_factory.mktemp("loans") / "var"
    settings = Settings(home=home, config=home / "assistant.toml", threads=1)
    for day in (BEFORE, TODAY):
        predict(settings, day, {f"L{n}": "medium" for n in range(10)})
    return home


@pytest.fixture(scope="package")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # A server tells moments on the clock of the place where it stands.
    elsewhere = urlencode({"options": "-c timezone=America/Los_Angeles"}, quote_via=quote)
    with postgres_server(tmp_path_factory.mktemp("pg")) as uri:
        address = uri.replace("postgresql://", "postgresql+psycopg://")
        yield f"{address}{'&' if '?' in address else '?'}{elsewhere}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, loans: Path) -> Settings:
    """Settings of the lake with an empty store."""
    database = request.getfixturevalue("postgres") if request.param == "postgres" else ""
    made = Settings(home=loans, config=loans / "assistant.toml", threads=1, database=database)
    with Store(made).session() as session:
        for table in (WorkNote, WorkItem, Feedback, Audit):
            session.execute(sa.delete(table))
    return made
