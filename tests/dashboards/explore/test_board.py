"""Boards: what they hold, when they are made again, who may read them, and that nothing breaks them."""

import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb
import polars as pl
import pytest

from analytics.catalog import task_named
from analytics.row_cuts import row_cut
from analytics.task import Task
from connectors.errors import AssistantError
from dashboards.explore import board as boards
from dashboards.explore import board_files, board_making, board_reading, board_sources
from dashboards.explore.board import Board, board_of, laid_out, reading_board
from dashboards.explore.board_upkeep import prepare, tidy_boards
from dashboards.explore.cases import cases_sql
from dashboards.queries.explore_prefixes import CODE
from flows.backup import back_up
from flows.boards import renew
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.dashboards.lake import DAY_BEFORE, LAST_DAY, fill

TASK = "finance.credit_default"


@pytest.fixture
def task(lake: Settings) -> Task:
    return task_named(TASK, lake)


def board(settings: Settings, as_of: datetime = LAST_DAY, **how: Any) -> Board:
    task = task_named(TASK, settings)
    return board_of(settings, task, cases_sql(task), as_of, **{"wait": True, **how})


def rows(settings: Settings, board: Board) -> pl.DataFrame:
    with reading_board(settings, board) as connection:
        return connection.execute("FROM cases").pl()


def run(settings: Settings, sql: str) -> None:
    Warehouse(settings).write(lambda connection: connection.execute(sql).fetchall())


def files(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.home / "cache" / "boards").glob("*.duckdb"))


def test_a_board_holds_the_cases_of_its_sql_and_how_they_moved(lake: Settings, task: Task) -> None:
    table, ids = task.predictions_table, f"SELECT entity_id FROM {task.predictions_table} ORDER BY 1"
    run(
        lake,
        f"UPDATE {table} SET band = 'very high' WHERE as_of = '{LAST_DAY}' AND entity_id IN ({ids} LIMIT 99)",
    )
    run(lake, f"DELETE FROM {table} WHERE as_of = '{DAY_BEFORE}' AND entity_id IN ({ids} DESC LIMIT 44)")
    found = board(lake)
    held = rows(lake, found)
    expected = Warehouse(lake).query(
        f"SELECT * FROM ({cases_sql(task)}) ORDER BY score DESC, entity_id", {"as_of": LAST_DAY}
    )
    assert held.select(expected.columns).equals(expected)
    assert list(found.schema) == [*expected.columns, "band_before", "score_before", "moved", CODE]
    before = Warehouse(lake).query(f"FROM {task.predictions_table} WHERE as_of = '{DAY_BEFORE}'")
    earlier = {row["entity_id"]: row for row in before.iter_rows(named=True)}
    order = [band.name for band in task.bands]
    for row in held.iter_rows(named=True):
        was = earlier.get(row["entity_id"])
        assert row["band_before"] == (was and was["band"])
        assert row["score_before"] == (was and was["score"])
        step = order.index(row["band"]) - order.index(was["band"]) if was else None
        assert row["moved"] == ("new" if step is None else "up" if step > 0 else "down" if step else "same")
    assert set(held["moved"]) >= {"new", "up", "same"}
    assert rows(lake, board(lake, DAY_BEFORE))["moved"].unique().to_list() == [None]


def test_it_is_made_again_when_what_it_is_made_from_changed_and_not_before(
    lake: Settings, task: Task
) -> None:
    first = board(lake)
    run(lake, "UPDATE logistics.carriers SET name = 'Another'")
    later = "SELECT * REPLACE (TIMESTAMP '2026-12-01' AS as_of)"
    run(lake, f"INSERT INTO {task.predictions_table} BY NAME {later} FROM {task.predictions_table}")
    assert board(lake) == first
    run(lake, "UPDATE finance.customers SET city = 'Elsewhere'")
    second = board(lake)
    assert second != first
    assert set(rows(lake, second)["city"]) == {"Elsewhere"}
    run(lake, f"DELETE FROM {task.predictions_table} WHERE as_of = '{DAY_BEFORE}'")
    assert rows(lake, board(lake))["moved"].null_count() == rows(lake, second).height
    assert len(files(lake)) == 1  # each took the place of the one before


