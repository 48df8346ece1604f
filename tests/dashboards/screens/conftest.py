"""A small home for looking at pages: a few rows of each domain, two days of scores, loads, a quarantine."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import streamlit
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import dashboards
from analytics.catalog import shipped_tasks
from dashboards.explore import board
from dashboards.screens.address import told
from pipelines.catalog import shipped_contracts
from pipelines.contract import DUCKDB_TYPES
from pipelines.records import ensure_records, ensure_table
from pipelines.settings import Settings, load_settings
from pipelines.store import ModelVersion, Notice, Store, Subscription
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards import model_document as document
from tests.dashboards import planned
from tests.dashboards.screens.own_orders import orders, trained_orders

__all__ = ["orders", "trained_orders"]

APP = Path(dashboards.__file__).with_name("app.py")
CASES = 45
SCORED = {  # a task and what the names of its entities begin with
    "finance.credit_default": "L",
    "medical.disease_onset": "P",
    "logistics.late_delivery": "S",
    "logistics.vehicle_breakdown": "V",
    "logistics.stop_arrival": "T/",
}
LABEL_SETS = ("no", "yes", "no|yes", "")
TODAY, BEFORE = datetime(2026, 10, 30), datetime(2026, 10, 29)
NAME_OF_NOBODY = "Zzyzx <b>Bold</b>"  # a personal name, with a little HTML in it
Visit = Callable[..., AppTest]
Offered = dict[str, Callable[[], bytes]]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home with everything in it; tests only look at it."""
    folder = tmp_path_factory.mktemp("furnished")
    settings = Settings(home=folder / "var", config=folder / "assistant.toml", threads=2)
    Warehouse(settings).write(_furnish)
    with Store(settings).session() as session:
        for name in shipped_tasks():
            session.add(_model(name))
        session.add(document.check("finance.credit_default", "act", version="v1"))
        session.add(document.check("medical.disease_onset", "watch", version="v1"))
        session.add(document.version("finance.credit_default", {}, version="v0", state="retired"))
        session.add(
            Notice(
                kind="schema_change",
                about="finance.loans",
                subject="The source of finance.loans changed",
                message="column «colour» is new",
            )
        )
        session.add(Subscription(email="reader@example.com", report="credit-portfolio", schedule="0 7 * * *"))
    return folder


