"""Lateness divided among causes: on planted shipments by hand, on the sample by loops; it always adds up."""

from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.logistics.contracts import SHIPMENTS, TRACKING_EVENTS
from pipelines.logistics.delay_causes import LABELS, NOT_DELIVERED, UNEXPLAINED, lateness_sql
from tests.dashboards.lake import create
from tests.sample_data.lake import lake, population, sample, task_of

SINCE, UNTIL = date(2026, 8, 2), date(2026, 10, 30)
START = datetime(2026, 9, 1, 8)
POPULATION = """
    SELECT shipment_id AS entity_id, CAST(delivered_at > promised_at AS INTEGER) AS label
    FROM logistics.shipments
"""


def hours(value: float) -> timedelta:
    return timedelta(hours=value)


def minutes(span: timedelta) -> float:
    return span / timedelta(minutes=1)


def shipment(name: str, late: float, handling: float = 4, promised: float = 48) -> dict[str, Any]:
    """Ordered at `START`, promised so many hours after the dispatch, delivered so many hours late."""
    left = START + hours(handling)
    return {
        "shipment_id": name, "depot_id": "D1", "carrier_id": "K1", "service": "standard",
        "ordered_at": START, "dispatched_at": left, "promised_at": left + hours(promised),
        "delivered_at": left + hours(promised + late), "destination_country": "DE", "distance_km": 300.0,
    }  # fmt: skip


def scan(name: str, kind: str, after: float) -> dict[str, Any]:
    at = START + hours(after)
    return {
        "event_id": f"{name}-{kind}-{after}", "shipment_id": name, "event_type": kind, "occurred_at": at,
        "recorded_at": at,
    }  # fmt: skip


