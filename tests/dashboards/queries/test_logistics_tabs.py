"""On-time rates and causes of delay, held against the same counts in Polars."""

from datetime import date, datetime

import polars as pl
import pytest

from analytics.evaluation import wilson
from dashboards.queries.logistics_causes import Late, delay_causes, latest
from dashboards.queries.logistics_punctuality import By, on_time, on_time_by_month
from dashboards.queries.reading import reader
from pipelines.logistics.delay_causes import LABELS
from tests.sample_data.lake import lake, sample, task_of

SINCE, UNTIL = date(2026, 8, 2), date(2026, 10, 30)
TASK = task_of("logistics")


def _settled() -> pl.DataFrame:
    tables = sample("logistics").tables
    sent = tables["shipments"].filter(
        pl.col("dispatched_at").is_not_null(),
        pl.col("promised_at") >= datetime(2026, 8, 2),
        pl.col("promised_at") < datetime(2026, 10, 31),
    )
    carriers = tables["carriers"].select("carrier_id", carrier="name")
    depots = tables["depots"].select("depot_id", depot="name")
    return (
        sent.join(carriers, on="carrier_id")
        .join(depots, on="depot_id")
        .with_columns(
            city="destination_city",
            country="destination_country",
            kept=(pl.col("delivered_at") <= pl.col("promised_at")).fill_null(value=False),
        )
    )


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("carrier", ["carrier"]),
        ("city", ["depot", "city"]),
        ("country", ["depot", "country"]),
        ("service", ["service"]),
    ],
)
def test_on_time_rates_are_those_of_the_shipments_promised_in_these_days(by: By, keys: list[str]) -> None:
    found = on_time(reader(lake("logistics")), TASK, SINCE, UNTIL, by)

    expected = _settled().group_by(keys).agg(pl.len(), pl.col("kept").sum()).sort(keys)
    names = ["name", "towards"][: len(keys)]
    assert sorted(found.select(*names, "shipments", "on_time").rows()) == sorted(expected.rows())
    for row in found.iter_rows(named=True):
        low, high = wilson(row["on_time"] / row["shipments"], row["shipments"])
        assert (row["lower"], row["upper"]) == pytest.approx((low, high), abs=1e-4)


def test_the_rate_of_all_and_of_months() -> None:
    read, settled = reader(lake("logistics")), _settled()

    [row] = on_time(read, TASK, SINCE, UNTIL).to_dicts()
    months = on_time_by_month(read, TASK, UNTIL, 2, "service")

    assert (row["shipments"], row["on_time"]) == (settled.height, settled["kept"].sum())
    late = settled.filter(pl.col("promised_at") >= datetime(2026, 9, 1))
    expected = late.group_by(pl.col("promised_at").dt.month_start().dt.date(), "service").agg(
        pl.len(), pl.col("kept").sum()
    )
    assert sorted(months.select("month", "name", "shipments", "on_time").rows()) == sorted(expected.rows())


def test_days_without_a_promise_have_no_rate() -> None:
    assert on_time(reader(lake("logistics")), TASK, date(2020, 1, 1), date(2020, 2, 1)).is_empty()


def test_causes_share_all_hours_late_and_every_shipment_has_one_main_cause() -> None:
    read, settled = reader(lake("logistics")), _settled()
    everything = delay_causes(read, TASK, Late(SINCE, UNTIL))
    late = settled.filter(~pl.col("kept"))

    hours = late.select(
        (
            pl.min_horizontal(
                pl.col("delivered_at").fill_null(datetime(2026, 10, 31)), datetime(2026, 10, 31)
            )
            - pl.col("promised_at")
        )
        .dt.total_minutes()
        .sum()
    ).item()
    assert everything["share"].sum() == pytest.approx(1)
    assert everything["minutes"].sum() == pytest.approx(hours)
    assert everything["main"].sum() == late.height
    assert everything["cause"].to_list() == [
        cause for cause in LABELS if cause in everything["cause"].to_list()
    ]
    by_depot = [
        delay_causes(read, TASK, Late(SINCE, UNTIL, depot=depot))
        for depot in sorted(late["depot_id"].unique())
    ]
    assert pl.concat(by_depot)["minutes"].sum() == pytest.approx(everything["minutes"].sum())


def test_the_shipments_behind_a_cause_are_those_it_held_up_longest() -> None:
    read = reader(lake("logistics"))

    found = latest(read, TASK, Late(SINCE, UNTIL, carrier="K05"), "late_dispatch", 10)

    carrier = dict(sample("logistics").tables["carriers"].select("carrier_id", "name").iter_rows())["K05"]
    assert set(found["carrier"]) == {carrier}
    assert set(found["cause"]) == {"late_dispatch"}
    assert found["minutes"].is_sorted(descending=True)
    assert found["shipment_id"].n_unique() == found.height == 10
