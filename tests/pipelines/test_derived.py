"""Tables made from other tables by SQL: rebuilt when something changed, kept when their SQL is wrong."""

from pipelines.ingest import ingest, load_sources
from pipelines.settings import load_settings
from pipelines.warehouse import Warehouse

SQL = "SELECT day, sum(amount) AS total FROM shop.orders GROUP BY day;"


def prepared(shop, rows):
    settings = shop.declare(key=["id"])
    shop.file("a.csv", "id,day,amount\n" + rows(0, 56))
    (shop.folder / "days.sql").write_text(SQL)
    with settings.config.open("a") as config:
        config.write('\n[tables."shop.days"]\nsql = "days.sql"\n')
    return load_settings()


def test_a_derived_table_follows_its_sources(shop, rows):
    settings = prepared(shop, rows)
    derived = ingest(settings)[-1]
    assert (derived.table, derived.rows_clean) == ("shop.days", 28)
    assert all(result.skipped for result in ingest(settings))
    shop.file("b.csv", "id,day,amount\n1000,2025-01-01,7\n")
    assert ingest(settings)[-1].rows_clean == 29
    assert "_load_id" in Warehouse(settings).columns("shop.days")


def test_a_change_whose_run_died_before_the_rebuild_is_caught_up(shop, rows):
    settings = prepared(shop, rows)
    ingest(settings)
    shop.file("b.csv", "id,day,amount\n1000,2025-01-01,7\n")
    load_sources(settings)
    assert ingest(settings)[-1].rows_clean == 29
    assert all(result.skipped for result in ingest(settings))


def test_wrong_sql_is_told_and_the_rows_stay(shop, rows):
    settings = prepared(shop, rows)
    ingest(settings)
    (shop.folder / "days.sql").write_text(SQL.replace("amount", "amuont"))
    assert "amuont" in ingest(settings)[-1].error
    assert Warehouse(settings).query("SELECT count(*) FROM shop.days").item() == 28
