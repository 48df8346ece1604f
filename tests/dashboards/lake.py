"""A small seeded lake of all three domains with two days of predictions, written without any training."""

import json
import random
from datetime import date, datetime, timedelta

import duckdb
import polars as pl

from analytics.catalog import task_named
from analytics.task import Task
from pipelines.contract import DUCKDB_TYPES, Contract
from pipelines.finance import contracts as finance
from pipelines.logistics import contracts as logistics
from pipelines.medical import contracts as medical
from pipelines.settings import Settings
from pipelines.store import ModelVersion, Store
from pipelines.warehouse import Warehouse, quoted

LAST_DAY = datetime(2026, 10, 31, 23, 59, 59)
DAY_BEFORE = LAST_DAY - timedelta(days=1)
MODEL = "20261101-1"
CASES = 240


def fill(settings: Settings, cases: int = CASES, days: tuple[datetime, ...] = (DAY_BEFORE, LAST_DAY)) -> None:
    """Writes the tables the reports read, and predictions of the three shipped tasks for `days`."""
    rows = {**_bank(cases), **_clinic(cases), **_carrier(cases)}
    contracts = [*finance.CONTRACTS, *medical.CONTRACTS, *logistics.CONTRACTS]

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        for contract in contracts:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(contract.domain)}")
            create(connection, contract, rows.get(contract.table, []))
        connection.execute("CREATE SCHEMA IF NOT EXISTS predictions")
        for name, entities in _ENTITIES.items():
            task = task_named(name, settings)
            frame = predictions(task, [entities.format(n) for n in range(cases)], days)
            connection.register("frame", frame.to_arrow())
            connection.execute(f"CREATE TABLE {quoted(task.predictions_table)} AS SELECT * FROM frame")

    Warehouse(settings).write(work)
    with Store(settings).session() as session:
        session.add_all(model(name) for name in _ENTITIES)


def model(task: str) -> ModelVersion:
    """The version that made the scores, as training records it."""
    predicted = [0.01, 0.03, 0.07, 0.15, 0.4]
    bins = {"predicted": predicted, "observed": [0.012, 0.028, 0.08, 0.14, 0.42], "cases": [400.0] * 5}
    return ModelVersion(
        task=task,
        version=MODEL,
        state="in_service",
        snapshot_id=1,
        path="models/none",
        checksum="",
        metrics={"test": {"auroc": 0.8123, "ece": 0.0112}, "reliability": bins},
        rows={"test": 2000},
    )


def predictions(task: Task, entities: list[str], days: tuple[datetime, ...]) -> pl.DataFrame:
    """Plausible scores with bounds, bands and reasons; the later day is a little higher."""
    chance = random.Random(task.name)
    features = list(task.feature_info)
    rows = []
    for entity in entities:
        base = chance.betavariate(0.7, 5)
        for step, day in enumerate(days):
            score = min(0.98, base * (1 + 0.1 * step))
            reasons = [
                {
                    "feature": feature,
                    "value": str(round(chance.uniform(0, 9), 2)),
                    "contribution": contribution,
                }
                for feature, contribution in zip(
                    chance.sample(features[:8], 4), (1.1, 0.6, -0.4, 0.2), strict=True
                )
            ]
            rows.append(
                {
                    "entity_id": entity,
                    "as_of": day,
                    "score": score,
                    "lower": score * 0.8,
                    "upper": min(1.0, score * 1.3),
                    "band": next(band.name for band in task.bands if score < band.upper),
                    "reasons": json.dumps(reasons, ensure_ascii=False),
                    "model_version": MODEL,
                    "snapshot_id": 1,
                    "scored_at": day,
                }
            )
    return pl.DataFrame(rows)


_ENTITIES = {
    "finance.credit_default": "L-{:05}",
    "medical.disease_onset": "P-{:05}",
    "logistics.late_delivery": "S-{:05}",
}


