"""The flow `plan`: which day of which depot, and that one trouble does not keep the rest."""

from datetime import date, datetime

import polars as pl
import pytest

from analytics.routing.tables import PLANS
from connectors.errors import AssistantError
from flows.engine import run_flow
from flows.runs import StepsFailedError, last_runs
from flows.worklist import days_to_plan, has_stock
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted
from tests.analytics.routing.lake import DAY, DEPOT, fill, stop, van
from tests.flows.test_flows import notices

SOUTH = {**DEPOT, "depot_id": "D02", "name": "South"}
NEXT, LAST = date(2026, 11, 3), date(2026, 10, 31)


def trip(depot: str, day: date) -> dict[str, object]:
    return {"trip_id": f"T{depot}{day}", "depot_id": depot, "vehicle_id": "V1", "day": day,
            "left_at": datetime(day.year, day.month, day.day, 7)}  # fmt: skip


def carrier(settings: Settings, **tables: list[dict[str, object]]) -> None:
    stops = [stop("A"), stop("B", latitude=53.6), stop("C", depot_id="D02"), stop("D", day=NEXT)]
    given = {"depots": [DEPOT, SOUTH], "fleet": [van("V1")], "stops": stops, "stop_windows": []}
    fill(settings, {**given, **tables})


def quick(settings: Settings) -> Settings:
    """The settings with a search of next to no time, as the flow will read them."""
    settings.config.write_text(settings.config.read_text() + "\n[routing]\nseconds = 0.2\n")
    return settings


def planned(settings: Settings) -> list[tuple[object, ...]]:
    if not Warehouse(settings).exists(PLANS):
        return []
    return Warehouse(settings).query(f"SELECT depot_id, day FROM {quoted(PLANS)} ORDER BY ALL").rows()


def test_the_day_to_plan_is_the_first_after_the_last_one_driven(shop: Settings) -> None:
    carrier(shop, trips=[trip("D01", LAST)])
    assert days_to_plan(shop) == {"D01": DAY, "D02": DAY}
    carrier(shop, trips=[trip("D01", LAST), trip("D01", DAY)])
    assert days_to_plan(shop) == {"D01": NEXT, "D02": DAY}


def test_without_trips_or_days_ahead_it_is_the_newest_day(shop: Settings) -> None:
    carrier(shop)  # no table of trips at all
    assert days_to_plan(shop) == {"D01": NEXT, "D02": DAY}
    carrier(shop, trips=[trip("D01", date(2026, 12, 1))])
    assert days_to_plan(shop)["D01"] == NEXT


def test_where_nothing_is_planned_nothing_is_to_do(shop: Settings, prefect: None) -> None:
    assert days_to_plan(shop) == {}
    assert not has_stock(shop)
    run_flow(shop, "plan")
    assert last_runs(shop)["plan"].state == "done"
    assert planned(shop) == []


def test_a_depot_without_vehicles_does_not_keep_the_others_from_their_plan(
    shop: Settings, prefect: None
) -> None:
    settings = quick(shop)
    carrier(settings, trips=[trip("D01", LAST)])
    with pytest.raises(StepsFailedError, match="D02"):
        run_flow(settings, "plan")
    assert planned(settings) == [("D01", DAY)]
    assert notices(settings) == {("plan_failed", "D02"): False}
    carrier(settings, trips=[trip("D01", LAST)], fleet=[van("V1"), van("V2", depot_id="D02")])
    run_flow(settings, "plan")
    assert planned(settings) == [("D01", DAY), ("D01", DAY), ("D02", DAY)]
    assert notices(settings) == {("plan_failed", "D02"): True}


def test_orders_are_proposed_though_the_forecast_fails(
    shop: Settings, prefect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def forecast_demand(_: Settings) -> pl.DataFrame:
        asked.append("demand")
        raise AssistantError("There is no demand to forecast.")

    def propose(_: Settings) -> pl.DataFrame:
        asked.append("orders")
        return pl.DataFrame({"quantity": [0, 40]})

    monkeypatch.setattr("analytics.forecasting.demand.forecast_demand", forecast_demand)
    monkeypatch.setattr("analytics.forecasting.proposals.propose", propose)
    fill(shop, {"articles": [], "demand": [], "stock": []})
    with pytest.raises(StepsFailedError, match="no demand to forecast"):
        run_flow(shop, "plan")
    assert asked == ["demand", "orders"]
    assert notices(shop) == {("plan_failed", "demand"): False}
