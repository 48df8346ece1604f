"""One load, one snapshot: what a source brings, what is refused, and what a second run does."""

import json

import polars as pl
import pytest

from connectors.errors import UsageError
from pipelines.ingest import ingest, load_source
from pipelines.results import LoadResult
from pipelines.settings import Settings, load_settings
from pipelines.store import Notice, Store
from pipelines.warehouse import Warehouse

HEAD = "id,day,amount\n"


def load(settings: Settings, **options: bool) -> LoadResult:
    (result,) = ingest(settings, **options)
    return result


def orders(settings: Settings) -> dict[int, tuple]:
    rows = Warehouse(settings).query("SELECT id, day, amount, _load_id FROM shop.orders").rows()
    return {row[0]: row[1:] for row in rows}


def test_every_row_is_either_clean_or_quarantined_with_its_reason(shop, rows):
    settings = shop.declare(key=["id"])
    shop.file(
        "a.csv", HEAD + rows(0, 50) + "x,2024-01-01,1\n60,never,1\n61,2024-01-01,much\n5,2024-02-02,9\n70\n"
    )
    result = load(settings)
    assert (result.rows_in, result.rows_clean, result.rows_quarantined) == (55, 50, 5)
    refused = Warehouse(settings).query("SELECT * FROM quarantine.records")
    reasons = {(r["rule"], r["column"], r["position"]) for r in refused.iter_rows(named=True)}
    assert ("type", "id", 51) in reasons
    assert ("type", "day", 52) in reasons
    assert ("type", "amount", 53) in reasons
    assert ("unique", "id", 6) in reasons  # the earlier of the two; the last one was kept
    assert "unreadable" in {rule for rule, _, _ in reasons}
    assert (
        json.loads(refused.filter(pl.col("position") == 52, pl.col("rule") == "type")["record"].item())["day"]
        == "never"
    )


def test_a_second_run_reads_nothing_and_publishes_nothing(shop, rows):
    settings = shop.declare(key=["id"])
    shop.file("a.csv", HEAD + rows(0, 30))
    load(settings)
    before = Warehouse(settings).snapshot()
    assert load(settings).skipped
    assert Warehouse(settings).snapshot() == before


def test_merge_leaves_unchanged_rows_untouched_and_updates_by_key(shop, rows):
    settings = shop.declare(key=["id"])
    shop.file("a.csv", HEAD + rows(0, 30))
    first = load(settings)
    shop.file("b.csv", HEAD + "1,2024-01-02,1.5\n2,2024-01-03,99\n500,2024-01-01,1\n")
    second = load(settings)
    assert (second.rows_clean, second.rows_changed) == (3, 2)
    held = orders(settings)
    assert len(held) == 31
    assert held[1][-1] == first.load_id  # same content: not rewritten
    assert held[2][1:] == (99.0, second.load_id)


def test_an_older_record_does_not_undo_a_newer_one(shop):
    settings = shop.declare(key=["id"], incremental="day")
    shop.file("a.csv", HEAD + "1,2024-05-05,10\n2,2024-05-01,10\n")
    load(settings)
    shop.file("b.csv", HEAD + "1,2024-01-01,7\n2,2024-06-01,20\n")
    load(settings)
    held = orders(settings)
    assert held[1][1] == 10.0
    assert held[2][1] == 20.0


def test_replace_is_per_file(shop, rows):
    settings = shop.declare(mode="replace")
    shop.file("a.csv", HEAD + rows(0, 30))
    shop.file("b.csv", HEAD + rows(100, 110))
    load(settings)
    shop.file("b.csv", HEAD + rows(200, 212))
    load(settings)
    assert set(orders(settings)) == {*range(30), *range(200, 212)}


def test_append_adds_and_refuses_a_key_that_is_there(shop, rows):
    settings = shop.declare(key=["id"], mode="append")
    shop.file("a.csv", HEAD + rows(0, 30))
    load(settings)
    shop.file("b.csv", HEAD + rows(25, 40))
    result = load(settings)
    assert (result.rows_clean, result.rows_quarantined) == (10, 5)
    assert len(orders(settings)) == 40


