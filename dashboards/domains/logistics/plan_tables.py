"""The tables of a plan: its vehicles, its stops, the stops that are not served. As shown and as files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.domains.logistics.plan_charts import arrival, route_names, window
from dashboards.domains.logistics.plan_figures import CURRENCY
from dashboards.domains.logistics.plan_words import (
    clock,
    kind_of_reason,
    kind_of_stop,
    unserved_reason,
)
from dashboards.domains.logistics.plan_words import place as place_in_words
from dashboards.queries.routes import PlanRows
from dashboards.reports.report import Column, Fact, Table
from dashboards.reports.sheets import workbook
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, masked
from dashboards.screens.parts.export import InFile, note, show_sentences, show_table
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.person import person

_MOST = 30  # rows; longer tables scroll
_PERSONAL = (Shown("customer", "logistics.stops"), Shown("street", "logistics.stops"))


def show_vehicles(here: Here, rows: PlanRows) -> None:
    """A line for each route."""
    _, language, zone = here.say, here.language, rows.zone
    names = route_names(rows)
    table = [
        {
            _("Vehicle"): names[route["route"]],
            _("Stops"): numbers.integer(route["stops"], language),
            _("Leaves"): clock(route["starts_at"], zone),
            _("Back"): clock(route["ends_at"], zone),
            _("Shift"): _shift(route, zone),
            _("Distance (km)"): numbers.number(route["distance_km"], language, 1),
            _("Driving (h)"): numbers.number(route["driving_hours"], language, 1),
            _("Waiting (h)"): numbers.number(route["waiting_hours"], language, 1),
            _("Fullest load"): numbers.percent(route["load_share"], language, 0),
            _("Cost ({currency})").format(currency=CURRENCY): numbers.number(route["cost"], language, 0),
            _("CO2 (kg)"): numbers.number(route["co2_kg"], language, 0),
            _("Late stops"): _late_count(route["late_stops"], language),
        }
        for route in rows.routes.iter_rows(named=True)
    ]
    _show(here, rows, _vehicles_table(here, rows), table, right=(1, 5, 6, 7, 8, 9, 10, 11))


def show_stops(here: Here, rows: PlanRows, route: int | None) -> None:
    """The stops in the order they are driven, of one route or of all."""
    _, language, zone = here.say, here.language, rows.zone
    names = route_names(rows)
    chosen = rows.stops if route is None else rows.stops.filter(pl.col("route") == route)
    table = [
        {
            _("Vehicle"): names[stop["route"]],
            _("No."): numbers.integer(stop["position"], language),
            _("Stop"): stop["stop_id"],
            _("Customer"): stop["customer"] or numbers.ABSENT,
            _("Street"): stop["street"] or numbers.ABSENT,
            _("Arrival, nine in ten"): arrival(stop, zone),
            _("Window"): window(stop, zone) or numbers.ABSENT,
            _("Late"): _late(here, stop["late_minutes"]),
            _("May slip (min)"): numbers.number(stop["slack_minutes"], language, 0),
            _("Waiting (min)"): numbers.number(stop["waiting_minutes"], language, 0),
            _("Service (min)"): numbers.number(stop["service_minutes"], language, 0),
            _("Load after"): numbers.percent(stop["load_share"], language, 0),
            _("Task"): kind_of_stop(stop["kind"] or "", _),
            _("Kind of place"): place_in_words(stop["place"], _) or numbers.ABSENT,
            _("Driven"): "✓" if stop["driven"] else "",
        }
        for stop in _seen(here, chosen).iter_rows(named=True)
    ]
    idle = {_("Vehicle")} if route is not None else set()
    if not chosen["driven"].any():
        idle.add(_("Driven"))
    table = [{name: cell for name, cell in row.items() if name not in idle} for row in table]
    first = 0 if route is not None else 1
    right = (first, *(first + place for place in (7, 8, 9, 10)))
    told = [names[route]] if route is not None else []
    _show(here, rows, _stops_table(here, replace(rows, stops=chosen)), table, right, {_("Window"): 110}, told)


def show_unserved(here: Here, rows: PlanRows) -> None:
    """The stops that are left out, each with the rule that binds in plain words."""
    _, language, zone = here.say, here.language, rows.zone
    if rows.unserved.is_empty():
        st.success(_("Every stop is served."), icon=":material/check_circle:")
        return
    table = [
        {
            _("Stop"): escaped(stop["stop_id"]),
            _("Why it is not served"): _bold(kind_of_reason(stop["binds"], _))
            + escaped(unserved_reason(stop["binds"], stop["detail"], language, zone)),
            _("Customer"): escaped(stop["customer"] or numbers.ABSENT),
        }
        for stop in _seen(here, rows.unserved).iter_rows(named=True)
    ]
    typed, facts = _unserved_table(here, rows), _plan_facts(here, rows)
    file = InFile(lambda: typed.frame, typed.columns, facts)
    show_sentences(here, typed.name, pl.DataFrame(table), title=typed.title, whole=file)


def _bold(rule: str) -> str:
    return f"**{escaped(rule)}** · "


def offer_plan_file(here: Here, rows: PlanRows) -> None:
    """The whole plan as a workbook."""
    _ = here.say
    stem = f"routes-{rows.plan['depot_id']}-{rows.plan['day']:%Y-%m-%d}"

    def made() -> bytes:
        note(here, "plan", {"what": "routes", "format": "xlsx", "plan": rows.plan["plan_id"]}, person(here))
        return plan_workbook(here, rows)

    st.download_button(
        _("Plan (XLSX)"),
        made,
        file_name=f"{stem}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        icon=":material/download:",
    )


def plan_workbook(here: Here, rows: PlanRows) -> bytes:
    """A sheet for the vehicles, one for the stops, one for those not served; times on the depot's clock."""
    _ = here.say
    tables = [_vehicles_table(here, rows), _stops_table(here, rows)]
    if not rows.unserved.is_empty():
        tables.append(_unserved_table(here, rows))
    made = rows.plan["made_at"].replace(tzinfo=UTC)
    return workbook(_("Routes"), tables, _plan_facts(here, rows), made, here.language)


