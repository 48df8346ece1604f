"""The list of a view goes from the board to a file a part at a time, and the file is there for a while."""

import os
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import IO

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboards.explore import exporting_cases, handing_out, sealed
from dashboards.explore.exporting_cases import Listed, parts
from dashboards.explore.handing_out import hand_out, handed_out, remove_past
from dashboards.explore.sealed import new_key, open_sealed
from dashboards.explore.view import View
from dashboards.server import routes
from pipelines.settings import Settings

SCHEMA = {"entity_id": "VARCHAR", "score": "DOUBLE", "band": "VARCHAR", "amount": "BIGINT"}


@pytest.fixture
def board() -> duckdb.DuckDBPyConnection:
    """2,500 cases in the order of their score, as boards are."""
    connection = duckdb.connect()
    connection.execute("""
        CREATE TABLE cases AS
        SELECT 'L' || n AS entity_id, 1 - n / 2500 AS score, ['low', 'high'][1 + n % 2] AS band,
            nullif(n * 7919 % 1000, 0) AS amount
        FROM range(2500) AS t(n)
    """)
    return connection


@pytest.mark.parametrize("sort", ["", "-amount", "amount", "entity_id"])
def test_the_parts_are_the_list_as_it_stands(
    board: duckdb.DuckDBPyConnection, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting_cases, "PART", 300)
    view = View(sort=sort).choosing("band", ["high"])
    listed = Listed(view, ("entity_id", "amount", "gone"), excluded=("L1", "L3"))
    seen: list[int] = []

    def masked(part: pl.DataFrame) -> pl.DataFrame:
        seen.append(part.height)
        return part.with_columns(entity_id=pl.lit("#") + pl.col("entity_id"))

    whole = pl.concat(list(parts(board, listed, SCHEMA, masked)))

    cases = board.execute("FROM cases").pl().filter(pl.col("band") == "high")
    by = sort.removeprefix("-") or "score"
    expected = cases.filter(~pl.col("entity_id").is_in(["L1", "L3"])).sort(
        by, "entity_id", descending=[not sort or sort.startswith("-"), False], nulls_last=True
    )
    named = pl.format("#{}", "entity_id").alias("entity_id")
    assert_frame_equal(whole, expected.select(named, "amount"))
    assert len(seen) > 1
    assert max(seen) < whole.height


def test_a_list_of_nobody_has_its_columns(board: duckdb.DuckDBPyConnection) -> None:
    (part,) = parts(board, Listed(View(search="nobody"), ("entity_id", "amount")), SCHEMA, lambda part: part)

    assert part.schema == {"entity_id": pl.String, "amount": pl.Int64}
    assert part.is_empty()


def test_a_file_is_there_for_a_while_under_an_address_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "var", config=tmp_path / "assistant.toml")

    def write(file: IO[bytes]) -> int:
        """As a ZIP does it: what comes first is known last."""
        lines = b"".join(b"case L%06d\n" % number for number in range(100_000))
        file.write(b"????" + lines)
        file.seek(0)
        file.write(b"head")
        return file.seek(0, os.SEEK_END)

    address, written = hand_out(settings, "个案.csv.zip", "application/zip", write)
    token = address.split("/")[1]
    found = handed_out(token)
    assert found is not None
    assert found.path.stat().st_mode & 0o077 == 0
    assert b"case L0" not in found.path.read_bytes()  # the lake may be encrypted

    server = TestClient(Starlette(routes=routes("/under")), base_url="http://host/under/")
    answer = server.get(address)
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(written))
    assert answer.content[:4] + answer.content[-13:] == b"headcase L099999\n"
    assert len(answer.content) == written
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert server.get(f"exports/{'x' * 32}/cases.csv").status_code == 404
    assert server.get("home?lang=zh", follow_redirects=False).headers["location"] == "./?lang=zh"

    monkeypatch.setattr(handing_out, "KEPT", -1)
    other, _written = hand_out(settings, "b.csv", "text/csv", lambda file: file.write(b"b"))
    assert server.get(other).status_code == 404
    assert not found.path.exists()


@given(steps=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=40)), max_size=20))
def test_what_is_sealed_reads_as_it_was_written(steps: list[tuple[float, bytes]]) -> None:
    """Against the same steps in memory, with pieces so small that most writes go over their edge."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed, "PIECE", 7)
        patch.setattr(sealed, "_SEALED", 7 + 28)
        path, key, plain = Path(folder, "a"), new_key(), BytesIO()
        with open_sealed(path, key, "w") as file:
            for part, data in steps:
                at = int(part * len(plain.getvalue()))
                for each in (plain, file):
                    each.seek(at)
                    each.write(data)
        with open_sealed(path, key, "r") as file:
            assert file.read() == plain.getvalue()


def test_a_file_goes_when_its_time_is_past_whether_its_server_lives_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "var", config=tmp_path / "assistant.toml")
    timers: list[Timer] = []
    monkeypatch.setattr(Timer, "start", lambda timer: timers.insert(len(timers), timer))

    def write(file: IO[bytes]) -> int:
        return file.write(b"rows")

    hand_out(settings, "a.csv", "text/csv", write)
    hand_out(settings, "b.csv", "text/csv", write)
    first, second = (settings.home / "tmp" / "exports" / timer.args[0] for timer in timers)
    assert [timer.interval for timer in timers] == [handing_out.KEPT] * 2

    timers[0].function(*timers[0].args)
    assert [first.exists(), second.exists()] == [False, True]
    assert handed_out(first.name) is None
    assert remove_past(settings) == 0
    os.utime(second, (0, 0))  # of a server that was killed long ago
    assert remove_past(settings) == 1
    assert handed_out(second.name) is None
    assert remove_past(Settings(home=tmp_path / "nothing")) == 0


def test_what_breaks_leaves_no_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var", config=tmp_path / "assistant.toml")

    def breaks(file: IO[bytes]) -> int:
        file.write(b"half")
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        hand_out(settings, "a", "b", breaks)
    assert list((settings.home / "tmp" / "exports").iterdir()) == []
