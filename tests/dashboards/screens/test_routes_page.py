"""The page of routes: a plan against today's, one vehicle against its windows, who sees names, the search."""

from datetime import datetime

import fastexcel
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.domains.logistics.plan_files import plan_workbook
from dashboards.queries.reading import reader
from dashboards.queries.routes import plan_in_force
from dashboards.screens.here import Here
from dashboards.wording import say
from pipelines.settings import Settings
from pipelines.store import Audit, Store
from pipelines.warehouse import Warehouse
from tests.dashboards.planned import DAY, EACH, UNPLANNED, VEHICLES
from tests.dashboards.screens.conftest import Visit, plain

TABS = ("Vehicles", "Stops", "What if …", "Replan the day", "How it was made")


def _open(app: AppTest, tab: str) -> AppTest:
    app.session_state["routes-tabs"] = tab
    return app.run()


def _table(app: AppTest) -> pl.DataFrame:
    """The table of the open tab."""
    return pl.from_pandas(app.dataframe[-1].value)


def _plans(settings: Settings) -> pl.DataFrame:
    return Warehouse(settings).query("FROM plans.plans ORDER BY made_at")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_of_the_page_is_drawn(full_home: Settings, visit: Visit, language: str) -> None:
    _ = say(language)
    app = visit("routes", lang=language)
    assert app.title[0].value == _("Routes")
    for tab in (*map(_, TABS), _("Not served ({count})").format(count=1)):
        _open(app, tab)
        assert not app.error, tab
        assert not app.exception, tab


def test_the_newest_plan_is_told_against_today(full_home: Settings, visit: Visit) -> None:
    app = visit("routes")
    figures = {metric.label: (metric.value, metric.delta) for metric in app.metric}
    said = plain(app)

    assert figures["Distance"] == ("100 km", "25 km less (-20%)")
    assert figures["Late stops"] == ("1", "2 less")
    assert figures["Cost"] == ("EUR 400", "as today")
    assert "rules that nobody checks today: capacity 1×." in said
    assert "Travel times: speeds learned from 1234 legs" in said
    assert "Arrival intervals: from the model v1." in said
    assert list(_table(app)["Vehicle"]) == list(VEHICLES)
    assert list(_table(app)["Late stops"]) == ["0", "⚠ 1"]


def test_a_stop_left_out_is_said_with_the_rule_that_binds(full_home: Settings, visit: Visit) -> None:
    told = _open(visit("routes", lang="en"), "Not served (1)").table[-1].value

    assert list(told["Stop"]) == ["02-8"]
    assert list(told["Why it is not served"]) == [
        "**capacity** · It needs 950 kg; the largest vehicle holds 800 kg."
    ]


def test_one_vehicle_is_shown_against_its_windows(full_home: Settings, visit: Visit) -> None:
    app = visit("routes")
    app.selectbox("choose-vehicle").set_value(VEHICLES[1]).run()
    stops = _table(_open(app, "Stops"))

    assert "Stops against their windows" in plain(app)
    assert stops.height == EACH
    # 07:50 UTC is 08:50 in winter Berlin, where the depot is.
    assert stops["Arrival, nine in ten"][0] == "08:50 (08:41–09:06)"
    assert stops["Window"][0] == "08:30–09:20"
    assert stops["Late"].to_list() == ["", "", "⚠ 5 min", ""]


def test_a_link_opens_the_same_day_and_vehicle(full_home: Settings, visit: Visit) -> None:
    app = visit("routes", day=str(UNPLANNED), vehicle="gone")
    assert app.selectbox("choose-day").value == str(UNPLANNED)
    app.selectbox("choose-day").set_value(str(DAY)).run()
    assert "vehicle" not in app.query_params  # it stood for one of another day
    app.selectbox("choose-vehicle").set_value(VEHICLES[1]).run()
    assert app.query_params["vehicle"] == VEHICLES[1]
    assert "Stops against their windows" in plain(visit("routes", vehicle=VEHICLES[1]))


def test_customers_are_masked_for_an_analyst_and_shown_to_a_caseworker(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    masked = _table(_open(visit("routes"), "Stops"))
    monkeypatch.setenv("SDA_ROLE", "caseworker")
    clear = _table(_open(visit("routes"), "Stops"))

    assert set(masked["Customer"]) == {"Z."}
    assert set(masked["Street"]) == {"•••"}
    assert set(clear["Street"]) == {"1 Secret Lane"}


def test_the_workbook_holds_the_plan_on_the_depots_clock_and_masked(full_home: Settings) -> None:
    here = Here(full_home, "en")
    with here.warehouse.reading() as connection:
        rows = plan_in_force(reader(connection), "D1", DAY)
    assert rows is not None
    book = fastexcel.read_excel(plan_workbook(here, rows))
    vehicles, stops, left = (book.load_sheet(number).to_polars() for number in range(3))

    assert vehicles["Leaves"][0] == datetime(2026, 11, 2, 8)
    assert stops.height == 2 * EACH
    assert stops["Arrival, lower bound"][0] == datetime(2026, 11, 2, 8, 41)
    assert set(stops["Customer"]) == {"Z."}
    assert left["Why it is not served"][0].startswith("It needs 950 kg")


def test_a_day_is_planned_tried_out_and_replanned(own_home: Settings, visit: Visit) -> None:
    app = visit("routes")
    app.selectbox("choose-day").set_value(str(UNPLANNED)).run()
    assert "9 stops wait for one" in plain(app)

    app.number_input("routes-seconds").set_value(1.0)
    next(button for button in app.button if button.label == "Plan this day").click().run()
    assert not app.error
    first = _plans(own_home).filter(pl.col("day") == UNPLANNED)
    assert first.height == 1
    assert first["stops"][0] + first["unserved"][0] == 9

    _open(app, "What if …").number_input("what-if-seconds").set_value(0.5)
    next(button for button in app.button if button.label == "Try it").click().run()
    tried = _table(app)
    assert not app.error
    assert tried.filter(pl.col("Figure") == "Vehicles used")["Then"][0] == "1"
    assert _plans(own_home).filter(pl.col("day") == UNPLANNED).equals(first)  # nothing of it is stored

    _open(app, "Replan the day").number_input("replan-seconds").set_value(0.5)
    next(button for button in app.button if button.label.startswith("Replan")).click().run()
    after = _plans(own_home).filter(pl.col("day") == UNPLANNED)
    assert not app.error
    assert after["replaces"].to_list() == [None, first["plan_id"][0]]
    with Store(own_home).session() as session:
        done = [row.action for row in session.query(Audit) if row.action.startswith("routes.")]
    assert done == ["routes.plan", "routes.replan"]
    assert "Replanned. Against the plan before" in plain(app)
    assert set(_table(_open(app, "Stops"))["Driven"]) == {"✓"}  # two hours later everything was


def test_without_stops_the_page_says_what_to_do(home: Settings, visit: Visit) -> None:
    app = visit("routes")

    assert not app.error
    assert "sda demo" in plain(app)
