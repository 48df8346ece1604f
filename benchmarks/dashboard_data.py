"""A bank of any size, written straight into a lake: customers, loans, what they booked, two scored days.

Every value is a function of the number of its row, so that two runs write the same.
"""

import duckdb

from analytics.task import Task
from pipelines.catalog import shipped_contracts
from pipelines.contract import DUCKDB_TYPES
from pipelines.finance.contracts import CURRENCIES, EMPLOYMENT, PURPOSES, TRANSACTION_KINDS
from pipelines.queries import literal
from pipelines.records import ensure_records, ensure_table
from pipelines.store import ModelVersion
from pipelines.warehouse import quoted

DAYS = ("2026-10-29", "2026-10-30")
CITIES = 2_000
EXPLAINED = 20_000  # cases that have reasons, as scoring gives them to the highest scores
AT_ONCE = 10_000_000  # events written by one statement
TABLES = ("finance.customers", "finance.accounts", "finance.loans", "finance.transactions")


def fill(connection: duckdb.DuckDBPyConnection, task: Task, rows: int, events: int) -> None:
    """`rows` loans of half as many customers, scored on two days, and `events` bookings on their accounts."""
    ensure_records(connection)
    customers = max(1, rows // 2)
    for table, contract in shipped_contracts().items():
        kinds = {column.name: DUCKDB_TYPES[column.type] for column in contract.columns}
        ensure_table(
            connection,
            table,
            kinds | {"_load_id": "VARCHAR", "_source": "VARCHAR", "_loaded_at": "TIMESTAMP"},
        )
    for table, select in _tables(rows, customers).items():
        _insert(connection, table, select)
    add_events(connection, 0, events, customers)
    _predictions(connection, task, rows)


def add_events(connection: duckdb.DuckDBPyConnection, first: int, events: int, customers: int) -> None:
    """Books `events` more transactions, the first of them number `first` + 1."""
    for begin in range(first, first + events, AT_ONCE):
        end = min(begin + AT_ONCE, first + events)
        _insert(
            connection,
            "finance.transactions",
            f"""
            SELECT
                n + 1 AS transaction_id, 'A' || lpad(CAST(hash(n) % {customers} AS VARCHAR), 8, '0')
                AS account_id, TIMESTAMP '2025-11-01' + to_seconds(CAST(hash(n, 1) % 31000000 AS BIGINT))
                AS booked_at, (CAST(hash(n, 2) % 200000 AS BIGINT) - 100000) / 100 AS amount,
                'EUR' AS currency, {_one_of(TRANSACTION_KINDS, 3)} AS kind
            FROM range({begin}, {end}) AS numbers(n)
            """,
        )


def _tables(rows: int, customers: int) -> dict[str, str]:
    return {
        "finance.customers": f"""
            SELECT
                'C' || lpad(CAST(n AS VARCHAR), 8, '0') AS customer_id, 'Customer ' || n AS full_name,
                'City ' || (hash(n) % {CITIES}) AS city, DATE '2015-01-01' AS customer_since
            FROM range({customers}) AS numbers(n)
        """,
        "finance.accounts": f"""
            SELECT
                'A' || lpad(CAST(n AS VARCHAR), 8, '0') AS account_id,
                'C' || lpad(CAST(n AS VARCHAR), 8, '0') AS customer_id,
                'current' AS kind, 'EUR' AS currency, DATE '2015-01-01' AS opened_on
            FROM range({customers}) AS numbers(n)
        """,
        "finance.exchange_rates": """
            SELECT unnest(['EUR', 'GBP', 'USD', 'CNY']) AS currency, DATE '2015-01-01' AS rate_date,
                1.0 AS rate
        """,
        "finance.loans": f"""
            SELECT
                'L' || lpad(CAST(n AS VARCHAR), 8, '0') AS loan_id,
                'C' || lpad(CAST(n // 2 AS VARCHAR), 8, '0') AS customer_id,
                TIMESTAMP '2026-07-01' + to_seconds(CAST(hash(n) % 10000000 AS BIGINT)) AS applied_at,
                500 + CAST(hash(n, 1) % 4000000 AS BIGINT) / 100 AS amount,
                {_one_of(CURRENCIES, 2)} AS currency,
                12 * (1 + CAST(hash(n, 3) % 7 AS INTEGER)) AS term_months, {_one_of(PURPOSES, 4)} AS purpose,
                {_one_of(EMPLOYMENT, 5)} AS employment,
                {_one_of(("branch", "online", "broker"), 6)} AS channel, 'approved' AS decision
            FROM range({rows}) AS numbers(n)
        """,
    }


def _predictions(connection: duckdb.DuckDBPyConnection, task: Task, rows: int) -> None:
    table = task.predictions_table
    ensure_table(
        connection,
        table,
        {
            "entity_id": "VARCHAR", "as_of": "TIMESTAMP", "score": "DOUBLE", "lower": "DOUBLE",
            "upper": "DOUBLE", "band": "VARCHAR", "reasons": "VARCHAR", "expected_loss": "DOUBLE",
            "model_version": "VARCHAR", "snapshot_id": "BIGINT", "scored_at": "TIMESTAMP",
        },
    )  # fmt: skip
    reasons = literal(
        '[{"feature": "purpose", "value": "car", "contribution": 0.7},'
        ' {"feature": "term_months", "value": 24, "contribution": 0.2}]'
    )
    bands = " ".join(f"WHEN score < {band.upper} THEN {literal(band.name)}" for band in task.bands)
    for number, day in enumerate(DAYS):
        _insert(
            connection,
            table,
            f"""
            SELECT
                'L' || lpad(CAST(n AS VARCHAR), 8, '0') AS entity_id, TIMESTAMP '{day}' AS as_of,
                pow(0.98 * {_share(7)} + 0.02 * {_share(8 + number)}, 4) AS score,
                score / 2 AS lower, (1 + score) / 2 AS upper,
                CASE {bands} ELSE {literal(task.bands[-1].name)} END AS band,
                CASE WHEN {_share(7)} > {1 - min(1.0, EXPLAINED / rows)} THEN {reasons} END AS reasons,
                score * (500 + CAST(hash(n, 1) % 4000000 AS BIGINT) / 100) * 0.45 AS expected_loss,
                'v1' AS model_version, 1 AS snapshot_id, TIMESTAMP '{day}' + INTERVAL 1 DAY AS scored_at
            FROM range({number * rows // 1000}, {rows}) AS numbers(n)
            """,
        )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
    connection.execute(f"INSERT INTO {quoted(table)} BY NAME {select}")


def _share(seed: int) -> str:
    """A number from 0 to 1 for each row."""
    return f"(CAST(hash(n, {seed}) % 1000000007 AS DOUBLE) / 1000000007)"


def _one_of(values: tuple[str, ...], seed: int) -> str:
    listed = ", ".join(map(literal, values))
    return f"[{listed}][CAST(1 + hash(n, {seed}) % {len(values)} AS BIGINT)]"


def model_in_service(task: Task) -> ModelVersion:
    """The version that made the scores, as the store knows it."""
    bins = {"predicted": [0.02, 0.1, 0.4], "observed": [0.02, 0.11, 0.38], "cases": [400.0] * 3}
    return ModelVersion(
        task=task.name, version="v1", state="in_service", snapshot_id=1, path="models/none", checksum="",
        metrics={"test": {"auroc": 0.81}, "reliability": bins}, rows={"test": 2000},
    )  # fmt: skip
