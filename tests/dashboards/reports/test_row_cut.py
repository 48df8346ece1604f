"""Nobody gets a row outside their attributes: not in any form of an issue, not by a figure, not in part.

Two worlds agree on the reader's rows and on nothing else. A report for the reader must be the same in both:
then nothing in it, not even a sum or an order, depends on a row outside.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.catalog import task_named
from connectors.errors import UsageError
from dashboards.reports.build import build
from dashboards.reports.mail import Envelope, sealed
from dashboards.reports.reader import Attributes, Reader, attributes_of
from dashboards.reports.render import Issue, render
from dashboards.reports.report import Report
from dashboards.subscriptions.keeping import archive
from pipelines.catalog import shipped_contracts
from pipelines.settings import Settings
from pipelines.store import Store
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards import lake, planned
from tests.dashboards.reports.pdf_text import texts

FORMATS = ("pdf", "xlsx", "csv")
PERIOD = datetime(2026, 11, 2, 6, tzinfo=UTC)
OUTSIDE = "OUTSIDE"  # in every identifier, name and text of rows that are not the reader's
READERS = {
    "credit-portfolio": attributes_of({"city": "Lyon", "channel": ["branch", "broker"]}),
    "patient-risk": attributes_of({"ward": ["W1", "W10"]}),
    "fleet-daily": attributes_of({"depot": "D1"}),
}
Rows = dict[str, list[dict[str, Any]]]


def bank(mark: str, cases: int, chance: Random, city: str | None, channel: str | None) -> Rows:
    """Loans of as many customers of a city."""
    return {
        "finance.customers": [
            {"customer_id": f"{mark}C{n}", "full_name": f"{mark} Ada {n}", "city": city,
             "customer_since": date(2020, 1, 1)}
            for n in range(cases)
        ],
        "finance.loans": [
            {"loan_id": f"{mark}L{n}", "customer_id": f"{mark}C{n}", "channel": channel,
             "applied_at": lake.LAST_DAY - timedelta(days=n % 80), "amount": chance.randint(1_000, 900_000),
             "currency": "EUR", "term_months": 36, "purpose": chance.choice(("car", "home"))}
            for n in range(cases)
        ],
    }  # fmt: skip


def clinic(mark: str, cases: int, chance: Random, *wards: str | None) -> Rows:
    """Patients who were seen in one ward after the other."""
    return {
        "medical.patients": [
            {"patient_id": f"{mark}P{n}", "birth_date": date(chance.randint(1930, 2000), 5, 5),
             "gender": chance.choice(("female", "male")), "family_name": mark, "given_name": f"{mark} {n}"}
            for n in range(cases)
        ],
        "medical.encounters": [
            {"encounter_id": f"{mark}E{n}-{place}", "patient_id": f"{mark}P{n}", "organization_id": ward,
             "started_at": datetime(2026, 1 + place, 1 + n % 28), "status": "finished"}
            for n in range(cases)
            for place, ward in enumerate(wards)
        ],
    }  # fmt: skip


def carrier(mark: str, cases: int, chance: Random, depot: str) -> Rows:
    """Shipments of a depot, and a vehicle of it; the carrier drives for all depots."""
    return {
        "logistics.depots": [{"depot_id": depot, "name": f"{mark} {depot}", "opened_on": date(2010, 1, 1)}],
        "logistics.shipments": [
            {"shipment_id": f"{mark}S{n}", "depot_id": depot, "carrier_id": "K1", "service": "express",
             "ordered_at": lake.DAY_BEFORE, "dispatched_at": lake.DAY_BEFORE, "consignee": f"{mark} 李",
             "promised_at": lake.LAST_DAY + timedelta(hours=chance.randint(1, 90)), "distance_km": 100.0}
            for n in range(cases)
        ],
        "logistics.vehicles": [
            {"vehicle_id": f"{mark}V", "depot_id": depot, "in_service_on": date(2020, 1, 1)}
        ],
    }  # fmt: skip


TASKS = ("finance.credit_default", "medical.disease_onset", "logistics.late_delivery")


def world(folder: Path, seed: int) -> Settings:
    """A home with the same rows inside the cuts of `READERS` and, by `seed`, any rows outside them."""
    settings = Settings(home=folder / "var", config=folder / "assistant.toml", threads=1)
    inside, outside = Random(1), Random(seed)

    def cases() -> int:
        return outside.randint(5, 60)

    parts = [
        bank("in", 30, inside, "Lyon", "branch"),
        bank(f"{OUTSIDE}1", cases(), outside, "Lyon 2", "branch"),
        bank(f"{OUTSIDE}2", cases(), outside, "Lyon", "online"),
        bank(f"{OUTSIDE}3", cases(), outside, None, None),
        clinic("in", 30, inside, "W2", "W1", None),
        clinic(f"{OUTSIDE}1", cases(), outside, "W1", "W100"),
        clinic(f"{OUTSIDE}2", cases(), outside, None),
        {"logistics.carriers": [{"carrier_id": "K1", "name": "North", "mode": "road"}]},
        {table: found for table, found in planned.logistics_rows().items() if table != "logistics.depots"},
        carrier("in", 30, inside, "D1"),
        carrier(OUTSIDE, cases(), outside, f"D1{OUTSIDE}"),
    ]
    together: Rows = {}
    for part in parts:
        for table, found in part.items():
            together.setdefault(table, []).extend(found)

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        fill(connection, together, TASKS)
        planned.furnish_plans(connection)
        for copy in copies(f"D1{OUTSIDE}", outside.randint(2, 9)):
            connection.execute(copy)

    Warehouse(settings).write(work)
    with Store(settings).session() as session:
        session.add_all(lake.model(task) for task in TASKS)
    return settings


def copies(depot: str, times: int) -> Iterator[str]:
    """SQL that plans and forecasts for another depot, too: later, and `times` as much of everything."""
    later, mine = f"made_at + INTERVAL {times} HOUR AS made_at", f"'{depot}' AS depot_id"
    plan, van, stop = (f"'{OUTSIDE}' || {name} AS {name}" for name in ("plan_id", "vehicle_id", "stop_id"))
    who = f"'{OUTSIDE}' AS customer, '{OUTSIDE}' AS street"
    changed = {
        "plans.plans": f"{plan}, {later}, {mine}, {times} * cost AS cost, {times} * stops AS stops",
        "plans.routes": f"{plan}, {van}, {times} * cost AS cost",
        "plans.stops": f"{plan}, {van}, {stop}, {times} * late_minutes AS late_minutes",
        "plans.unserved": f"{plan}, {stop}",
        "forecasts.demand": f"{later}, {mine}, {times} * mean AS mean",
        "forecasts.proposals": f"{later}, {mine}, {times} * cost AS cost, '{OUTSIDE}' || why AS why",
        "forecasts.policies": f"{later}, {times} * total_cost AS total_cost",
        "logistics.fleet": f"{van}, {mine}",
        "logistics.stops": f"{stop}, {mine}, {who}, {times} * parcels AS parcels",
        "logistics.demand": f"{mine}, {times} * quantity AS quantity",
    }
    for table, columns in changed.items():
        yield f"INSERT INTO {table} SELECT * REPLACE ({columns}) FROM {table}"


def fill(connection: duckdb.DuckDBPyConnection, rows: Rows, tasks: Sequence[str]) -> None:
    for table, contract in shipped_contracts().items():
        if any(table.startswith(task.partition(".")[0]) for task in tasks):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(contract.domain)}")
            lake.create(connection, contract, rows.get(table, []))
    connection.execute("CREATE SCHEMA IF NOT EXISTS predictions")
    for name in tasks:
        task = task_named(name, Settings())
        table, column = task.entity_of[0].rpartition(".")[::2]
        entities = [row[column] for row in rows[table]]
        scored = lake.predictions(task, entities, (lake.DAY_BEFORE, lake.LAST_DAY))
        connection.register("frame", scored.to_arrow())
        connection.execute(f"CREATE TABLE {quoted(task.predictions_table)} AS SELECT * FROM frame")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Settings]]:
    """Two homes that agree on the readers' rows and differ in all others."""
    first, second = (world(tmp_path_factory.mktemp("world"), seed) for seed in (2, 3))
    with Warehouse(first).reading(), Warehouse(second).reading():  # opened once for all tests
        yield first, second


