"""The clean sample tables in a plain DuckDB, and what happens to features when the future is altered."""

import importlib
from datetime import datetime
from functools import cache

import duckdb
import polars as pl

from analytics.task import Task
from pipelines.contract import DUCKDB_TYPES, Contract
from pipelines.warehouse import quoted
from sample_data.generate import organisation
from sample_data.world import Organisation

DOMAINS = ("finance", "medical", "logistics")
# What a known row learns later: (table, column that says when, columns that are empty until then).
FILLED_LATER = {
    "finance.loans": [("decided_on", ("decided_on", "decision"))],
    "medical.patients": [("deceased_at", ("deceased_at",))],
    "medical.encounters": [("ended_at", ("ended_at",))],
    "medical.conditions": [("abated_at", ("abated_at", "clinical_status"))],
    "logistics.shipments": [("dispatched_at", ("dispatched_at",)), ("delivered_at", ("delivered_at",))],
    "logistics.trips": [("returned_at", ("returned_at",))],
    "logistics.trip_stops": [("arrived_at", ("arrived_at",)), ("left_at", ("left_at",))],
}


def contracts(domain: str) -> list[Contract]:
    """The contracts of the tables that the sample holds; what connectors count is not among them."""
    known = importlib.import_module(f"pipelines.{domain}.contracts").CONTRACTS
    return [contract for contract in known if contract.table.split(".")[1] in sample(domain).tables]


TASKS: dict[str, Task] = {
    task.name: task
    for domain in DOMAINS
    for task in importlib.import_module(f"analytics.tasks.{domain}").TASKS
}


def task_of(domain: str) -> Task:
    """The main task of a domain."""
    return next(task for task in TASKS.values() if task.domain == domain)


@cache
def sample(domain: str) -> Organisation:
    """The organisation as the repository holds it."""
    return organisation(domain)


def transformed(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows as ingestion stores them: values in their canonical units, no row refused."""
    transforms = getattr(importlib.import_module(f"pipelines.{contract.domain}.contracts"), "TRANSFORMS", {})
    if contract.table not in transforms:
        return frame
    rows, problems = transforms[contract.table](frame.with_row_index("_row").cast({"_row": pl.Int64}))
    assert problems.is_empty()
    return rows.drop("_row")


@cache
def _loaded(domain: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"asof_loop_join_threshold": 0})  # as `analytics.dataset` reads
    connection.execute(f"CREATE SCHEMA {quoted(domain)}")
    for contract in contracts(domain):
        frame = transformed(contract, sample(domain).tables[contract.table.split(".")[1]])
        connection.register("given", frame)
        columns = ", ".join(
            f"CAST({quoted(c.name) if c.name in frame.columns else 'NULL'} AS {DUCKDB_TYPES[c.type]})"
            f" AS {quoted(c.name)}"
            for c in contract.columns
        )
        connection.execute(f"CREATE TABLE {quoted(contract.table)} AS SELECT {columns} FROM given")
        connection.unregister("given")
    return connection


def lake(domain: str) -> duckdb.DuckDBPyConnection:
    """A connection to the clean tables of the domain; changes rolled back with `ROLLBACK` stay unseen."""
    return _loaded(domain).cursor()


def population(connection: duckdb.DuckDBPyConnection, task: Task) -> pl.DataFrame:
    return connection.execute(task.population).pl().sort("entity_id", "as_of")


def features(connection: duckdb.DuckDBPyConnection, task: Task, cases: pl.DataFrame) -> pl.DataFrame:
    """The features of the cases, in the order of entity and time."""
    connection.register("population", cases.select("entity_id", "as_of"))
    found = connection.execute(task.features).pl().sort("entity_id", "as_of")
    connection.unregister("population")
    return found


def known_at(contract: Contract) -> str:
    """SQL for the time a record could be known, as the contract and the features have it."""
    stand_in = {"issued_at": "effective_at", "recorded_at": "onset_at"}
    names = [contract.known_at]
    if stand_in.get(contract.known_at) in contract.names:
        names.append(stand_in[contract.known_at])
    return f"coalesce({', '.join(names)})"


def forget_after(connection: duckdb.DuckDBPyConnection, domain: str, moment: datetime) -> None:
    """Takes the lake back to what was known at `moment`."""
    for contract in contracts(domain):
        table = quoted(contract.table)
        if contract.known_at:
            connection.execute(f"DELETE FROM {table} WHERE {known_at(contract)} > ?", [moment])
        for when, columns in FILLED_LATER.get(contract.table, []):
            emptied = ", ".join(f"{quoted(column)} = NULL" for column in columns)
            connection.execute(f"UPDATE {table} SET {emptied} WHERE {when} > ?", [moment])


def distort_after(connection: duckdb.DuckDBPyConnection, domain: str, moment: datetime) -> None:
    """Keeps what was known at `moment`; doubles, moves and garbles what came later."""
    for contract in contracts(domain):
        table = quoted(contract.table)
        for when, columns in FILLED_LATER.get(contract.table, []):
            shifts = {
                column: f"{column} + INTERVAL 40 DAY"
                for column in columns
                if contract.column(column).type != "text"
            }
            garbled = {column: "'declined'" for column in columns if column == "decision"}
            changes = ", ".join(f"{quoted(c)} = {sql}" for c, sql in {**shifts, **garbled}.items())
            connection.execute(f"UPDATE {table} SET {changes} WHERE {when} > ?", [moment])
        if not contract.known_at:
            continue
        late = f"{known_at(contract)} > $moment"
        numbers = [
            f"{quoted(c.name)} = {quoted(c.name)} * 3 + 7"
            for c in contract.columns
            if c.type in ("number", "decimal") and c.name not in contract.key
        ]
        times = [
            f"{quoted(c.name)} = {quoted(c.name)} + INTERVAL 400 DAY"
            for c in contract.columns
            if c.type in ("date", "timestamp")
            and c.name not in {w for w, _ in FILLED_LATER.get(contract.table, [])}
        ]
        connection.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE {late}", {"moment": moment})
        connection.execute(
            f"UPDATE {table} SET {', '.join(numbers + times)} WHERE {late}", {"moment": moment}
        )
