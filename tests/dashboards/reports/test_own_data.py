"""Reports on data that people bring: its quality, and any table of it, masked as its contract says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from connectors.errors import AssistantError
from dashboards.reports import text
from dashboards.reports.build import build
from dashboards.reports.reader import Reader, attributes_of
from dashboards.reports.report import Headlines, Report, Table
from dashboards.reports.source import Since
from pipelines.access import pseudonym
from pipelines.ingest import ingest
from pipelines.mailing import ReportSettings
from pipelines.results import LoadResult
from pipelines.settings import Settings, load_settings
from pipelines.store import Delivery, Store, Subscription
from pipelines.warehouse import Warehouse
from tests.dashboards import model_document as document
from tests.dashboards.lake import LAST_DAY

CONTRACT = """
table = "shop.orders"
key = ["order_id"]
known_at = "placed_at"
columns = [
  {name = "order_id", type = "integer", required = true, label = {en = "Order", zh = "订单"}},
  {name = "buyer", personal = "name"},
  {name = "buyer_id", personal = "identifier"},
  {name = "born", type = "date", personal = "birth_date"},
  {name = "amount", type = "number", minimum = 0, unit = "EUR", label = {en = "Amount", zh = "金额"}},
  {name = "kind", label = {en = "Kind", zh = "类型"}},
  {name = "placed_at", type = "timestamp"},
]
"""
HEAD = "order_id,buyer,buyer_id,born,amount,kind,placed_at\n"
ORDERS, REFUSED = 90, 2


def orders(first: int, number: int) -> str:
    """Lines of orders with nothing wrong about them."""
    placed = datetime(2026, 1, 1)
    return "".join(
        f"{n},Zoë Buyer,B-{n},19{50 + n % 40}-01-02,{n * 1.5},{'abc'[n % 3]},{placed + timedelta(days=n)}\n"
        for n in range(first, first + number)
    )


@pytest.fixture
def shop(own_environment: None, tmp_path: Path) -> Settings:
    """A home with one source, declared and not loaded yet."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "shop.orders.toml").write_text(CONTRACT)
    (tmp_path / "assistant.toml").write_text(
        '[sources.shop]\nconnector = "files"\ndomain = "shop"\ntable = "orders"\nkey = ["order_id"]\n'
        'options = { path = "in/" }\n'
        '[sources.never]\nconnector = "files"\ndomain = "shop"\ntable = "gone"\noptions = { path = "no/" }\n'
        '[reports.orders]\ntable = "shop.orders"\nparameters = { kind = "shop.orders.kind" }\n'
    )
    (tmp_path / "in").mkdir()
    return load_settings()


def loaded(settings: Settings, name: str, lines: str) -> LoadResult:
    (settings.config.parent / "in" / name).write_text(HEAD + lines)
    [result] = ingest(settings, ["shop"])
    assert not result.error
    return result


def first_load(settings: Settings) -> LoadResult:
    broken = "{},Secret Name,B-x,1990-01-01,-5,a,2026-02-01\n"
    return loaded(settings, "a.csv", orders(0, ORDERS) + broken.format(901) + broken.format(902))


def table(report: Report, name: str) -> Table:
    return next(each for each in report.tables if each.name == name)


def figures(report: Report) -> dict[str, str]:
    [headlines] = (each for each in report.sections if isinstance(each, Headlines))
    return {figure.label: figure.value for figure in headlines.figures}


def test_data_quality_tells_what_came_and_what_is_stuck(shop: Settings) -> None:
    one = first_load(shop)
    contract = shop.config.parent / "contracts" / "shop.orders.toml"
    contract.write_text(CONTRACT.replace("minimum = 0", "minimum = -1"))
    two = loaded(shop, "b.csv", orders(200, 7))
    with Store(shop).session() as session:
        session.add(document.version("finance.credit_default", {}, version="v1", state="in_service"))
        session.add(document.check("finance.credit_default", "act", version="v1"))
        entry = Subscription(email="secret@example.com", report="orders", schedule="0 7 * * *")
        session.add(entry)
        session.flush()
        for state, hours in (("failed", 1), ("unknown", 2), ("held", 3), ("sent", 4)):
            at = datetime.now(UTC) - timedelta(hours=hours)
            session.add(Delivery(subscription_id=entry.id, period=at, state=state, answer="550 secret"))

    report = build(shop, "data-quality", Reader("en", "engineer"))
    found = report.values
    assert found["rows_in"] == one.rows_in + two.rows_in == ORDERS + REFUSED + 7
    assert found["quarantined"] == found["waiting"] == one.rows_quarantined == REFUSED
    assert found["loads"] == 2
    assert (found["stale"], found["act"], found["not_delivered"]) == (1, 1, 3)  # never loaded is overdue
    assert figures(report)["Waiting in quarantine"] == str(REFUSED)
    assert table(report, "quarantine").frame.rows(named=True)[0]["records"] == REFUSED
    assert table(report, "freshness").frame["source"].to_list() == ["never", "shop"]
    [edited] = table(report, "contracts").frame.rows(named=True)
    assert (edited["table"], edited["before"] == edited["after"]) == ("shop.orders", False)
    assert dict(table(report, "tables").frame.select("table", "rows").iter_rows()) == {
        "shop.orders": ORDERS + 7
    }
    assert table(report, "deliveries").frame["issues"].to_list() == [1, 1, 1]
    assert "ecret" not in text.page(report)  # neither the refused records nor addresses and answers
    assert report.model_version == report.model_link == ""

    in_two_days = datetime.now(UTC) + timedelta(hours=40)
    later = build(shop, "data-quality", Reader("zh", "engineer"), period=in_two_days)
    assert later.values["stale"] == 2


