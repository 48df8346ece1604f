"""The lake and the store, on the embedded default and on a real PostgreSQL."""

import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from connectors.errors import AssistantError
from pipelines import warehouse
from pipelines.settings import Settings, load_settings
from pipelines.store import Notice, Store
from pipelines.upkeep import disk_use, tidy
from pipelines.warehouse import Warehouse, columns_of, quoted
from tests.conftest import ROOT
from tests.postgres import postgres_server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory) -> Iterator[str]:
    """The address of a real PostgreSQL server, from a wheel."""
    with postgres_server(tmp_path_factory.mktemp("pg")) as address:
        yield address


@pytest.fixture(params=["embedded", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request, own_environment, monkeypatch) -> Settings:
    if request.param == "postgres":
        address = request.getfixturevalue("postgres")
        monkeypatch.setenv("SDA_CATALOG", address)
        monkeypatch.setenv("SDA_DATABASE", address.replace("postgresql://", "postgresql+psycopg://"))
    return load_settings()


def fill(connection, rows=10):
    connection.execute("CREATE SCHEMA IF NOT EXISTS shop")
    connection.execute(f"CREATE OR REPLACE TABLE shop.orders AS SELECT range AS id FROM range({rows})")


def test_write_publishes_one_snapshot_and_readers_can_go_back(settings):
    warehouse = Warehouse(settings)
    warehouse.write(fill)
    first = warehouse.snapshot()
    warehouse.write(lambda c: c.execute("DELETE FROM shop.orders WHERE id > 4"))
    assert warehouse.snapshot() == first + 1
    count = "SELECT count(*) FROM shop.orders"
    assert warehouse.query(count).item() == 5
    assert warehouse.query(count, snapshot=first).item() == 10
    assert warehouse.columns("shop.orders") == {"id": "BIGINT"}
    assert "shop.orders" in warehouse.tables()


def test_a_write_that_fails_changes_nothing(settings):
    warehouse = Warehouse(settings)
    warehouse.write(fill)
    before = warehouse.snapshot()

    def half(connection):
        connection.execute("DELETE FROM shop.orders")
        raise AssistantError("stop")

    with pytest.raises(AssistantError, match="stop"):
        warehouse.write(half)
    assert warehouse.snapshot() == before
    assert warehouse.query("SELECT count(*) FROM shop.orders").item() == 10


def test_many_writers_at_once_all_succeed(settings):
    warehouse = Warehouse(settings)
    warehouse.write(fill)

    def add(number):
        Warehouse(settings).write(lambda c: c.execute("INSERT INTO shop.orders VALUES (?)", [number]))

    threads = [threading.Thread(target=add, args=(100 + n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warehouse.query("SELECT count(*) FROM shop.orders WHERE id >= 100").item() == 6


def test_an_open_result_does_not_block_a_writer(settings):
    warehouse = Warehouse(settings)
    warehouse.write(lambda c: fill(c, 300_000))
    with warehouse.reading() as connection:
        reader = connection.execute("SELECT * FROM shop.orders").to_arrow_reader(1000)
        reader.read_next_batch()
        warehouse.write(lambda c: c.execute("DELETE FROM shop.orders"))
        assert sum(batch.num_rows for batch in reader) == 299_000


def test_no_scan_of_the_catalog_is_split_between_two_states_of_it(home):
    """A load elsewhere that came between would bring deleted rows back: in one of twenty looks, so that only
    a look of minutes would show it.
    """
    setting = "SELECT current_setting('sqlite_disable_multithreaded_scans')"
    with Warehouse(home).reading() as first, Warehouse(home).aside() as second:
        assert [each.execute(setting).fetchone() for each in (first, second)] == [(True,), (True,)]


def test_a_transaction_may_list_tables_while_readers_come_and_go(settings):
    warehouse = Warehouse(settings)
    warehouse.write(fill)
    first = warehouse.snapshot()

    def slow(connection):
        with warehouse.reading(first):
            columns_of(connection, "shop.orders")  # DuckDB remembers what was attached by its name
        with ThreadPoolExecutor(1) as another, warehouse.reading(first) as reader:
            count = another.submit(reader.execute, "SELECT count(*) FROM shop.orders")
            assert count.result().fetchone() == (10,)
            return columns_of(connection, "shop.orders")

    assert warehouse.write(slow) == {"id": "BIGINT"}


def test_a_snapshot_is_detached_when_nobody_can_be_listing_it(settings, monkeypatch):
    lake = Warehouse(settings)
    snapshots = [lake.write(fill) or lake.snapshot() for _ in range(4)]
    attached = "SELECT count(*) FROM duckdb_databases() WHERE starts_with(database_name, 'lake_at_')"

    def left(connection):
        for snapshot in snapshots:
            with lake.reading(snapshot):
                pass
        return connection.execute(attached).fetchone()

    with lake.aside() as connection:
        assert left(connection) == (4,)
        monkeypatch.setattr(warehouse, "_MOST_WAITING", 2)
        assert left(connection) == (2,)
    with lake.aside() as connection:
        assert connection.execute(attached).fetchone() == (0,)


def test_store_gives_moments_back_with_their_zone(settings):
    with Store(settings).session() as session:
        session.add(Notice(kind="test", about="x", subject="s", message="m"))
    with Store(settings).session() as session:
        notice = session.query(Notice).filter_by(kind="test").one()
        assert notice.at.utcoffset() is not None
        session.delete(notice)


def test_upkeep_keeps_what_a_report_was_made_from(home):
    from pipelines.store import Delivery, Subscription, now

    warehouse = Warehouse(home)
    warehouse.write(fill)
    sent_from = warehouse.snapshot()
    for _ in range(3):
        warehouse.write(lambda c: c.execute("INSERT INTO shop.orders SELECT max(id) + 1 FROM shop.orders"))
    with Store(home).session() as session:
        subscription = Subscription(email="a@example.com", report="r", schedule="0 7 * * *")
        session.add(subscription)
        session.flush()
        session.add(Delivery(subscription_id=subscription.id, period=now(), snapshot_id=sent_from))
    done = tidy(home, keep_days=0)
    assert done.snapshots_expired >= 2
    assert warehouse.query("SELECT count(*) FROM shop.orders", snapshot=sent_from).item() == 10
    assert warehouse.query("SELECT count(*) FROM shop.orders").item() == 13
    assert disk_use(home).lake > 0


def test_encrypted_files_hold_no_readable_row(own_environment, monkeypatch):
    monkeypatch.setenv("SDA_ENCRYPTED", "true")
    settings = load_settings()
    Warehouse(settings).write(
        lambda c: (c.execute("CREATE SCHEMA s"), c.execute("CREATE TABLE s.t AS SELECT 'find-me' AS v"))
    )
    files = list((settings.home / "lake" / "data").rglob("*.parquet"))
    assert files
    assert not any(b"find-me" in file.read_bytes() for file in files)
    assert Warehouse(settings).query("SELECT v FROM s.t").item() == "find-me"


def test_an_altered_extension_is_refused_though_the_true_one_was_loaded(home, tmp_path, monkeypatch):
    Warehouse(home).write(fill)
    with Warehouse(home).aside() as connection:
        assert not connection.execute("SELECT current_setting('allow_unsigned_extensions')").fetchone()[0]
        with pytest.raises(duckdb.InvalidInputException, match="Cannot change"):
            connection.execute("SET GLOBAL allow_unsigned_extensions = true")
    found = warehouse._extension_file
    content = bytearray(found("ducklake").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "ducklake.duckdb_extension").write_bytes(content)
    monkeypatch.setattr(
        warehouse,
        "_extension_file",
        lambda name: tmp_path / "ducklake.duckdb_extension" if name == "ducklake" else found(name),
    )
    with pytest.raises(duckdb.IOException, match="signature"):
        Warehouse(home).tables()


def test_names_are_quoted():
    assert quoted('a.b"c') == '"a"."b""c"'


def test_days_begin_in_utc_wherever_the_machine_stands(own_environment):
    """DuckDB takes the zone of the machine when it starts, so this looks from a machine elsewhere."""
    ask = (
        "from pipelines.settings import load_settings; from pipelines.warehouse import Warehouse; "
        "print(Warehouse(load_settings()).query(\"SELECT current_setting('TimeZone')\").item())"
    )
    elsewhere = os.environ | {"TZ": "Asia/Shanghai"}
    said = subprocess.run(
        [sys.executable, "-c", ask], check=False, env=elsewhere, cwd=ROOT, capture_output=True, text=True
    )
    assert said.stdout.strip() == "UTC", said.stderr


@pytest.mark.parametrize("use", [Warehouse.snapshot, lambda w: w.write(fill)], ids=["read", "write"])
def test_the_password_of_a_catalog_out_of_reach_is_not_told(own_environment, monkeypatch, use):
    monkeypatch.setenv("SDA_CATALOG", "postgresql://bob:s3cret@127.0.0.1:1/lake")
    with pytest.raises(AssistantError, match="cannot be opened") as told:
        use(Warehouse(load_settings()))
    assert "s3cret" not in "".join(traceback.format_exception(told.value))