def test_snapshot_closes_rows_that_are_gone_and_opens_them_again(shop, rows):
    settings = shop.declare(key=["id"], mode="snapshot")
    shop.file("a.csv", HEAD + rows(0, 30))
    load(settings)
    shop.file("a.csv", HEAD + rows(0, 29))
    load(settings)
    closed = "SELECT id FROM shop.orders WHERE _closed_at IS NOT NULL"
    assert Warehouse(settings).query(closed)["id"].to_list() == [29]
    shop.file("a.csv", HEAD + rows(0, 31))
    load(settings)
    assert Warehouse(settings).query(closed).is_empty()
    assert len(orders(settings)) == 31


def test_a_replacement_far_too_small_stops_until_it_is_accepted(shop, rows):
    settings = shop.declare(mode="replace")
    shop.file("a.csv", HEAD + rows(0, 100))
    load(settings)
    shop.file("a.csv", HEAD + rows(0, 3))
    stopped = load(settings)
    assert "3 rows would replace 100" in stopped.error
    assert len(orders(settings)) == 100
    assert load(settings, accept_row_count=True).rows_clean == 3
    assert len(orders(settings)) == 3


def test_a_vanished_key_stops_the_load_and_tells(shop, rows):
    settings = shop.declare(key=["id"])
    shop.file("a.csv", HEAD + rows(0, 30))
    load(settings)
    shop.file("a.csv", "number,day,amount\n" + rows(0, 30))
    stopped = load(settings)
    assert "«id» is not in the data" in stopped.error
    assert len(orders(settings)) == 30
    with Store(settings).session() as session:
        assert session.query(Notice).filter_by(kind="load_failed", resolved_at=None).count() == 1
    shop.file("a.csv", HEAD + rows(0, 31))
    load(settings)
    with Store(settings).session() as session:
        assert session.query(Notice).filter_by(kind="load_failed", resolved_at=None).count() == 0


def test_a_changed_type_stops_the_load(shop, rows):
    settings = shop.declare(key=["id"])
    shop.file("a.csv", HEAD + rows(0, 30))
    load(settings)
    shop.file("a.csv", HEAD + "".join(f"{i},2024-01-01,about {i}\n" for i in range(30)))
    stopped = load(settings)
    assert "changed its type: 30 of 30" in stopped.error
    assert Warehouse(settings).query("SELECT count(amount) FROM shop.orders").item() == 30


def test_columns_that_appear_or_vanish_are_told(shop, rows):
    settings = shop.declare(key=["id"])
    shop.file("a.csv", HEAD + rows(0, 30))
    load(settings)
    shop.file("a.csv", "id,amount,colour\n" + "".join(f"{i},{i},red\n" for i in range(30)))
    changes = " ".join(load(settings).schema_changes)
    assert "«colour» appeared" in changes
    assert "«day» vanished" in changes


def test_a_reference_to_nothing_is_quarantined_once_the_parent_is_loaded(home, tmp_path):
    (tmp_path / "assistant.toml").write_text(
        "\n".join(
            f'[sources.{name}]\nconnector = "files"\ndomain = "shop"\ntable = "{name}"\nkey = ["id"]\n'
            f'[sources.{name}.options]\npath = "{name}.csv"'
            for name in ("lines", "orders")
        )
    )
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "shop.lines.toml").write_text(
        'table = "shop.lines"\nkey = ["id"]\n[[columns]]\nname = "id"\ntype = "integer"\n'
        '[[columns]]\nname = "order"\ntype = "integer"\nreferences = "shop.orders.id"\n'
    )
    (tmp_path / "orders.csv").write_text("id\n1\n2\n")
    (tmp_path / "lines.csv").write_text("id,order\n10,1\n11,7\n12,\n")
    from pipelines.settings import load_settings

    results = {r.table: r for r in ingest(load_settings())}
    assert list(results) == ["shop.orders", "shop.lines"]  # what others refer to comes first
    assert (results["shop.lines"].rows_clean, results["shop.lines"].rows_quarantined) == (2, 1)


@pytest.mark.parametrize("name", ["默认 付款.csv", "a b'c\".csv"])
def test_column_and_file_names_of_any_kind(shop, name):
    settings = shop.declare(mode="replace")
    shop.file(name, 'default payment next month,金额,a.b,"quo""ted"\n1,2.5,x,y\n0,3.5,z,w\n')
    assert load(settings).rows_clean == 2
    held = Warehouse(settings).columns("shop.orders")
    assert list(held)[:4] == ["default payment next month", "金额", "a.b", 'quo"ted']


def test_an_unknown_source_is_refused_before_anything_is_read(shop):
    with pytest.raises(UsageError, match="Did you mean orders"):
        ingest(shop.declare(), ["ordres"])


