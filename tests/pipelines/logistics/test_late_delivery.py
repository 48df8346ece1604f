"""The carrier's features, counted once more by brute force."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.sample_data.lake import features, lake, population, sample, task_of


@pytest.fixture(scope="module")
def found() -> pl.DataFrame:
    cases = population(lake("logistics"), task_of("logistics")).sample(150, seed=9)
    return features(lake("logistics"), task_of("logistics"), cases)


def share_late(outcomes: pl.DataFrame, today: datetime, days: int) -> float | None:
    """Of the outcomes of the `days` whole days before today, the share that was late."""
    window = outcomes.filter(
        pl.col("known_on") < today.date(), pl.col("known_on") >= today.date() - timedelta(days=days)
    )
    return None if window.is_empty() else float(window["late"].mean())  # type: ignore[arg-type]


def outcomes() -> pl.DataFrame:
    missed = pl.col("delivered_at").is_null() | (pl.col("delivered_at") > pl.col("promised_at"))
    known = pl.when(missed).then("promised_at").otherwise("delivered_at")
    sent = sample("logistics").tables["shipments"].filter(pl.col("dispatched_at").is_not_null())
    return sent.with_columns(late=missed, known_on=known.dt.date())


@pytest.mark.parametrize(
    ("feature", "days", "same"),
    [
        ("carrier_late_14d", 14, ("carrier_id",)),
        ("carrier_late_90d", 90, ("carrier_id",)),
        ("depot_late_7d", 7, ("depot_id",)),
        ("lane_late_90d", 90, ("depot_id", "destination_country")),
    ],
)
def test_records_of_lateness_count_whole_days_before_dispatch(
    found: pl.DataFrame, feature: str, days: int, same: tuple[str, ...]
) -> None:
    known = outcomes()
    shipments = {row["shipment_id"]: row for row in known.iter_rows(named=True)}
    for case in found.iter_rows(named=True):
        own = shipments[case["entity_id"]]
        alike = known.filter(*[pl.col(column) == own[column] for column in same])
        expected = share_late(alike, own["dispatched_at"], days)
        assert case[feature] == (None if expected is None else pytest.approx(expected)), case["entity_id"]


def test_spare_hours_are_those_beyond_the_line_through_earlier_promises(found: pl.DataFrame) -> None:
    sent = promises()
    for case in found.head(40).iter_rows(named=True):
        own = sent.filter(pl.col("shipment_id") == case["entity_id"]).row(0, named=True)
        alike = sent.filter(
            *[pl.col(column) == own[column] for column in ("mode", "service")],
            pl.col("dispatched_at") < own["dispatched_at"].replace(hour=0, minute=0, second=0),
        )
        slope, base = np.polyfit(alike["distance_km"].to_numpy(), alike["hours"].to_numpy(), 1)
        usual = base + slope * own["distance_km"]
        assert case["spare_hours"] == pytest.approx(own["hours"] - usual, abs=1e-5)


def test_a_carriers_form_is_late_over_expected_with_what_is_recent_weighing_more(found: pl.DataFrame) -> None:
    """Expected by promises as tight, counted by brute force for one carrier's last two months."""
    everyone = features(
        lake("logistics"), task_of("logistics"), population(lake("logistics"), task_of("logistics"))
    )
    spare = dict(everyone.select("entity_id", "spare_hours").iter_rows())
    sent = promises().filter(pl.col("shipment_id").is_in(list(spare)))
    tight = [np.clip(np.round((spare[name] or 0) / 8), -4, 4) for name in sent["shipment_id"]]
    sent = sent.with_columns(tight=pl.Series(tight))
    case = found.sort("as_of").row(40, named=True)
    own = sent.filter(pl.col("shipment_id") == case["entity_id"]).row(0, named=True)
    moment = own["dispatched_at"]
    before = sent.filter(pl.col("carrier_id") == own["carrier_id"], pl.col("known_at") < moment)
    late = expected = 2.0
    for row in before.iter_rows(named=True):
        alike = sent.filter(
            pl.col("service") == row["service"],
            pl.col("tight") == row["tight"],
            pl.col("known_at").dt.date() < row["dispatched_at"].date(),
        )
        weight = 0.5 ** ((moment - row["known_at"]).total_seconds() / 86_400 / 14)
        late += weight * row["late"]
        expected += weight * (alike["late"].sum() + 1) / (len(alike) + 8)
    assert case["carrier_late_to_expected"] == pytest.approx(late / expected, rel=0.01)  # hours are whole
    alike = sent.filter(
        pl.col("service") == own["service"],
        pl.col("tight") == own["tight"],
        pl.col("known_at").dt.date() < moment.date(),
    )
    usual = (alike["late"].sum() + 1) / (len(alike) + 8)
    assert case["late_when_as_tight"] == pytest.approx(usual)
    assert case["late_to_expect"] == pytest.approx(usual * late / expected, rel=0.01)


