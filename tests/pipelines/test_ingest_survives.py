"""A load that dies, or runs twice, or runs while others read, leaves the tables right."""

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from pipelines.ingest import ingest
from pipelines.warehouse import Warehouse

HEAD = "id,day,amount\n"
SPAWN = multiprocessing.get_context("spawn")


def _ingest_in_a_child(limit_bytes: int = 0) -> list[str]:
    if limit_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    from pipelines.settings import load_settings

    return [result.error or str(result.rows_changed) for result in ingest(load_settings())]


def _killed_at(point: str) -> None:
    """Runs an ingest that kills itself, as `kill -9` does, when it first reaches `point`."""
    module, _, name = point.rpartition(".")
    code = (
        f"import os, signal, {module} as m\n"
        f"owner, name = (m.Writing, 'write') if {name!r} == 'Writing.write' else (m, {name!r})\n"
        "def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
        "setattr(owner, name, die)\n"
        "from pipelines.ingest import ingest\nfrom pipelines.settings import load_settings\n"
        "ingest(load_settings())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    [
        "pipelines.ingest.extract",  # before anything was read
        "pipelines.ingest.publish",  # everything read, nothing published
        "pipelines.publish._refuse_repeated_keys",  # within the transaction, refused rows already written
        "pipelines.publish._recorded",  # rows written, record and state not yet
        "pipelines.ingest.save_contract",  # published, the inferred contract not yet saved
    ],
)
def test_kill_9_at_any_point_neither_loses_nor_doubles(shop, rows, point):
    settings = shop.declare(mode="append")
    shop.file("a.csv", HEAD + rows(0, 40) + "bad,2024-01-01,x\n")
    _killed_at(point)
    ingest(settings)
    ingest(settings)
    warehouse = Warehouse(settings)
    assert warehouse.query("SELECT count(*), count(DISTINCT id) FROM shop.orders").row(0) == (40, 40)
    assert warehouse.query("SELECT count(*) FROM quarantine.records").item() == 1
    assert not list((settings.home / "work").glob("*"))


@pytest.mark.slow
def test_two_ingests_at_once_load_once(shop, rows):
    settings = shop.declare(mode="append")
    shop.file("a.csv", HEAD + rows(0, 2000))
    with SPAWN.Pool(2) as pool:
        outcomes = [run.get() for run in [pool.apply_async(_ingest_in_a_child) for _ in range(2)]]
    assert sorted(outcomes) == [["0"], ["2000"]]
    assert Warehouse(settings).query("SELECT count(*) FROM shop.orders").item() == 2000


@pytest.mark.slow
def test_a_full_disk_is_told_and_changes_nothing(shop, rows):
    settings = shop.declare(mode="replace")
    shop.file("a.csv", HEAD + rows(0, 100))
    ingest(settings)
    shop.file("a.csv", HEAD + rows(0, 60_000))
    with SPAWN.Pool(1) as pool:
        (error,) = pool.apply(_ingest_in_a_child, (200_000,))
    assert "Nothing was changed" in error
    assert Warehouse(settings).query("SELECT count(*) FROM shop.orders").item() == 100
    assert ingest(settings)[0].rows_clean == 60_000


@pytest.mark.slow
def test_readers_never_see_an_empty_or_torn_table_during_a_replace(shop, rows):
    settings = shop.declare(mode="replace")
    shop.file("a.csv", HEAD + rows(0, 3000))
    ingest(settings)
    seen = set()
    with SPAWN.Pool(1) as pool:
        for size in (4000, 5000):
            shop.file("a.csv", HEAD + rows(0, size))
            running = pool.apply_async(_ingest_in_a_child)
            while not running.ready():
                seen.add(Warehouse(settings).query("SELECT count(*) FROM shop.orders").item())
                time.sleep(0.01)
    assert seen <= {3000, 4000, 5000}
    assert len(seen) >= 2


def test_one_reader_sees_one_snapshot_from_first_to_last(shop, rows):
    settings = shop.declare(mode="replace")
    shop.file("a.csv", HEAD + rows(0, 30))
    ingest(settings)
    warehouse = Warehouse(settings)
    with warehouse.reading() as connection:
        count = "SELECT count(*) FROM shop.orders"
        assert connection.execute(count).fetchone() == (30,)
        shop.file("a.csv", HEAD + rows(0, 44))
        ingest(settings)
        assert connection.execute(count).fetchone() == (30,)
    assert warehouse.query(count).item() == 44


def test_a_home_that_was_moved_opens_again(shop, rows, monkeypatch):
    settings = shop.declare(mode="replace")
    shop.file("a.csv", HEAD + rows(0, 30))
    ingest(settings)
    elsewhere = settings.home.with_name("elsewhere")
    os.rename(settings.home, elsewhere)
    monkeypatch.setenv("SDA_HOME", str(elsewhere))
    from pipelines.settings import load_settings

    moved = load_settings()
    assert Warehouse(moved).query("SELECT count(*) FROM shop.orders").item() == 30
    shop.file("a.csv", HEAD + rows(0, 33))
    ingest(moved)
    assert Warehouse(moved).query("SELECT count(*) FROM shop.orders").item() == 33