def test_a_wrong_option_names_itself(shop):
    settings = shop.declare()
    text = settings.config.read_text().replace(
        'path = "files/*.csv"', 'path = "files/*.csv"\nencodng = "utf-8"'
    )
    settings.config.write_text(text)
    from pipelines.settings import load_settings

    assert "encoding" in load(load_settings()).error


def test_a_header_without_rows_makes_an_empty_table(shop):
    settings = shop.declare()
    shop.file("a.csv", HEAD)
    assert load(settings).rows_in == 0
    assert orders(settings) == {}


def test_bad_files_are_told_in_words(shop):
    settings = shop.declare()
    (shop.folder / "files" / "a.csv").write_bytes(bytes(range(256)) * 20)
    assert "not text" in load(settings).error
    shop.file("a.csv", "")
    assert "empty" in load(settings).error


def test_nan_and_infinity(shop):
    settings = shop.declare(key=["id"])
    shop.contract(
        'table = "shop.orders"\nkey = ["id"]\n[[columns]]\nname = "id"\ntype = "integer"\n'
        '[[columns]]\nname = "amount"\ntype = "number"\n'
    )
    shop.file("a.csv", "id,amount\n1,NaN\n2,inf\n3,-Infinity\n4,1e5\n")
    result = load(settings)
    assert (result.rows_clean, result.rows_quarantined) == (2, 2)
    held = Warehouse(settings).query("SELECT id, amount FROM shop.orders ORDER BY id").rows()
    assert held == [(1, None), (4, 100000.0)]


def test_a_header_alone_fixes_no_types(shop):
    settings = shop.declare()
    shop.file("a.csv", HEAD)
    assert load(settings).rows_in == 0
    assert Warehouse(settings).query("FROM shop.orders").is_empty()
    shop.file("b.csv", HEAD + "1,2024-01-01,2.5\n2,2024-01-02,3.5\n")
    load(settings)
    columns = Warehouse(settings).columns("shop.orders")
    assert (columns["id"], columns["day"], columns["amount"]) == ("BIGINT", "DATE", "DOUBLE")


def test_a_header_alone_before_a_full_file_fixes_no_types(shop):
    settings = shop.declare()
    shop.file("a.csv", HEAD)
    shop.file("b.csv", HEAD + "1,2024-01-01,2.5\n")
    assert load(settings).rows_clean == 1
    assert Warehouse(settings).columns("shop.orders")["amount"] == "DOUBLE"


def test_bytes_in_a_parquet_column_are_loaded_as_text(shop, tmp_path):
    pl.DataFrame({"id": [1, 2], "blob": [b"plain", b"\xff\xfe"]}).write_parquet(tmp_path / "blobs.parquet")
    settings = shop.declare()
    (tmp_path / "assistant.toml").write_text(
        (tmp_path / "assistant.toml").read_text().replace("files/*.csv", "blobs.parquet")
    )
    assert load(load_settings()).rows_clean == 2
    assert Warehouse(settings).query("SELECT blob FROM shop.orders ORDER BY id")["blob"].to_list() == [
        "plain",
        "//4=",
    ]


def test_trouble_nobody_expected_with_one_source_does_not_stop_the_others(shop, tmp_path, monkeypatch):
    shop.declare()
    shop.file("a.csv", HEAD + "1,2024-01-01,2.5\n")
    config = tmp_path / "assistant.toml"
    second = config.read_text().replace("sources.orders", "sources.returns").replace('"orders"', '"returns"')
    config.write_text(config.read_text() + second)
    settings = load_settings()

    def broken(settings, name, *rest, **options):
        if name == "orders":
            raise ZeroDivisionError
        return load_source(settings, name, *rest, **options)

    monkeypatch.setattr("pipelines.ingest.load_source", broken)
    with pytest.raises(ZeroDivisionError):
        ingest(settings)
    assert Warehouse(settings).exists("shop.returns")


def test_one_table_cannot_hold_what_a_connector_spreads_over_several(home, tmp_path):
    (tmp_path / "Patient.ndjson").write_text('{"resourceType":"Patient","id":"p1"}\n')
    (tmp_path / "assistant.toml").write_text(
        '[sources.clinic]\nconnector = "fhir"\ndomain = "ward"\ntable = "all"\n'
        'options = { path = "Patient.ndjson" }\n'
    )
    (result,) = ingest(load_settings())
    assert "fills several tables" in result.error