def test_data_quality_says_what_moved_since_the_issue_before(shop: Settings) -> None:
    first_load(shop)
    before = build(shop, "data-quality", Reader())
    loaded(shop, "b.csv", orders(200, 7))
    report = build(shop, "data-quality", Reader(), since=Since(before.snapshot, before.as_of))
    assert table(report, "tables").frame["change"].to_list() == [7]


@pytest.mark.parametrize("name", ["data-quality", "orders"])
def test_before_anything_was_loaded_there_is_no_issue(shop: Settings, name: str) -> None:
    with pytest.raises(AssistantError, match="sda ingest"):
        build(shop, name, Reader())


def test_a_table_is_told_in_its_own_words(shop: Settings) -> None:
    first_load(shop)
    before = build(shop, "orders", Reader())
    loaded(shop, "b.csv", orders(200, 7))
    report = build(shop, "orders", Reader("zh", rows=5), since=Since(before.snapshot, before.as_of))
    rows, charts = table(report, "rows"), {chart.name: chart for chart in report.charts}

    assert before.values["rows"] == ORDERS
    assert report.values == {"rows": ORDERS + 7, "urgent": 0, "changed": 7}
    assert set(charts) == {"timeline", "distribution-1", "category-1"}
    assert charts["distribution-1"].title == "金额的分布"
    assert charts["distribution-1"].data["rows"].sum() == charts["timeline"].data["rows"].sum() == ORDERS + 7
    assert charts["category-1"].data["rows"].sum() == ORDERS + 7
    assert (rows.frame.height, rows.rows, rows.most) == (20, ORDERS + 7, 20)  # what the mail shows
    assert rows.frame["order_id"].to_list() == list(range(206, 199, -1)) + list(range(89, 76, -1))
    assert [column.title for column in rows.in_sheet][:2] == ["订单", "buyer"]
    assert "_load_id" not in rows.frame.columns


def test_a_table_is_masked_for_its_reader(shop: Settings) -> None:
    first_load(shop)
    clear, masked = (
        table(build(shop, "orders", Reader(role=role)), "rows").frame for role in ("caseworker", "engineer")
    )
    assert set(clear["buyer"]) == {"Zoë Buyer"}
    assert set(masked["buyer"]) == {"Z."}
    assert masked["buyer_id"].to_list() == [pseudonym(shop, each) for each in clear["buyer_id"]]
    assert masked["born"].to_list() == [str(each.year) for each in clear["born"]]
    assert "Zoë" not in text.page(build(shop, "orders", Reader(role="subscriber")))


def test_a_table_is_cut_to_its_readers_rows(shop: Settings) -> None:
    first_load(shop)
    report = build(shop, "orders", Reader(attributes=attributes_of({"kind": ["b", "c"]})))
    assert report.values["rows"] == 2 * ORDERS / 3
    assert set(table(report, "rows").frame["kind"]) == {"b", "c"}
    nothing = build(shop, "orders", Reader(attributes=attributes_of({"kind": "none"})))
    assert nothing.values["rows"] == 0
    assert not nothing.tables
    assert not nothing.charts


def test_of_what_nobody_declared_nothing_is_shown(scored: Settings) -> None:
    name = "predictions.finance_credit_default"
    settings = scored.model_copy(update={"reports": {"mine": ReportSettings(table=name)}})
    hidden = build(settings, "mine", Reader(role="analyst"))
    assert not hidden.tables
    assert not hidden.charts
    assert "No contract says" in text.page(hidden)
    seen = build(settings, "mine", Reader(role="caseworker"))
    assert table(seen, "rows").frame["as_of"][0] == LAST_DAY


def test_any_kind_of_column_can_be_shown(home: Settings) -> None:
    odd = '\u202eעברית \U0001f600, "x"'  # right to left, an emoji, a comma, quotes
    sql = """
        CREATE TABLE own.odd AS SELECT
            i AS "a, 'b'", i * 1.5::DECIMAL(9, 2) AS money, i::HUGEINT AS huge, [i, i] AS list,
            {'x': i} AS struct, TIME '10:00' AS clock, now() AS zoned, i % 2 = 0 AS flag,
            'nan'::DOUBLE AS nan, NULL::VARCHAR AS empty, '=1+1' AS formula, $odd AS "emoji 😀",
            uuid() AS uuid, 'x'::BLOB AS blob
        FROM range(30) AS t(i)
    """

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("CREATE SCHEMA own")
        connection.execute(sql, {"odd": odd})

    Warehouse(home).write(work)
    settings = home.model_copy(update={"reports": {"odd": ReportSettings(table="own.odd")}})
    report = build(settings, "odd", Reader(role="caseworker"))
    frame = table(report, "rows").frame
    assert frame.height == 30
    assert frame.schema["money"] == frame.schema["huge"] == pl.Float64
    assert frame["emoji 😀"][0] == odd
    assert text.page(report)
