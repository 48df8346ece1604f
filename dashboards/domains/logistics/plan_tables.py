"""The tables of a plan as they are shown: its vehicles, its stops, the stops that are not served."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.domains.logistics.plan_charts import arrival, route_names, window
from dashboards.domains.logistics.plan_figures import CURRENCY
from dashboards.domains.logistics.plan_files import (
    plan_facts,
    seen,
    stops_table,
    unserved_table,
    vehicles_table,
)
from dashboards.domains.logistics.plan_words import (
    clock,
    kind_of_reason,
    kind_of_stop,
    unserved_reason,
)
from dashboards.domains.logistics.plan_words import place as place_in_words
from dashboards.queries.routes import PlanRows
from dashboards.reports.report import Table
from dashboards.screens.here import Here
from dashboards.screens.parts.export import InFile, show_sentences, show_table
from dashboards.screens.parts.figure import escaped

_MOST = 30  # rows; longer tables scroll


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
            _("CO₂ (kg)"): numbers.number(route["co2_kg"], language, 0),
            _("Late stops"): _late_count(route["late_stops"], language),
        }
        for route in rows.routes.iter_rows(named=True)
    ]
    _show(here, rows, vehicles_table(here, rows), table, right=(1, 5, 6, 7, 8, 9, 10, 11))


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
        for stop in seen(here, chosen).iter_rows(named=True)
    ]
    idle = {_("Vehicle")} if route is not None else set()
    if not chosen["driven"].any():
        idle.add(_("Driven"))
    table = [{name: cell for name, cell in row.items() if name not in idle} for row in table]
    first = 0 if route is not None else 1
    right = (first, *(first + place for place in (7, 8, 9, 10)))
    told = [names[route]] if route is not None else []
    _show(here, rows, stops_table(here, replace(rows, stops=chosen)), table, right, {_("Window"): 110}, told)


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
        for stop in seen(here, rows.unserved).iter_rows(named=True)
    ]
    typed, facts = unserved_table(here, rows), plan_facts(here, rows)
    file = InFile(lambda: typed.frame, typed.columns, facts)
    show_sentences(here, typed.name, pl.DataFrame(table), title=typed.title, whole=file)


def _bold(rule: str) -> str:
    return f"**{escaped(rule)}** · "


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
        whole=InFile(lambda: typed.frame, typed.columns, plan_facts(here, rows)),
        height="content" if frame.height <= _MOST else 760,
        column_config=config,
    )