def test_the_old_one_is_served_while_a_new_one_is_made(
    lake: Settings, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert laid_out(lake, task, cases_sql(task), LAST_DAY) is None
    old = board(lake)
    run(lake, "UPDATE finance.customers SET city = 'Elsewhere'")
    assert laid_out(lake, task, cases_sql(task), LAST_DAY) == old
    monkeypatch.setattr(boards, "PATIENCE", 0.05)
    with board_files.making(lake, old.key):  # another process is at it
        served = board(lake, wait=False)
        assert (served.key, served.is_old) == (old.key, True)
        assert "Elsewhere" not in set(rows(lake, served)["city"])
    new = board(lake)
    assert not new.is_old
    assert set(rows(lake, new)["city"]) == {"Elsewhere"}
    assert "Elsewhere" not in set(rows(lake, old)["city"])  # who looks at the old one still sees it whole


def test_what_cannot_be_read_is_made_again_once_and_then_said(
    lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    make = board_making.make

    def counted(*given: Any) -> None:
        made.append(given)
        make(*given)

    def unreadable(*_: object) -> None:
        raise board_reading.BoardGoneError

    board(lake)
    monkeypatch.setattr(board_making, "make", counted)
    monkeypatch.setattr(board_reading, "schema", unreadable)
    with pytest.raises(AssistantError, match="cannot be read there"):
        board(lake)
    assert len(made) == 1


def test_it_is_whole_whoever_looks_at_what_is_attached_while_it_is_made(
    lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = board_making._about

    stays, listed = ExitStack(), []

    def others() -> None:
        with stays, Warehouse(lake).aside() as connection:  # nobody waits for the looker but the board
            listed.append(connection.execute("FROM duckdb_tables()").fetchall())

    def looked_at(*given: Any) -> str:
        looker = stays.enter_context(Warehouse(lake).aside())
        looker.begin()
        looker.execute("FROM duckdb_tables()").fetchall()  # holds what is attached until it ends
        Timer(0.2, others).start()
        return about(*given)

    expected = rows(lake, board(lake))
    monkeypatch.setattr(board_making, "_about", looked_at)
    monkeypatch.setattr(board_sources, "_FORMAT", board_sources._FORMAT + 1)
    assert rows(lake, board(lake)).equals(expected)
    assert len(listed) == 1
    assert tidy_boards(lake) == 0  # it says what it was made from


@pytest.mark.parametrize("overtake", [board, tidy_boards])
def test_one_that_another_took_the_place_of_gives_way_to_it(
    lake: Settings, monkeypatch: pytest.MonkeyPatch, overtake: Callable[[Settings], object]
) -> None:
    make = board_making.make

    def overtaken(*given: Any) -> None:
        make(*given)
        monkeypatch.setattr(board_making, "make", make)
        run(lake, "UPDATE finance.customers SET city = 'Elsewhere'")
        overtake(lake)

    monkeypatch.setattr(board_making, "make", overtaken)
    first = board(lake)
    assert set(rows(lake, first)["city"]) == {"Elsewhere"}


def test_one_that_its_maker_still_holds_is_waited_for_and_not_made_again(
    lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_making, "_HELD_AT_MOST", 60.0)
    path = board_files.path_of(lake, board(lake).key)
    before = path.stat().st_ino
    for look in (board, tidy_boards):
        board_reading._shelves.clear()  # as another process sees it
        script = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
        maker = subprocess.Popen(
            [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with maker as held:
            assert held.stdout
            assert held.stdin
            assert held.stdout.readline() == b"\n"
            Timer(0.2, held.stdin.close).start()
            look(lake)
        assert path.stat().st_ino == before


def test_where_a_new_one_cannot_be_made_the_old_one_stays(
    lake: Settings, task: Task, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = board(lake)
    run(lake, "UPDATE finance.customers SET city = 'Elsewhere'")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(board_files, "publish", full)
    monkeypatch.setattr(boards, "PATIENCE", 60.0)  # it is the failure that is waited for
    assert board(lake, wait=False).key == old.key
    assert "could not be made again" in caplog.text
    assert "No space" not in caplog.text  # what an error says may hold values of a record
    with pytest.raises(AssistantError, match="No space left"):
        board(lake, DAY_BEFORE)
    assert "No space left" in prepare(lake, task)
    assert files(lake) == [f"{old.key}.duckdb"]  # nothing half made lies about


def test_a_folder_that_cannot_be_made_is_said(lake: Settings) -> None:
    (lake.home / "cache").write_text("in the way", encoding="utf-8")
    with pytest.raises(AssistantError, match="could not be laid out in .*boards"):
        board(lake)


def test_the_board_of_a_cut_holds_the_rows_of_the_cut_alone(lake: Settings) -> None:
    run(lake, "UPDATE finance.customers SET city = 'Elsewhere' WHERE hash(customer_id) % 3 = 0")
    whole, city = board(lake), "Elsewhere"
    cut = row_cut(lake, {"city": "finance.customers.city"}, [("city", [city])])
    own = board(lake, cut=cut)
    assert own.key != whole.key
    expected = rows(lake, whole).filter(pl.col("city") == city)
    assert 0 < expected.height < rows(lake, whole).height
    assert rows(lake, own).equals(expected)


@pytest.mark.parametrize("encrypted", [False, True])
def test_it_is_as_readable_as_the_lake(tmp_path: Path, encrypted: bool) -> None:
    settings = Settings(home=tmp_path / "var", config=tmp_path / "a.toml", threads=1, encrypted=encrypted)
    fill(settings, cases=12)
    held = rows(settings, board(settings))
    path = board_files.all_of(settings)[0]
    name = held["full_name"].drop_nulls()[0].encode()
    assert (name in path.read_bytes()) is not encrypted
    assert path.stat().st_mode & 0o777 == 0o600
    assert (settings.home / "cache").stat().st_mode & 0o777 == 0o700
    if encrypted:
        with pytest.raises(duckdb.Error), duckdb.connect() as stranger:
            stranger.execute(f"ATTACH '{path}' AS stolen (READ_ONLY)")
    back_up(settings, tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar") as backup:
        assert not [member for member in backup.getnames() if "cache" in member]


_MAKER = """
from datetime import datetime
from pathlib import Path
from analytics.catalog import task_named
from dashboards.explore.board import board_of
from dashboards.explore.cases import cases_sql
from pipelines.settings import Settings
settings = Settings(home=Path("{home}"), config=Path("{config}"), threads=1)
task = task_named("finance.credit_default", settings)
print(board_of(settings, task, cases_sql(task), datetime.fromisoformat("{as_of}")).key)
"""


def test_processes_that_want_the_same_board_share_one_and_a_killed_maker_leaves_nothing(
    lake: Settings,
) -> None:
    made = board(lake)
    origin = made.key.partition("-")[0]
    board_files.path_of(lake, made.key).unlink()
    board_files.unfinished(lake, f"{origin}-0").write_bytes(b"half of a board")
    code = _MAKER.format(home=lake.home, config=lake.config, as_of=LAST_DAY.isoformat())
    makers = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [maker.communicate(timeout=300)[0].strip() for maker in makers] == [made.key] * 2
    left = [path.name for path in (lake.home / "cache" / "boards").iterdir() if path.suffix != ".lock"]
    assert left == [f"{made.key}.duckdb"]


def test_one_that_is_damaged_or_taken_away_is_made_again(lake: Settings) -> None:
    made = board(lake)
    expected = rows(lake, made)
    path = board_files.path_of(lake, made.key)
    path.unlink()
    other = lake.model_copy(update={"threads": 1})  # has not opened it yet, as another process
    assert rows(other, made).equals(expected)
    path.write_bytes(b"no board")
    third = lake.model_copy(update={"memory": "900MB"})
    assert rows(third, board(third)).equals(expected)


def test_the_least_used_give_way(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = board(lake), board(lake, DAY_BEFORE)
    monkeypatch.setattr(board_files, "MOST_BOARDS", 1)
    cut = row_cut(lake, {"city": "finance.customers.city"}, [("city", ["nowhere"])])
    third = board(lake, cut=cut)
    assert files(lake) == [f"{third.key}.duckdb"]
    monkeypatch.setattr(board_files, "MOST_BOARDS", 9)
    monkeypatch.setattr(board_files, "MOST_BYTES", 1)
    assert board(lake).key == first.key
    assert files(lake) == [f"{first.key}.duckdb"]
    assert rows(lake, second).height == rows(lake, first).height  # made again for who still asks


def test_whoever_is_erased_by_a_load_is_in_no_byte_of_what_pages_keep(lake: Settings) -> None:
    planted = "Zzyzx-Planted-7"  # of everybody: DuckDB packs texts that differ, this one stays as it is
    run(lake, f"UPDATE finance.customers SET full_name = '{planted}'")
    cut = row_cut(lake, {"currency": "finance.loans.currency"}, [("currency", ["EUR"])])
    for old in (board(lake, DAY_BEFORE), board(lake), board(lake, cut=cut)):
        assert rows(lake, old).height

    def kept() -> bytes:
        return b"".join(path.read_bytes() for path in lake.home.rglob("cache/**/*") if path.is_file())

    assert planted.encode() in kept()
    run(lake, "UPDATE finance.customers SET full_name = 'erased'")

    assert renew(lake) == 3
    assert planted.encode() not in kept()
    assert len(files(lake)) == 1  # the one that the page opens with, made again
    assert renew(lake) == 0


def test_upkeep_leaves_only_what_the_lake_says_now(lake: Settings, task: Task) -> None:
    kept, changed = board(lake, DAY_BEFORE), board(lake)
    assert tidy_boards(lake) == 0
    run(lake, f"DELETE FROM {task.predictions_table} WHERE as_of = '{LAST_DAY}'")
    (lake.home / "cache" / "boards" / "ffff-ffff.duckdb").write_bytes(b"no board")
    assert tidy_boards(lake) == 2
    assert files(lake) == [f"{kept.key}.duckdb"]
    assert changed.key != kept.key
    run(
        lake,
        "DELETE FROM finance.customers WHERE customer_id IN (SELECT min(customer_id) FROM finance.customers)",
    )
    assert tidy_boards(lake) == 1
    assert files(lake) == []
    assert prepare(lake, task) == ""
    assert len(files(lake)) == 1
