"""What cuts by what: every table that ships is somebody's, everybody's or, on purpose, shown to nobody."""

from dataclasses import replace

import duckdb
import pytest

from analytics.catalog import shipped_tasks
from analytics.forecasting import tables as forecasts
from analytics.routing import tables as plans
from analytics.row_cuts import check_parameter, label_of, row_cut
from connectors.errors import UsageError
from pipelines.catalog import contract_from_toml, contract_to_toml, shipped_contracts, traits
from pipelines.contract import DUCKDB_TYPES
from pipelines.cut_views import cut_statements
from pipelines.finance.contracts import EXCHANGE_RATES, LOANS
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

PREDICTED = {"entity_id": "VARCHAR", "as_of": "TIMESTAMP", "score": "DOUBLE"}
# What nobody gets who gets only some rows, by parameter: what is not about one depot, ward or city alone.
NOBODYS = {
    "finance.customers.city": set(),
    "medical.patients.ward": {"medical.unmapped_resources"},
    "logistics.depots.depot_id": {"forecasts.policies"},
}


def _lake() -> dict[str, dict[str, str]]:
    """Every table that ships, with its columns."""
    loaded = {
        table: {column.name: DUCKDB_TYPES[column.type] for column in contract.columns}
        for table, contract in shipped_contracts().items()
    }
    scored = {task.predictions_table: PREDICTED for task in shipped_tasks().values()}
    return loaded | scored | plans.COLUMNS | forecasts.COLUMNS


@pytest.mark.parametrize("reference", NOBODYS)
def test_every_table_of_a_domain_is_cut_or_on_purpose_empty(home: Settings, reference: str) -> None:
    cut = row_cut(home, {"mine": reference}, (("mine", ("x",)),))
    assert cut is not None

    statements = cut_statements(cut, _lake(), "whole", "cut")

    empty = {
        table
        for table in _lake()
        if any(each.startswith(f'CREATE TABLE "cut".{quoted(table)} (') for each in statements)
    }
    domain = reference.partition(".")[0]
    tied = {task.predictions_table for task in shipped_tasks().values() if task.domain == domain}
    made = {*plans.COLUMNS, *forecasts.COLUMNS} if domain == "logistics" else set()
    own = {table for table in _lake() if table.startswith(f"{domain}.")} | tied | made
    assert empty & own == NOBODYS[reference]
    shared = {"finance.exchange_rates", "finance.prices", "logistics.articles"}
    assert empty >= set(_lake()) - own - shared


@pytest.mark.parametrize("name", shipped_tasks())
def test_every_task_that_ships_says_what_its_entities_are(name: str) -> None:
    columns = shipped_tasks()[name].entity_of

    tables = {column.rpartition(".")[0] for column in columns}
    contract = shipped_contracts()[tables.pop()]
    assert not tables
    assert tuple(column.rpartition(".")[2] for column in columns) == contract.key


def test_a_stop_is_known_by_its_trip_and_place(home: Settings) -> None:
    rows = {
        "logistics.depots": "('D1'), ('D2')) AS _(depot_id)",
        "logistics.trips": "('T', 'D1'), ('T/1', 'D2')) AS _(trip_id, depot_id)",
        "logistics.trip_stops": "('T', 1), ('T/1', 1), ('T/1', 11)) AS _(trip_id, position)",
        "predictions.logistics_stop_arrival": "('T/1'), ('T/1/1'), ('T/1/11')) AS _(entity_id)",
    }

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        for table, values in rows.items():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}")
            connection.execute(f"CREATE TABLE {table} AS FROM (VALUES {values}")

    Warehouse(home).write(work)
    parameters = {"depot": "logistics.depots.depot_id"}
    cut = row_cut(home, parameters, (("depot", ("D1",)),))

    with Warehouse(home).reading(cut=cut) as connection:
        assert connection.execute("FROM predictions.logistics_stop_arrival").fetchall() == [("T/1",)]


def test_a_patient_is_of_the_ward_that_saw_them_last(home: Settings) -> None:
    ward = traits()["medical.patients.ward"]
    seen = (
        "('p1', 'W1', '2026-01-01', 'finished'), ('p1', 'W2', '2026-02-01', 'finished'), "
        "('p1', 'W3', '2026-03-01', 'planned'), ('p1', NULL, '2026-04-01', NULL), "
        "('p2', 'W1', '2026-01-01', NULL)"
    )
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA medical")
        connection.execute(
            f"CREATE TABLE medical.encounters AS SELECT '' AS encounter_id, * FROM (VALUES {seen}) "
            "AS seen(patient_id, organization_id, started_at, status)"
        )
        found = connection.execute(f"SELECT key, value FROM ({ward.sql}) ORDER BY key").fetchall()

    assert found == [("p1", "W2"), ("p2", "W1")]
    assert label_of(home, "ward", "medical.patients.ward")["en"] == "Ward"


def test_nothing_given_cuts_nothing_and_no_value_cuts_all(home: Settings) -> None:
    parameters = {"city": "finance.customers.city"}

    assert row_cut(home, parameters, ()) is None
    none = row_cut(home, parameters, (("city", ()),))
    assert none is not None
    assert none.rules[0].values == ()


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("city", "names no column"),
        ("customers.city", "names no column"),
        ("finance.customer.city", "no table «finance.customer»"),
        ("finance.customers.town", "no column «town»"),
    ],
)
def test_a_parameter_that_cuts_by_nothing_is_told(home: Settings, reference: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        check_parameter(home, "city", reference)


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_a_value_that_is_no_text_is_told(home: Settings, value: str) -> None:
    with pytest.raises(UsageError, match="no text"):
        row_cut(home, {"city": "finance.customers.city"}, (("city", (value,)),))


def test_an_attribute_without_a_parameter_is_told(home: Settings) -> None:
    with pytest.raises(UsageError, match="«citi»"):
        row_cut(home, {"city": "finance.customers.city"}, (("citi", ("Lyon",)),))


def test_whose_rows_they_are_is_no_promise_but_is_written_down() -> None:
    assert contract_from_toml(contract_to_toml(EXCHANGE_RATES), "here").reference_data
    assert replace(LOANS, reference_data=True).version == LOANS.version
