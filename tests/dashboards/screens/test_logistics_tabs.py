"""The carrier's tabs: on-time rates, causes of delay, what is planned."""

import shutil
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.dashboards.screens.conftest import TODAY, Offered, Visit, plain

SENT = 80


@pytest.fixture(scope="module")
def carrier(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The furnished home with 80 past shipments of two carriers; every fourth of the second one is late."""
    folder = tmp_path_factory.mktemp("carrier")
    shutil.copytree(furnished / "var", folder / "var")
    home = Settings(home=folder / "var", config=folder / "assistant.toml", threads=2)
    rows = []
    for n in range(SENT):
        ordered = TODAY - timedelta(days=6 + n % 20)
        promised = ordered + timedelta(days=3)
        late = timedelta(hours=8 if n % 8 == 1 else -2)
        rows.append(
            {"shipment_id": f"OLD{n}", "depot_id": "D1", "carrier_id": f"K{1 + n % 2}", "service": "standard",
             "ordered_at": ordered, "dispatched_at": ordered + timedelta(hours=4), "promised_at": promised,
             "delivered_at": promised + late, "distance_km": 300.0, "destination_city": "Wien",
             "destination_country": "AT"}
        )  # fmt: skip

    def add(connection: duckdb.DuckDBPyConnection) -> None:
        connection.register("given", pl.DataFrame(rows).to_arrow())
        connection.execute("INSERT INTO logistics.shipments BY NAME SELECT * FROM given")
        connection.execute(
            "INSERT INTO logistics.carriers BY NAME "
            "SELECT 'K2' AS carrier_id, 'Slow <b>' AS name, 'road' AS mode"
        )
        connection.execute(
            "INSERT INTO logistics.tracking_events BY NAME "
            "SELECT shipment_id || '-f' AS event_id, shipment_id, "
            "'delivery_failed' AS event_type, promised_at AS occurred_at, promised_at AS recorded_at "
            "FROM logistics.shipments WHERE shipment_id IN ('OLD1', 'OLD9')"
        )

    Warehouse(home).write(add)
    return folder


@pytest.fixture
def carrier_home(carrier: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SDA_HOME", str(carrier / "var"))
    monkeypatch.setenv("SDA_CONFIG", str(carrier / "assistant.toml"))
    return load_settings()


def _table(app: AppTest, place: int) -> pl.DataFrame:
    return pl.from_pandas(app.dataframe[place].value)


def test_carriers_are_ranked_by_their_on_time_rate(carrier_home: Settings, visit: Visit) -> None:
    app = visit("logistics", tab="on-time")

    table = _table(app, 0)
    assert not app.exception
    assert table["Carrier"].to_list() == ["Slow <b>", "Swift"]
    assert table["On time"].to_list() == ["75.0%", "100.0%"]
    assert {metric.label: metric.value for metric in app.metric}["Late"] == "10"
    assert "«Slow <b>» alone is below the rate of all" in plain(app)
    app.selectbox("choose-by").set_value("city").run()
    assert app.query_params["by"] == "city"
    assert _table(app, 0)["Lane to a city"].to_list() == ["North → Wien"]


def test_days_without_promises_say_so(full_home: Settings, visit: Visit) -> None:
    assert "No promise fell into these days" in plain(visit("logistics", tab="on-time"))


def test_causes_share_the_hours_late(
    carrier_home: Settings, visit: Visit, offered: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit("logistics", tab="causes")

    causes, late = _table(app, 0), _table(app, 1)
    assert not app.exception
    assert causes["Cause"].to_list() == ["First delivery failed", "Not explained by any scan", "All"]
    assert causes["Share"].to_list() == ["20.0%", "80.0%", "100.0%"]
    assert late.height == 10
    app.selectbox("choose-cause").set_value("delivery_failed").run()
    assert sorted(_table(app, 1)["Shipment"]) == ["OLD1", "OLD9"]
    with zipfile.ZipFile(BytesIO(offered["export-late-csv"]())) as file:
        assert any(b"Cause: First delivery failed" in file.read(name) for name in file.namelist())
    monkeypatch.setenv("SDA_ROLE", "engineer")  # who sees no numbers sees none here either
    assert all(each.startswith("#") for each in _table(app.run(), 1)["Shipment"])


def test_causes_are_cut_as_the_page_is(carrier_home: Settings, visit: Visit) -> None:
    assert "No shipment was late" in "".join(
        str(each.value) for each in visit("logistics", tab="causes", **{"only.carrier": "K1"}).success
    )


def test_plans_say_how_much_to_order_and_lead_to_their_pages(full_home: Settings, visit: Visit) -> None:
    app = visit("logistics", tab="plans")

    assert not app.exception
    assert "To order today" in plain(app)
    assert "EUR" in plain(app)
    assert "stops, planned" in plain(app)


def test_tabs_speak_chinese(carrier_home: Settings, visit: Visit) -> None:
    app = visit("logistics", tab="causes", lang="zh")

    assert not app.exception
    assert _table(app, 0)["原因"].to_list() == ["首次派送失败", "扫描记录无法解释", "合计"]