def _bank(cases: int) -> dict[str, list[dict[str, object]]]:
    chance = random.Random(1)
    loans = [
        {
            "loan_id": f"L-{n:05}",
            "customer_id": f"C-{n:05}",
            "applied_at": LAST_DAY - timedelta(days=n % 80),
            "amount": 1000 + 50 * n,
            "currency": finance.CURRENCIES[n % 2],
            "term_months": 36,
            "purpose": finance.PURPOSES[n % 7],
        }
        for n in range(cases)
    ]
    settled = [
        {
            "loan_id": f"OLD-{n:05}",
            "customer_id": f"C-{n % cases:05}",
            "applied_at": datetime(2024, 1, 5) + timedelta(days=n % 600),
            "decision": "approved",
            "decided_on": date(2024, 1, 5) + timedelta(days=n % 600 + 2),
            "amount": 5000,
            "currency": "EUR",
            "term_months": 24,
        }
        for n in range(1800)
    ]
    return {
        "finance.customers": [
            {
                "customer_id": f"C-{n:05}",
                "full_name": f"王小{n}, Ada",
                "city": "Lyon",
                "customer_since": date(2020, 1, 1),
            }
            for n in range(cases)
        ],
        "finance.loans": loans + settled,
        "finance.defaults": [
            {
                "loan_id": row["loan_id"],
                "customer_id": row["customer_id"],
                "defaulted_on": row["applied_at"].date() + timedelta(days=150),
            }
            for row in settled
            if chance.random() < 0.06
        ],
        "finance.exchange_rates": [
            {
                "currency": "USD",
                "rate_date": date(2023, 12, 1),
                "rate": 0.92,
            }  # none for EUR: it is reported in
        ],
        "finance.transactions": [
            {
                "transaction_id": 1,
                "account_id": "A-1",
                "booked_at": LAST_DAY + timedelta(hours=9),
                "amount": 1,
                "currency": "EUR",
                "kind": "fee",
            }
        ],
    }


def _clinic(cases: int) -> dict[str, list[dict[str, object]]]:
    patients = [
        {
            "patient_id": f"P-{n:05}",
            "birth_date": date(1935 + n % 70, 1 + n % 12, 1 + n % 28),
            "gender": ("female", "male")[n % 2],
            "family_name": "Müller",
            "given_name": f"Ana {n}",
        }
        for n in range(cases)
    ]
    return {
        "medical.patients": patients,
        "medical.encounters": [
            {
                "encounter_id": f"E-{n}-{year}",
                "patient_id": f"P-{n:05}",
                "started_at": datetime(year, 3, 1 + n % 28),
            }
            for n in range(cases)
            for year in range(2020, 2027)
        ],
        "medical.conditions": [
            {
                "condition_id": f"D-{n}",
                "patient_id": f"P-{n:05}",
                "code": "44054006",
                "code_system": medical.SNOMED,
                "recorded_at": datetime(2021 + n % 4, 12, 1),
            }
            for n in range(0, cases, 9)
        ],
    }


def _carrier(cases: int) -> dict[str, list[dict[str, object]]]:
    def shipment(name: str, dispatched: datetime, n: int, *, delivered: bool) -> dict[str, object]:
        promised = dispatched + timedelta(days=2)
        late = timedelta(hours=9 if n % 6 == 0 else -5)
        return {
            "shipment_id": name,
            "depot_id": f"D{n % 3}",
            "carrier_id": "K1",
            "service": logistics.SERVICES[n % 3],
            "ordered_at": dispatched - timedelta(hours=6),
            "dispatched_at": dispatched,
            "promised_at": promised,
            "delivered_at": promised + late if delivered else None,
            "consignee": "李明",
            "distance_km": 120.5,
        }

    past = [
        shipment(f"OLD-{n:05}", datetime(2026, 1, 1) + timedelta(hours=4 * n), n, delivered=True)
        for n in range(1500)
    ]
    open_ones = [
        shipment(f"S-{n:05}", LAST_DAY - timedelta(hours=n % 40), n, delivered=False) for n in range(cases)
    ]
    return {
        "logistics.depots": [
            {"depot_id": f"D{n}", "name": name, "opened_on": date(2010, 1, 1)}
            for n, name in enumerate(("Lyon", "Gdańsk", "上海"))
        ],
        "logistics.carriers": [{"carrier_id": "K1", "name": "North & Sons", "mode": "road"}],
        "logistics.shipments": past + open_ones,
    }


def create(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: list[dict[str, object]]) -> None:
    given = {name for row in rows for name in row}
    frame = pl.DataFrame(rows or {"none": []}, infer_schema_length=None)
    columns = ", ".join(
        f"CAST({quoted(column.name) if column.name in given else 'NULL'} AS {DUCKDB_TYPES[column.type]}) "
        f"AS {quoted(column.name)}"
        for column in contract.columns
    )
    connection.register("frame", frame.to_arrow())
    connection.execute(f"CREATE TABLE {quoted(contract.table)} AS SELECT {columns} FROM frame")