def _report(settings: Settings, name: str, attributes: Attributes) -> Report:
    return build(settings, name, Reader(role="caseworker", attributes=attributes), period=PERIOD)


@pytest.mark.parametrize("name", READERS)
def test_nothing_of_an_issue_depends_on_a_row_outside(worlds: tuple[Settings, Settings], name: str) -> None:
    report, other = (_report(each, name, READERS[name]) for each in worlds)
    issue = render(report, FORMATS)

    assert report.values["rows"] == 30
    assert everything(report) == everything(other)
    for told in said(issue):
        assert OUTSIDE not in told
        assert "Lyon 2" not in told
    assert any("inS1" in told or "inL1" in told or "inP1" in told for told in said(issue))
    archive.keep(worlds[0], issue, Reader(attributes=READERS[name]), name)
    letter = archive.issue(worlds[0], name).letter
    assert (letter.html, letter.text, letter.attachments) == (issue.html, issue.text, issue.attachments)
    assert name != "fleet-daily" or {"routes", "proposals"} <= {
        file.name.removeprefix(f"{report.file_stem}-").rpartition(".")[0] for file in issue.files
    }


def everything(part: Any) -> Any:
    """All that a report is made of, to be compared."""
    if isinstance(part, pl.DataFrame):
        return part.to_dict(as_series=False)
    if is_dataclass(part):
        return [everything(getattr(part, field.name)) for field in fields(part)]
    if isinstance(part, tuple | list):
        return [everything(each) for each in part]
    return part


