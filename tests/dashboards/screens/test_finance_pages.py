"""The bank's portfolio and the market page, on a hundredth of the sample bank and its prices."""

from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics.catalog import shipped_tasks
from dashboards.queries.finance_loss import loss_by
from dashboards.queries.market_risk import EQUAL, methods_tested, portfolios
from pipelines.contract import DUCKDB_TYPES
from pipelines.finance.contracts import CONTRACTS
from pipelines.records import ensure_records, ensure_table
from pipelines.settings import Settings, load_settings
from pipelines.store import Store
from pipelines.warehouse import Warehouse, quoted
from sample_data.generate import organisation
from tests.dashboards import model_document as document
from tests.dashboards.screens.conftest import Visit, plain

TASK = shipped_tasks()["finance.credit_default"]
MOMENT = datetime(2026, 10, 30)
PARTS = ("vintages", "rolls", "bands", "concentration")
LOOKS = ("prices", "portfolio")


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home with the sample bank, its prices and scores of the newest applications."""
    folder = tmp_path_factory.mktemp("lent")
    settings = Settings(home=folder / "var", config=folder / "assistant.toml", threads=2)
    tables = organisation("finance", scale=0.01).tables

    def furnish(connection: duckdb.DuckDBPyConnection) -> None:
        ensure_records(connection)
        for contract in CONTRACTS:
            kinds = {column.name: DUCKDB_TYPES[column.type] for column in contract.columns}
            ensure_table(connection, contract.table, kinds)
            fill(connection, contract.table, tables[contract.table.split(".")[1]])
        newest = tables["loans"].tail(40)["loan_id"]
        scores = np.linspace(0.01, 0.9, len(newest))
        bands = [next(band.name for band in TASK.bands if score < band.upper) for score in scores]
        given = pl.DataFrame({"entity_id": newest, "score": scores, "band": bands}).with_columns(
            as_of=MOMENT, lower=pl.col("score") / 2, upper=(1 + pl.col("score")) / 2,
            reasons=pl.lit("[]"), model_version=pl.lit("v1"), snapshot_id=1, scored_at=MOMENT,
        )  # fmt: skip
        connection.execute("CREATE SCHEMA IF NOT EXISTS predictions")
        connection.register("given", given.to_arrow())
        connection.execute(f"CREATE TABLE {quoted(TASK.predictions_table)} AS SELECT * FROM given")
        connection.unregister("given")

    Warehouse(settings).write(furnish)
    with Store(settings).session() as session:
        session.add(document.version(TASK.name, version="v1", snapshot_id=1))
    return folder


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    connection.register("given", rows.to_arrow())
    connection.execute(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM given")
    connection.unregister("given")


@pytest.fixture
def lent_home(lent: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SDA_HOME", str(lent / "var"))
    monkeypatch.setenv("SDA_CONFIG", str(lent / "assistant.toml"))
    return load_settings()


@pytest.mark.usefixtures("lent_home")
@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_portfolio_says_what_it_shows(visit: Visit, part: str) -> None:
    app = visit("finance", tab="portfolio", part=part, lang="zh" if part == "rolls" else "en")
    said = {
        "vintages": "in default, against",
        "rolls": "一个月后",
        "bands": "version v1 had not seen",
        "concentration": "Gini",
    }
    assert not app.exception
    assert not app.error
    assert said[part] in plain(app)


@pytest.mark.usefixtures("lent_home")
@pytest.mark.parametrize("look", LOOKS)
def test_every_part_of_the_market_page_says_what_it_shows(visit: Visit, look: str) -> None:
    app = visit("market", part=look, lang="zh" if look == "prices" else "en")
    said = {"prices": "首日的 100", "portfolio": "Trust this column"}
    assert not app.exception
    assert not app.error
    assert said[look] in plain(app)
    assert "REIT-EURO" in plain(app)


def test_the_headline_of_the_loss_is_the_sum_of_its_parts(lent_home: Settings, visit: Visit) -> None:
    app = visit("finance", tab="portfolio", part="loss", by="purpose")
    read = Warehouse(lent_home).query
    by_purpose, by_city = (loss_by(read, TASK, MOMENT, column) for column in ("purpose", "city"))
    assert "of the expected loss" in plain(app)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Expected loss"] == f"EUR {by_purpose['expected_loss'].sum():,.0f}"
    assert by_city["exposure"].sum() == pytest.approx(by_purpose["exposure"].sum())
    assert len(app.dataframe[0].value) == by_purpose.height


@pytest.mark.usefixtures("lent_home")
def test_choices_live_in_the_address_and_what_is_gone_is_named(visit: Visit) -> None:
    app = visit("market", instrument=["GOLD", "TULIPS"], span="2y", part="risk")
    assert app.multiselect[0].value == ["GOLD"]
    assert "no prices of TULIPS" in plain(app)
    assert "larger than foreseen" in plain(app)
    app.multiselect[0].set_value(["GOLD", "EQ-USA"]).run()
    assert app.query_params["instrument"] == ["EQ-USA", "GOLD"] or app.query_params["instrument"] == [
        "GOLD",
        "EQ-USA",
    ]
    one = visit("market", instrument="GOLD", part="portfolio")
    assert "at least two instruments" in plain(one)


@pytest.mark.usefixtures("lent_home")
def test_a_short_history_is_said_in_words(visit: Visit) -> None:
    app = visit("market", instrument="REIT-EURO", part="risk")
    assert "A test needs more than 250 days" in plain(app)
    assert not app.error


@pytest.mark.usefixtures("full_home")
@pytest.mark.parametrize(
    ("page", "address", "said"),
    [
        ("market", {}, "There are no prices yet"),
        ("finance", {"tab": "portfolio", "part": "rolls"}, "Load the table finance.arrears"),
        ("finance", {"tab": "portfolio", "part": "vintages"}, "nothing to compare yet"),
    ],
)
def test_a_home_without_these_tables_says_what_to_do(
    visit: Visit, page: str, address: dict[str, str], said: str
) -> None:
    app = visit(page, **address)
    assert not app.error
    assert said in plain(app)


def test_what_is_tested_and_held_is_of_the_days_that_all_have(lent_home: Settings) -> None:
    read = Warehouse(lent_home).query
    names = ("EQ-EUROPE", "GOV-EURO", "GOLD")
    found = portfolios(read, names, None)
    wide = found.returns
    equal = methods_tested(read, names, None, EQUAL, 0.95)["historical"]
    mean = wide.select(pl.mean_horizontal(*names))[wide.height - equal.days.height :].to_series()
    assert equal.days["return"].to_list() == pytest.approx(mean.to_list())
    assert equal.test is not None
    assert equal.test.exceeded == int((-equal.days["return"] > equal.days["value_at_risk"]).sum())
    assert found.left_out > 0
    assert found.walked["equal"]["return"].to_list() == pytest.approx(
        wide.select(pl.mean_horizontal(*names))[252:].to_series().to_list()
    )
