"""The SQL connector: typed batches from any database, addresses never shown."""

import json
import sqlite3
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.errors import UsageError
from connectors.sql import CONNECTOR
from connectors.sql.options import SqlOptions
from tests.connectors.extracting import Extracted, extract
from tests.connectors.suite import ConnectorContract


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    connection.execute(
        'CREATE TABLE "order items" (id INTEGER PRIMARY KEY, "名" TEXT, price NUMERIC(9, 2), weight REAL, '
        "at TIMESTAMP, day DATE, paid BOOLEAN, data BLOB)"
    )
    for number in range(1, 8):
        row = (
            number,
            f"n{number}",
            number / 4,
            1.5,
            "2024-01-01 08:00:00",
            "2024-01-02",
            number % 2,
            b"\x01",
        )
        connection.execute('INSERT INTO "order items" VALUES (?, ?, ?, ?, ?, ?, ?, ?)', row)
    monkeypatch.setenv("SHOP_DATABASE", f"sqlite:///{tmp_path / 'shop.db'}")
    return connection


def load(tmp_path: Path, state: dict[str, Any] | None = None, **options: Any) -> Extracted:
    given = {"connection_env": "SHOP_DATABASE", "table": "order items", **options}
    folder = tmp_path / f"run{len(list(tmp_path.glob('run*')))}"
    return extract(CONNECTOR.source(SqlOptions.model_validate(given)), folder, state)


class TestContract(ConnectorContract):
    connector = CONNECTOR
    key = ("id",)
    expected: ClassVar = {"order items": 7}

    @pytest.fixture
    def options(self, database: sqlite3.Connection) -> SqlOptions:
        return SqlOptions(connection_env="SHOP_DATABASE", table="order items", incremental="id")


def test_values_keep_their_types_and_decimals_are_text(database: sqlite3.Connection, tmp_path: Path) -> None:
    (batch,) = load(tmp_path).batches["order items"]
    assert [str(kind) for kind in batch.schema.types] == [
        "int64", "string", "string", "double", "timestamp[us]", "date32[day]", "bool", "string",
    ]  # fmt: skip
    row = batch.to_pylist()[0]
    assert (row["名"], row["price"], row["paid"], row["data"]) == ("n1", "0.25", True, "01")


def test_values_that_are_not_of_the_declared_type_arrive_as_text(
    database: sqlite3.Connection, tmp_path: Path
) -> None:
    database.execute("UPDATE \"order items\" SET weight = 'heavy' WHERE id = 3")
    assert [row["weight"] for row in load(tmp_path).rows("order items")][1:4] == ["1.5", "heavy", "1.5"]


def test_only_greater_values_are_read_again(database: sqlite3.Connection, tmp_path: Path) -> None:
    first = load(tmp_path, incremental="id", columns=("id", "名"))
    database.execute("INSERT INTO \"order items\" (id, \"名\") VALUES (12, 'new'), (0, 'old')")
    second = load(tmp_path, first.state, incremental="id", columns=("id", "名"))
    assert second.rows("order items") == [{"id": 12, "名": "new"}]


@pytest.mark.parametrize("cursor", ["at", "day", "price", "id"])
def test_any_ordered_column_can_be_the_cursor(
    cursor: str, database: sqlite3.Connection, tmp_path: Path
) -> None:
    first = load(tmp_path, incremental=cursor)
    assert json.loads(json.dumps(first.state)) == first.state
    later = (12, 99.5, "2024-03-01 08:00:00", "2024-03-02")
    database.execute('INSERT INTO "order items" (id, price, at, day) VALUES (?, ?, ?, ?)', later)
    second = load(tmp_path, first.state, incremental=cursor)
    assert [row["id"] for row in second.rows("order items")] == [12]


def test_wrong_names_get_a_suggestion(
    database: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="Did you mean order items"):
        load(tmp_path, table="order_items")
    with pytest.raises(UsageError, match="Did you mean price"):
        load(tmp_path, columns=("prize",))
    with pytest.raises(UsageError, match="OTHER_DATABASE is not set"):
        load(tmp_path, connection_env="OTHER_DATABASE")
    monkeypatch.setenv("SHOP_DATABASE", "no address at all with secret")
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert "secret" not in str(caught.value)