@pytest.fixture
def full_home(furnished: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of the furnished home."""
    monkeypatch.setenv("SDA_HOME", str(furnished / "var"))
    monkeypatch.setenv("SDA_CONFIG", str(furnished / "assistant.toml"))
    return load_settings()


@pytest.fixture
def own_home(furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a copy of the furnished home, for a test that writes."""
    shutil.copytree(furnished / "var", tmp_path / "copy")
    monkeypatch.setenv("SDA_HOME", str(tmp_path / "copy"))
    monkeypatch.setenv("SDA_CONFIG", str(furnished / "assistant.toml"))
    return load_settings()


@pytest.fixture(autouse=True)
def no_old_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages wait for what is new on any machine: a copy of a home may hold boards of older data."""
    monkeypatch.setattr(board, "PATIENCE", 60.0)


@pytest.fixture
def visit() -> Visit:
    """Opens a page of the app, as a browser with this address would."""

    def open_page(page: str = "home", **address: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=180)
        app.query_params.update(address)
        app._page_hash = calc_hash(page)  # pages are functions: `switch_page` knows only files
        app.run()
        assert not _differing(app)
        return app

    return open_page


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Offered:
    """What makes the files that pages offer from now on, by the key of the button."""
    made: Offered = {}

    def keep(_label: str, data: Callable[[], bytes], **options: Any) -> bool:
        made[options["key"]] = data
        return False

    monkeypatch.setattr(streamlit, "download_button", keep)
    return made


def words_of(app: AppTest) -> str:
    """Everything written on the page, in one text."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def plain(app: AppTest) -> str:
    """The same as it is read: without the signs that keep data from formatting the page."""
    return words_of(app).replace("\\", "")


def _differing(app: AppTest) -> list[str]:
    """Widgets that show something else than the address says: what a person does twice would be an echo."""
    state = app.session_state
    if "address-displays" not in state:
        return []
    displays: dict[str, Any] = state["address-displays"]
    return [key for key, each in displays.items() if key in state and told(state[key]) != each.now]


def _furnish(connection: duckdb.DuckDBPyConnection) -> None:
    ensure_records(connection)
    rows = _rows()
    for table, contract in shipped_contracts().items():
        kinds = {column.name: DUCKDB_TYPES[column.type] for column in contract.columns}
        added = {"_load_id": "VARCHAR", "_source": "VARCHAR", "_loaded_at": "TIMESTAMP"}
        ensure_table(connection, table, kinds | added)
        origin = {"_load_id": "load-1", "_source": f"{table}.csv", "_loaded_at": TODAY}
        _insert(connection, table, [row | origin for row in rows.get(table, [])])
        _insert(connection, "meta.loads", [_load(table, len(rows.get(table, [])))])
    _insert(connection, "quarantine.records", [_refused(position) for position in range(1, 4)])
    planned.furnish_plans(connection)
    for name, prefix in SCORED.items():
        task = shipped_tasks()[name]
        columns = {
            "entity_id": "VARCHAR", "as_of": "TIMESTAMP", "score": "DOUBLE", "lower": "DOUBLE",
            "upper": "DOUBLE", "band": "VARCHAR", "reasons": "VARCHAR", "model_version": "VARCHAR",
            "snapshot_id": "BIGINT", "scored_at": "TIMESTAMP",
        }  # fmt: skip
        if task.domain == "medical":  # the others are tables of an older release
            columns["label_set"] = "VARCHAR"
        ensure_table(connection, task.predictions_table, columns)
        bands = [(band.name, band.upper) for band in task.bands]
        for day, shift in ((BEFORE, 0.0), (TODAY, 0.3)):
            scored = [_scored(f"{prefix}{n:03d}", n, day, shift, bands) for n in range(CASES)]
            if task.domain == "medical":
                scored = [row | {"label_set": LABEL_SETS[n % 4]} for n, row in enumerate(scored)]
            _insert(connection, task.predictions_table, scored)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.register("given", pl.DataFrame(rows, infer_schema_length=None).to_arrow())
        connection.execute(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM given")
        connection.unregister("given")


def _scored(
    entity: str, number: int, day: datetime, shift: float, bands: list[tuple[str, float]]
) -> dict[str, Any]:
    score = 0.98 * ((number / CASES + shift) % 1.0)
    band = next(name for name, upper in bands if score < upper)
    return {
        "entity_id": entity, "as_of": day, "score": score, "lower": score / 2, "upper": (1 + score) / 2,
        "band": band, "model_version": "v1", "snapshot_id": 1, "scored_at": TODAY,
        "reasons": '[{"feature": "purpose", "value": "car", "contribution": 0.7},'
        ' {"feature": "term_months", "value": 24, "contribution": -0.2},'
        ' {"feature": "brake_fault", "value": null, "contribution": 0.4, "days_before": 2.5}]',
    }  # fmt: skip


def _rows() -> dict[str, list[dict[str, Any]]]:
    some_day = date(2025, 1, 5)
    return {
        "finance.customers": [
            {"customer_id": f"C{n:03d}", "full_name": NAME_OF_NOBODY, "customer_since": some_day}
            for n in range(CASES)
        ],
        "finance.accounts": [
            {"account_id": f"A{n:03d}", "customer_id": f"C{n:03d}", "kind": "current", "currency": "EUR",
             "opened_on": some_day}
            for n in range(CASES)
        ],
        "finance.transactions": [
            {"transaction_id": n, "account_id": f"A{n:03d}", "booked_at": TODAY, "amount": -25,
             "currency": "EUR", "kind": "direct_debit"}
            for n in range(CASES)
        ],
        "finance.loans": [
            {"loan_id": f"L{n:03d}", "customer_id": f"C{n:03d}", "applied_at": TODAY - timedelta(days=n % 5),
             "amount": 1000 + n, "currency": "EUR", "term_months": 24, "purpose": ("car", "home")[n % 2],
             "employment": "employed", "decision": "approved"}
            for n in range(CASES)
        ],
        "finance.exchange_rates": [{"currency": "EUR", "rate_date": some_day, "rate": 1.0}],
        "medical.patients": [
            {"patient_id": f"P{n:03d}", "birth_date": date(1950 + n, 1, 5),
             "gender": ("female", "male")[n % 2], "family_name": NAME_OF_NOBODY}
            for n in range(CASES)
        ],
        "medical.conditions": [
            {"condition_id": f"D{n}", "patient_id": f"P{n:03d}", "code": "59621000",
             "code_text": "Hypertension", "recorded_at": BEFORE, "clinical_status": "active"}
            for n in range(CASES)
        ],
        **planned.logistics_rows(),
        "logistics.carriers": [{"carrier_id": "K1", "name": "Swift", "mode": "road", "since": some_day}],
        "logistics.shipments": [
            {"shipment_id": f"S{n:03d}", "depot_id": "D1", "carrier_id": "K1", "service": "express",
             "ordered_at": BEFORE, "dispatched_at": TODAY, "promised_at": TODAY + timedelta(days=2),
             "distance_km": 100.0 + n, "consignee": NAME_OF_NOBODY}
            for n in range(CASES)
        ],
        "logistics.trips": [
            {"trip_id": "T", "depot_id": "D1", "vehicle_id": "V000", "left_at": BEFORE, "weather": "rain"}
        ],
        "logistics.trip_stops": [
            {"trip_id": "T", "position": n, "stop_id": f"O{n}", "place": ("shop", "home")[n % 2],
             "leg_km": 3.0, "planned_at": BEFORE + timedelta(minutes=10 * n), "planned_minutes": 5,
             "closes_at": BEFORE + timedelta(minutes=10 * n + 20 * (n % 2)),
             "arrived_at": BEFORE + timedelta(minutes=n) if n < 5 else None}
            for n in range(CASES)
        ],
        "logistics.vehicles": [
            {"vehicle_id": f"V{n:03d}", "depot_id": "D1", "model": ("van", "truck")[n % 2],
             "in_service_on": some_day, "km_a_year": 30_000}
            for n in range(CASES)
        ],
        "logistics.vehicle_events": [
            {"event_id": n, "vehicle_id": f"V{n:03d}", "event_at": BEFORE, "code": "oil_pressure_low",
             "value": 0.9}
            for n in range(CASES)
        ],
        "logistics.tracking_events": [
            {"event_id": f"E{n}", "shipment_id": f"S{n:03d}", "event_type": "dispatched",
             "occurred_at": TODAY, "recorded_at": TODAY}
            for n in range(CASES)
        ],
    }  # fmt: skip


def _load(table: str, rows: int) -> dict[str, Any]:
    moment = datetime.now(UTC).replace(tzinfo=None)
    return {
        "load_id": "load-1", "source": "sample", "table": table, "mode": "merge", "rows_in": rows,
        "rows_clean": rows, "rows_quarantined": 0, "rows_changed": rows, "started_at": moment,
        "finished_at": moment, "contract_version": "c1",
        "files": f'[{{"file": "{table}.csv", "rows": {rows}}}]',
    }  # fmt: skip


def _refused(position: int) -> dict[str, Any]:
    return {
        "record_id": f"r{position}", "load_id": "load-1", "source": "sample", "table": "finance.customers",
        "rule": "required", "reason": "customer_since is missing", "column": "customer_since",
        "file": "finance.customers.csv", "position": position, "quarantined_at": TODAY,
        "record": f'{{"customer_id": "X{position}", "full_name": "{NAME_OF_NOBODY}"}}',
    }  # fmt: skip


def _model(task: str) -> ModelVersion:
    """A version of today for the bank and the clinic, one of an older release for the others."""
    if task in ("finance.credit_default", "medical.disease_onset"):
        return document.version(task, version="v1", snapshot_id=1)
    bins = {"predicted": [0.1, 0.5], "observed": [0.12, 0.47], "cases": [50, 50]}
    return ModelVersion(
        task=task,
        version="v1",
        state="in_service",
        snapshot_id=1,
        path="models/none",
        checksum="none",
        metrics={"test": {"auroc": 0.8}, "reliability": bins},
    )