def _plan_facts(here: Here, rows: PlanRows) -> tuple[Fact, ...]:
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


def _vehicles_table(here: Here, rows: PlanRows) -> Table:
    _ = here.say
    frame = _on_the_clock(_named(rows, rows.routes), rows.zone)
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
        Column("co2_kg", _("CO2"), "number", "kg"),
        Column("late_stops", _("Late stops"), "integer"),
    )
    return Table("vehicles", _("Vehicles"), columns, frame)


def _stops_table(here: Here, rows: PlanRows) -> Table:
    _ = here.say
    frame = _on_the_clock(_named(rows, _seen(here, rows.stops)), rows.zone)
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
    return Table("stops", _("Stops"), columns, frame)


def _unserved_table(here: Here, rows: PlanRows) -> Table:
    _ = here.say
    told = [
        unserved_reason(stop["binds"], stop["detail"], here.language, rows.zone)
        for stop in rows.unserved.iter_rows(named=True)
    ]
    frame = _seen(here, rows.unserved).with_columns(pl.Series("reason", told, dtype=pl.String))
    columns = (
        Column("stop_id", _("Stop")),
        Column("reason", _("Why it is not served")),
        Column("customer", _("Customer")),
        Column("street", _("Street")),
        Column("kg", _("Weight"), "number", "kg"),
    )
    return Table("unserved", _("Not served"), columns, frame)


def _seen(here: Here, frame: pl.DataFrame) -> pl.DataFrame:
    """Customers and streets as this role may see them."""
    return masked(here, frame, _PERSONAL)


def _named(rows: PlanRows, frame: pl.DataFrame) -> pl.DataFrame:
    names = route_names(rows)
    return frame.with_columns(
        pl.col("route")
        .replace_strict(list(names), list(names.values()), return_dtype=pl.String)
        .alias("name")
    )


def _on_the_clock(frame: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Moments as the depot's clock shows them."""
    moments = [name for name, kind in frame.schema.items() if kind == pl.Datetime]
    local = (
        pl.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
        for name in moments
    )
    return frame.with_columns(local)


def _shift(route: dict[str, datetime | None], zone: str) -> str:
    ends = [route["shift_starts_at"], route["shift_ends_at"]]
    return "–".join(clock(each, zone) if each else "" for each in ends)


def _late_count(late: int, language: str) -> str:
    return f"⚠ {numbers.integer(late, language)}" if late else numbers.integer(late, language)


def _late(here: Here, minutes: float) -> str:
    _ = here.say
    if not minutes > 0:
        return ""
    return "⚠ " + _("{minutes} min").format(minutes=numbers.number(max(1.0, minutes), here.language, 0))


def _show(
    here: Here,
    rows: PlanRows,
    typed: Table,
    written: Sequence[dict[str, str]],
    right: Sequence[int] = (),
    widths: Mapping[str, int] = MappingProxyType({}),
    told: Sequence[str] = (),
) -> None:
    """Rows of written cells, in files `typed`; the columns at `right` are numbers, those of `widths` so many
    pixels wide.
    """
    frame = pl.DataFrame(list(written))
    config = {frame.columns[place]: st.column_config.TextColumn(alignment="right") for place in right}
    config |= {name: st.column_config.TextColumn(width=width) for name, width in widths.items()}
    show_table(
        here,
        typed.name,
        frame,
        told,
        title=typed.title,
        whole=InFile(lambda: typed.frame, typed.columns, _plan_facts(here, rows)),
        height="content" if frame.height <= _MOST else 760,
        column_config=config,
    )