def promises() -> pl.DataFrame:
    tables = sample("logistics").tables
    missed = pl.col("delivered_at").is_null() | (pl.col("delivered_at") > pl.col("promised_at"))
    return (
        tables["shipments"]
        .filter(pl.col("dispatched_at").is_not_null())
        .join(tables["carriers"].select("carrier_id", "mode"), on="carrier_id")
        .with_columns(
            late=missed,
            known_at=pl.when(missed).then("promised_at").otherwise("delivered_at"),
            hours=(pl.col("promised_at") - pl.col("dispatched_at")).dt.total_minutes() / 60,
        )
    )


def test_depot_load_counts_what_left_that_day_up_to_the_shipment(found: pl.DataFrame) -> None:
    tables = sample("logistics").tables
    capacity = dict(tables["depots"].select("depot_id", "daily_capacity").iter_rows())
    shipments = tables["shipments"]
    for case in found.head(60).iter_rows(named=True):
        moment = case["as_of"]
        left = shipments.filter(
            pl.col("depot_id") == case["depot"],
            pl.col("dispatched_at") <= moment,
            pl.col("dispatched_at") >= datetime(moment.year, moment.month, moment.day),
        )
        assert case["depot_load"] == pytest.approx(len(left) / capacity[case["depot"]])


def test_weight_and_dangerous_goods_come_from_the_items(found: pl.DataFrame) -> None:
    items = sample("logistics").tables["shipment_items"]
    counted = items.group_by("shipment_id").agg(
        weight=pl.col("weight_kg").sum(), dangerous=pl.col("hazardous").any()
    )
    both = found.join(counted, left_on="entity_id", right_on="shipment_id", how="left")
    assert (both["weight_kg"] - both["weight"]).abs().max() < 1e-9
    assert both["hazardous"].to_list() == both["dangerous"].to_list()


def test_a_scan_recorded_after_dispatch_is_not_known_at_dispatch() -> None:
    connection, task = lake("logistics"), task_of("logistics")
    packed_wrong = connection.execute(
        "SELECT event_id, shipment_id FROM logistics.tracking_events e"
        " JOIN logistics.shipments s USING (shipment_id)"
        " WHERE event_type = 'pick_exception' AND recorded_at <= dispatched_at ORDER BY event_id LIMIT 1"
    ).fetchone()
    assert packed_wrong
    case = population(connection, task).filter(pl.col("entity_id") == packed_wrong[1])
    assert features(connection, task, case)["pick_exception"].to_list() == [True]
    connection.execute("BEGIN")
    connection.execute(
        "UPDATE logistics.tracking_events SET recorded_at = recorded_at + INTERVAL 30 DAY WHERE event_id = ?",
        [packed_wrong[0]],
    )
    assert features(connection, task, case)["pick_exception"].to_list() == [False]
    connection.execute("ROLLBACK")


def test_a_lost_shipment_is_late() -> None:
    lost = outcomes().filter(pl.col("delivered_at").is_null())
    cases = population(lake("logistics"), task_of("logistics"))
    among = cases.filter(pl.col("entity_id").is_in(lost["shipment_id"].implode()))
    assert len(among) > 0
    assert among["label"].unique().to_list() == [1]
