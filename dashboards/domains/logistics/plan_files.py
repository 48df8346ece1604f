"""A plan as files: its vehicles, its stops, the stops that are not served, typed and on the depot's clock."""

from datetime import UTC

import polars as pl

from dashboards import numbers
from dashboards.domains.logistics.plan_charts import route_names
from dashboards.domains.logistics.plan_figures import CURRENCY
from dashboards.domains.logistics.plan_words import unserved_reason
from dashboards.queries.routes import PlanRows
from dashboards.reports.report import Column, Fact, Table
from dashboards.reports.sheets import workbook
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, masked
from dashboards.screens.parts.export import offer_file

_PERSONAL = (Shown("customer", "logistics.stops"), Shown("street", "logistics.stops"))


def offer_plan_file(here: Here, rows: PlanRows) -> None:
    """The whole plan as a workbook."""
    _ = here.say
    offer_file(
        here,
        _("Plan (XLSX)"),
        lambda: plan_workbook(here, rows),
        "plan",
        {"what": "routes", "format": "xlsx", "plan": rows.plan["plan_id"]},
        file_name=f"routes-{rows.plan['depot_id']}-{rows.plan['day']:%Y-%m-%d}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        icon=":material/download:",
        key="plan-file",
    )


def plan_workbook(here: Here, rows: PlanRows) -> bytes:
    """A sheet for the vehicles, one for the stops, one for those not served; times on the depot's clock."""
    _ = here.say
    tables = [vehicles_table(here, rows), stops_table(here, rows)]
    if not rows.unserved.is_empty():
        tables.append(unserved_table(here, rows))
    made = rows.plan["made_at"].replace(tzinfo=UTC)
    return workbook(_("Routes"), tables, plan_facts(here, rows), made, here.language)


def plan_facts(here: Here, rows: PlanRows) -> tuple[Fact, ...]:
    """Which plan a file is of."""
    _ = here.say
    made = rows.plan["made_at"].replace(tzinfo=UTC)
    return (
        Fact(_("Depot"), str(rows.depot["name"])),
        Fact(_("Day"), numbers.day(rows.plan["day"], here.language)),
        Fact(_("Planned at"), numbers.moment(made, here.language, here.zone)),
        Fact(_("Time zone"), rows.zone),
        Fact(_("Number of the plan"), str(rows.plan["plan_id"])),
    )


def told_of(here: Here, rows: PlanRows) -> list[str]:
    """Which depot and day a plan is of, to stand among the filters of what shows a part of it."""
    return [str(rows.depot["name"]), numbers.day(rows.plan["day"], here.language)]


def vehicles_table(here: Here, rows: PlanRows) -> Table:
    """A row for each vehicle."""
    _ = here.say
    columns = (
        Column("name", _("Vehicle")),
        Column("stops", _("Stops"), "integer"),
        Column("starts_at", _("Leaves"), "moment"),
        Column("ends_at", _("Back"), "moment"),
        Column("distance_km", _("Distance"), "number", "km"),
        Column("driving_hours", _("Driving"), "number", "h"),
        Column("waiting_hours", _("Waiting"), "number", "h"),
        Column("duration_hours", _("On the road"), "number", "h"),
        Column("load_share", _("Fullest load"), "percent"),
        Column("cost", _("Cost"), "number", CURRENCY),
        Column("co2_kg", _("CO₂"), "number", "kg"),
        Column("late_stops", _("Late stops"), "integer"),
    )
    return Table("vehicles", _("Vehicles"), columns, _of_vehicles(rows, rows.routes))


def stops_table(here: Here, rows: PlanRows) -> Table:
    """A row for each stop, in the order they are driven."""
    _ = here.say
    columns = (
        Column("name", _("Vehicle")),
        Column("position", _("No."), "integer"),
        Column("stop_id", _("Stop")),
        Column("customer", _("Customer")),
        Column("street", _("Street")),
        Column("arrives_at", _("Arrival"), "moment", lower="lower_at", upper="upper_at"),
        Column("opens_at", _("Window opens"), "moment"),
        Column("closes_at", _("Window closes"), "moment"),
        Column("late_minutes", _("Late"), "number", "min"),
        Column("slack_minutes", _("May slip"), "number", "min"),
        Column("waiting_minutes", _("Waiting"), "number", "min"),
        Column("service_minutes", _("Service"), "number", "min"),
        Column("leg_km", _("Way there"), "number", "km"),
        Column("load_share", _("Load after"), "percent"),
        Column("kg", _("Weight"), "number", "kg"),
        Column("latitude", _("Latitude"), "number"),
        Column("longitude", _("Longitude"), "number"),
    )
    return Table("stops", _("Stops"), columns, _of_vehicles(rows, seen(here, rows.stops)))


def unserved_table(here: Here, rows: PlanRows) -> Table:
    """The stops that are left out, each with the reason in a sentence."""
    _ = here.say
    told = [
        unserved_reason(stop["binds"], stop["detail"], here.language, rows.zone)
        for stop in rows.unserved.iter_rows(named=True)
    ]
    frame = seen(here, rows.unserved).with_columns(pl.Series("reason", told, dtype=pl.String))
    columns = (
        Column("stop_id", _("Stop")),
        Column("reason", _("Why it is not served")),
        Column("customer", _("Customer")),
        Column("street", _("Street")),
        Column("kg", _("Weight"), "number", "kg"),
    )
    return Table("unserved", _("Not served"), columns, frame)


def seen(here: Here, frame: pl.DataFrame) -> pl.DataFrame:
    """Customers and streets as this role may see them."""
    return masked(here, frame, _PERSONAL)


def _of_vehicles(rows: PlanRows, frame: pl.DataFrame) -> pl.DataFrame:
    """With the `name` of each row's vehicle, and moments as the depot's clock shows them."""
    names = route_names(rows)
    name = pl.col("route").replace_strict(list(names), list(names.values()), return_dtype=pl.String)
    moments = pl.selectors.datetime().dt.replace_time_zone("UTC")
    return frame.with_columns(
        name.alias("name"), moments.dt.convert_time_zone(rows.zone).dt.replace_time_zone(None)
    )
