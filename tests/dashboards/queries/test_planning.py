"""Plans, forecasts and proposals are read whether or not the carrier's own tables are there."""

from dataclasses import replace

import polars as pl
import pytest

from dashboards.domains.logistics.plan_charts import route_map, vehicle_timeline, window_timeline
from dashboards.domains.logistics.stock_charts import demand_chart
from dashboards.queries import routes, stock
from dashboards.queries.reading import reader
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.dashboards.planned import AS_OF, DAY, EACH, furnish_plans


@pytest.fixture
def plans_alone(home: Settings) -> Warehouse:
    """A lake with the tables of plans and forecasts and nothing else."""
    warehouse = Warehouse(home)
    warehouse.write(furnish_plans)
    return warehouse


def test_the_newest_plan_is_in_force_and_stands_without_tables_of_stops(plans_alone: Warehouse) -> None:
    with plans_alone.reading() as connection:
        read = reader(connection)
        days = routes.planning_days(read)
        rows = routes.plan_in_force(read, "D1", DAY)
        none = routes.plan_in_force(read, "D2", DAY)

    assert days.select("depot_id", "depot", "day", "plan_id").rows() == [("D1", "D1", DAY, "new")]
    assert none is None
    assert rows is not None
    assert rows.plan["plan_id"] == "new"
    assert rows.stops["customer"].null_count() == 2 * EACH
    assert rows.zone == "UTC"
    # Nobody knows where the depot is: the map holds the stops alone.
    assert set(route_map(rows, "en").data["mark"]) == {"stop", "late", "unserved"}
    assert vehicle_timeline(rows, "zh").rows == ["V001", "V002"]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (9.8, "A delay of up to 9 minutes on leaving makes no stop late."),
        (1e-13, "No stop is late, but there is no time to spare on leaving."),
        (None, ""),
    ],
)
def test_the_time_to_spare_on_leaving_is_never_told_too_long(
    plans_alone: Warehouse, minutes: float | None, said: str
) -> None:
    with plans_alone.reading() as connection:
        rows = routes.plan_in_force(reader(connection), "D1", DAY)
    assert rows is not None
    in_time = rows.stops.with_columns(late_minutes=pl.lit(0.0), slack_minutes=pl.lit(minutes, pl.Float64))
    assert window_timeline(replace(rows, stops=in_time), 1, "en").sentence == said


@pytest.mark.parametrize(
    ("given", "shown"),
    [((51.5, 7.45), (51.5, 7.45)), ((7.45, 51.5), (51.5, 7.45)), ((0.0, 0.0), None), ((None, 7.45), None)],
)
def test_the_depot_stands_where_the_plan_took_it_to_be(
    plans_alone: Warehouse, given: tuple[float | None, float], shown: tuple[float, float] | None
) -> None:
    with plans_alone.reading() as connection:
        rows = routes.plan_in_force(reader(connection), "D1", DAY)
    assert rows is not None
    rows.depot.update(latitude=given[0], longitude=given[1])
    depots = route_map(rows, "en").data.filter(pl.col("mark") == "depot")

    assert set(depots.select("latitude", "longitude").rows()) == ({shown} if shown else set())


def test_proposals_and_forecasts_stand_without_tables_of_articles(plans_alone: Warehouse) -> None:
    with plans_alone.reading() as connection:
        read = reader(connection)
        proposed = stock.proposals(read)
        series = stock.forecast_series(read)
        known = stock.demand(read, "A0", "D1", AS_OF, 30)
        ahead = stock.forecast(read, "A0", "D1")

    assert proposed["name"].to_list() == ["A0", "A1"]
    assert series["depot"].to_list() == ["D1", "D1"]
    assert known.is_empty()
    assert demand_chart("A0", known, ahead, "en").groups == ["expected"]


def test_an_empty_lake_has_nothing_to_plan(home: Settings) -> None:
    with Warehouse(home).reading() as connection:
        read = reader(connection)
        assert routes.planning_days(read).is_empty()
        assert routes.plan_in_force(read, "D1", DAY) is None
        assert stock.proposals(read).is_empty()
        assert stock.forecast_series(read).is_empty()
        assert stock.policies(read).is_empty()