def explained(shipments: list[dict[str, Any]], scans: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """The hours that each cause explains, by shipment."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA logistics")
    create(connection, SHIPMENTS, shipments)
    create(connection, TRACKING_EVENTS, scans)
    rows = connection.execute(lateness_sql(POPULATION), {"since": SINCE, "until": UNTIL}).pl()
    found: dict[str, dict[str, float]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault(row["shipment_id"], {})[row["cause"]] = row["minutes"] / 60
    return found


USUAL = [shipment(f"good {n}", late=-3) for n in range(5)]
USUAL_SCANS = [
    scan(f"good {n}", kind, after) for n in range(5) for kind, after in (("hub_in", 10), ("hub_out", 12))
]


def test_each_cause_explains_what_took_longer_than_in_time() -> None:
    late = [
        shipment("hub", 9),
        shipment("customs", 6),
        shipment("failed", 20),
        shipment("dispatch", 10, handling=9, promised=43),
        shipment("picking", 10, handling=9, promised=43),
        shipment("nothing", 5),
    ]
    scans = [
        scan("hub", "hub_in", 10), scan("hub", "hub_out", 17),
        scan("customs", "customs", 20), scan("customs", "out_for_delivery", 24),
        scan("failed", "delivery_failed", 60), scan("failed", "delivery_failed", 66),
        scan("picking", "pick_exception", 1),
    ]  # fmt: skip

    found = explained([*USUAL, *late], [*USUAL_SCANS, *scans])

    assert found["hub"] == {"hub": pytest.approx(5), UNEXPLAINED: pytest.approx(4)}  # 7 hours, 2 are usual
    assert found["customs"] == {"customs": pytest.approx(4), UNEXPLAINED: pytest.approx(2)}
    assert found["failed"] == {
        "delivery_failed": pytest.approx(12),
        UNEXPLAINED: pytest.approx(8),
    }  # until hour 72
    assert found["dispatch"] == {"late_dispatch": pytest.approx(5), UNEXPLAINED: pytest.approx(5)}
    assert found["picking"] == {"pick_exception": pytest.approx(5), UNEXPLAINED: pytest.approx(5)}
    assert found["nothing"] == {UNEXPLAINED: pytest.approx(5)}
    assert not {name for name in found if name.startswith("good")}


def test_a_promise_made_at_the_dispatch_does_not_suffer_from_a_late_one() -> None:
    found = explained([*USUAL, shipment("late", 10, handling=30)], [])

    assert found["late"] == {UNEXPLAINED: pytest.approx(10)}


def test_causes_that_add_up_to_more_than_the_lateness_share_it() -> None:
    scans = [scan("both", "hub_in", 10), scan("both", "hub_out", 18), scan("both", "delivery_failed", 44)]

    found = explained([*USUAL, shipment("both", 5)], [*USUAL_SCANS, *scans])

    # 6 hours beyond the usual at the hub and 13 from the failed delivery on, for 5 hours late.
    assert found["both"]["hub"] == pytest.approx(5 * 6 / 19)
    assert found["both"]["delivery_failed"] == pytest.approx(5 * 13 / 19)
    assert found["both"][UNEXPLAINED] == 0


def test_a_hub_that_never_scans_what_leaves_is_not_blamed() -> None:
    found = explained([*USUAL, shipment("hub", 9)], [*USUAL_SCANS, scan("hub", "hub_in", 10)])

    assert found["hub"] == {UNEXPLAINED: pytest.approx(9)}


def test_what_is_not_delivered_counts_up_to_the_last_day() -> None:
    lost = shipment("lost", 0) | {"delivered_at": None, "promised_at": datetime(2026, 10, 30, 12)}
    later = lost | {"shipment_id": "later", "delivered_at": datetime(2026, 10, 31)}
    just = lost | {"shipment_id": "just", "delivered_at": datetime(2026, 10, 30, 23)}
    population_of_all = POPULATION.replace(
        "delivered_at > promised_at", "delivered_at IS NULL OR delivered_at > promised_at"
    )
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA logistics")
    create(connection, SHIPMENTS, [*USUAL, lost, later, just])
    create(connection, TRACKING_EVENTS, [])
    rows = connection.execute(lateness_sql(population_of_all), {"since": SINCE, "until": UNTIL}).pl()

    assert dict(rows.select("shipment_id", "late_minutes").rows()) == {
        "lost": 12 * 60, "later": 12 * 60, "just": 11 * 60,
    }  # fmt: skip
    assert dict(rows.select("shipment_id", "cause").rows()) == {
        "lost": NOT_DELIVERED, "later": NOT_DELIVERED, "just": UNEXPLAINED,
    }  # fmt: skip
    # Of what was delivered after the last day nobody knew on that day.
    assert rows.filter(pl.col("delivered_at").is_not_null())["shipment_id"].to_list() == ["just"]


def test_on_the_sample_the_causes_of_every_shipment_add_up_and_dispatch_is_as_by_hand() -> None:
    connection, task = lake("logistics"), task_of("logistics")
    rows = connection.execute(lateness_sql(task.population), {"since": SINCE, "until": UNTIL}).pl()
    late = population(connection, task).filter(pl.col("label") == 1)["entity_id"].to_list()
    shipments = {
        row["shipment_id"]: row for row in sample("logistics").tables["shipments"].iter_rows(named=True)
    }

    sums = rows.group_by("shipment_id").agg(pl.sum("minutes"), pl.first("late_minutes"))
    assert set(rows["cause"]) <= set(LABELS)
    assert sums["minutes"].to_list() == pytest.approx(sums["late_minutes"].to_list())
    promised = {name for name in late if SINCE <= shipments[name]["promised_at"].date() <= UNTIL}
    assert set(sums["shipment_id"]) == promised
    trouble = set(
        sample("logistics")
        .tables["tracking_events"]
        .filter(pl.col("event_type") == "pick_exception")["shipment_id"]
    )
    expected = _dispatch_by_hand(shipments, set(late))
    found = rows.filter(~pl.col("cause").is_in([UNEXPLAINED, NOT_DELIVERED]))
    assert {row["shipment_id"]: row["minutes"] for row in found.iter_rows(named=True)} == pytest.approx(
        expected
    )
    for row in found.iter_rows(named=True):
        assert (row["cause"] == "pick_exception") == (row["shipment_id"] in trouble)


def _dispatch_by_hand(shipments: dict[str, dict[str, Any]], late: set[str]) -> dict[str, float]:
    """The minutes that a late dispatch explains of each late shipment: the sample has no other cause."""

    def handling(row: dict[str, Any]) -> float:
        return minutes(row["dispatched_at"] - row["ordered_at"])

    def way(row: dict[str, Any]) -> float:
        return minutes(row["promised_at"] - row["dispatched_at"])

    own = [
        row for row in shipments.values()
        if row["dispatched_at"] and SINCE <= row["promised_at"].date() <= UNTIL
    ]  # fmt: skip
    usual: dict[tuple[str, ...], list[float]] = {}
    for row in own:
        if row["shipment_id"] not in late:
            usual.setdefault((row["depot_id"], row["service"]), []).append(handling(row))
            key = (row["depot_id"], row["destination_country"], row["service"])
            usual.setdefault(key, []).append(way(row))
    found = {}
    end = datetime(2026, 10, 31)
    for row in own:
        alike, lane = (
            (row["depot_id"], row["service"]),
            (row["depot_id"], row["destination_country"], row["service"]),
        )
        if row["shipment_id"] in late and alike in usual and lane in usual:
            lost = min(handling(row) - median(usual[alike]), median(usual[lane]) - way(row))
            late_minutes = minutes(min(row["delivered_at"] or end, end) - row["promised_at"])
            if lost > 0:
                found[row["shipment_id"]] = min(lost, late_minutes)
    return found
