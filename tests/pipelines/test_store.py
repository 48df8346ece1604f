"""The operational store keeps its promises on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import IntegrityError

from pipelines import migrations, store
from pipelines.settings import Settings, load_settings
from pipelines.store import Delivery, ModelVersion, Store
from tests.postgres import postgres_server


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres_server(tmp_path_factory.mktemp("pg")) as address:
        yield address.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(
    request: pytest.FixtureRequest, own_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    if request.param == "postgres":
        monkeypatch.setenv("SDA_DATABASE", request.getfixturevalue("postgres"))
    return load_settings()


def version(name: str, state: str) -> ModelVersion:
    return ModelVersion(task="t", version=name, state=state, snapshot_id=1, path=name, checksum="")


def test_the_migrations_make_the_tables_that_the_code_describes(settings: Settings) -> None:
    with Store(settings).engine.connect() as connection:
        inspected = sa.inspect(connection)
        for table in store.Base.metadata.sorted_tables:
            columns = {column["name"] for column in inspected.get_columns(table.name)}
            assert columns == {column.name for column in table.columns}


def test_two_versions_left_in_service_become_one_and_can_never_be_two_again(settings: Settings) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(store.database_address(settings))
    with engine.begin() as connection:
        if (
            "alembic_version" in sa.inspect(connection).get_table_names()
        ):  # PostgreSQL: the test before was here
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    config.attributes["engine"] = engine
    command.upgrade(config, "0002")
    rows = [("old", "in_service"), ("new", "in_service"), ("bad", "rejected")]
    with engine.begin() as connection:
        for name, state in rows:
            connection.execute(
                sa.text(
                    "INSERT INTO model_versions "
                    "(task, version, state, created_at, snapshot_id, path, checksum, metrics, rows, note) "
                    f"VALUES ('t', '{name}', '{state}', '2026-01-01', 1, '', '', '{{}}', '{{}}', '')"
                )
            )
        connection.execute(
            sa.text(
                "INSERT INTO subscriptions "
                "(email, report, language, timezone, schedule, role, attributes, status, created_at) "
                "VALUES ('a@b.c', 'r', 'en', 'UTC', '* * * * *', 'x', '{}', 'active', '2026-01-01')"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO deliveries (subscription_id, period, state, fence, message_id, answer, "
                "attempts, model_version, updated_at) "
                "VALUES (1, '2026-01-01', 'sent', 0, '', '', 0, '', '2026-01-01')"
            )
        )
    command.upgrade(config, "head")
    engine.dispose()
    opened = Store(settings)
    with opened.session() as session:
        states = dict(session.execute(sa.select(ModelVersion.version, ModelVersion.state)).tuples().all())
        assert states == {"old": "retired", "new": "in_service", "bad": "rejected"}
        assert session.scalars(sa.select(Delivery.released_by)).one() == ""
    with pytest.raises(IntegrityError), opened.session() as session:
        session.add(version("third", "in_service"))
    with opened.session() as session:
        session.add_all([version("fourth", "retired"), version("fifth", "candidate")])
