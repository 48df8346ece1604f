"""What it costs to show a reader their rows alone: opening a cut, and asking through it.

A bank of `--rows` loans in two scorings, their customers in 50 cities; one cut for each city, all of one
snapshot, as a run of `sda deliver` makes them. `open` is all that comes before the first question: views of
every table, and the keys of the reader's customers and loans. `ask` is the headline of the newest scores
through the cut, `ask_whole` the same without. Seconds of the clock, medians. Prints JSON.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import duckdb

from analytics.catalog import task_named
from analytics.row_cuts import row_cut
from analytics.task import Task
from dashboards.queries.predictions import days, headline
from dashboards.queries.reading import reader
from pipelines.catalog import shipped_contracts
from pipelines.contract import DUCKDB_TYPES
from pipelines.records import ensure_table
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

CITIES = 50
PARAMETERS = {"city": "finance.customers.city"}


def measured(rows: int, folder: Path) -> dict[str, Any]:
    """The figures of `CITIES` cuts through a lake of `rows` loans."""
    settings = Settings(home=folder / "var", config=folder / "assistant.toml", threads=2)
    task, warehouse = task_named("finance.credit_default", settings), Warehouse(settings)
    warehouse.write(lambda connection: fill(connection, task, rows))
    with warehouse.reading() as whole:
        moment = days(reader(whole), task)[0]
        everything = headline(reader(whole), task, moment)["cases"].item()
        asked_whole = [_seconds(lambda: headline(reader(whole), task, moment)) for _ in range(9)]
        tables = len(warehouse.tables())
        opened, asked, cases = [], [], 0
        for city in range(CITIES):
            cut = row_cut(settings, PARAMETERS, (("city", (f"city {city}",)),))
            began = time.perf_counter()
            with warehouse.reading(cut=cut) as connection:
                opened.append(time.perf_counter() - began)
                cases += headline(reader(connection), task, moment)["cases"].item()
                asked.append(_seconds(partial(headline, reader(connection), task, moment)))
    if cases != everything:
        sys.exit(f"The cuts show {cases} of {everything} cases.")
    return {
        "loans": rows,
        "predictions": 2 * rows,
        "tables": tables,
        "cuts": CITIES,
        "open_seconds": round(statistics.median(opened), 4),
        "ask_seconds": round(statistics.median(asked), 4),
        "ask_whole_seconds": round(statistics.median(asked_whole), 4),
    }


def fill(connection: duckdb.DuckDBPyConnection, task: Task, rows: int) -> None:
    """All tables that ship, empty but for customers, their loans and the scores of two days."""
    for table, contract in shipped_contracts().items():
        ensure_table(connection, table, {each.name: DUCKDB_TYPES[each.type] for each in contract.columns})
    connection.execute(
        "INSERT INTO finance.customers BY NAME SELECT 'C' || i AS customer_id, "
        f"'city ' || (i % {CITIES}) AS city FROM range({max(rows // 2, 1)}) AS _(i)"
    )
    connection.execute(
        "INSERT INTO finance.loans BY NAME SELECT 'L' || i AS loan_id, "
        f"'C' || (i % {max(rows // 2, 1)}) AS customer_id, 1000 AS amount FROM range({rows}) AS _(i)"
    )
    connection.execute("CREATE SCHEMA predictions")
    connection.execute(
        f"CREATE TABLE {quoted(task.predictions_table)} AS SELECT 'L' || i AS entity_id, "
        "TIMESTAMP '2026-10-30' + to_days(day::INTEGER) AS as_of, (i % 997) / 997 AS score, 'low' AS band "
        f"FROM range({rows}) AS _(i), range(2) AS _(day)"
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(given.rows, Path(folder)), indent=2))


if __name__ == "__main__":
    main()