def test_without_the_cut_the_rows_outside_are_seen(worlds: tuple[Settings, Settings]) -> None:
    report, other = (_report(each, "fleet-daily", ()) for each in worlds)

    assert everything(report) != everything(other)
    found = [OUTSIDE in told for told in said(render(report, FORMATS))]
    assert sum(found) > 4  # so the search above would have found them: HTML, text, mail, PDF, XLSX, CSV


def said(issue: Issue) -> Iterator[str]:
    """Everything in an issue that can be read, decoded: names, mail, pages, files."""
    yield " ".join([issue.subject, *(file.name for file in issue.files), *issue.pictures])
    yield issue.html
    yield issue.text
    mail = sealed(issue).mail(Envelope("a@example.com", "b@example.com", "<1@x>", PERIOD, "<list.x>"))
    for part in message_from_bytes(mail, policy=default).walk():
        if part.get_content_maintype() == "text":
            yield part.get_content()
    for file in issue.files:
        if file.name.endswith(".pdf"):
            yield "".join(texts(file.content))
        elif file.name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(file.content)) as book:
                yield "".join(book.read(name).decode() for name in book.namelist())
        else:
            yield file.content.decode("utf-8-sig")


CITIES = (
    None,
    "",
    " ",
    "Lyon",
    "Lyon ",
    "Lyon 2",
    "lyon",
    "O'Neill",
    'say "x"',
    "a,b",
    "a",
    "北京",
    "😀",
    "%",
    "_",
)


@pytest.fixture(scope="module")
def odd_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A bank with three customers in each of `CITIES`."""
    folder = tmp_path_factory.mktemp("odd")
    settings = Settings(home=folder / "var", config=folder / "assistant.toml", threads=1)
    parts = [bank(f"c{place}-", 3, Random(1), city, "branch") for place, city in enumerate(CITIES)]
    rows = {table: [row for part in parts for row in part[table]] for table in parts[0]}
    warehouse = Warehouse(settings)
    warehouse.write(lambda connection: fill(connection, rows, TASKS[:1]))
    with warehouse.reading():
        yield settings


@given(
    asked=st.sets(
        st.one_of(st.sampled_from([city for city in CITIES if city is not None]), st.text(max_size=3))
    )
)
@settings(max_examples=5)
def test_any_values_cut_to_their_rows_alone(odd_bank: Settings, asked: set[str]) -> None:
    assume("\0" not in "".join(asked))
    attributes = attributes_of({"city": sorted(asked)})

    report = build(odd_bank, "credit-portfolio", Reader(attributes=attributes), period=PERIOD)

    mine = {f"c{place}-L{n}" for place, city in enumerate(CITIES) if city in asked for n in range(3)}
    told = [table.frame["entity_id"] for table in report.tables if "entity_id" in table.frame.columns]
    assert report.values["rows"] == len(mine)
    assert {entity for column in told for entity in column} == mine


def test_an_attribute_that_a_report_does_not_know_is_told(worlds: tuple[Settings, Settings]) -> None:
    with pytest.raises(UsageError, match="planet"):
        build(worlds[0], "fleet-daily", Reader(attributes=attributes_of({"planet": "Mars"})))
