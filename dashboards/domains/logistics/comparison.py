"""Another plan beside the one in force: what it would cost, what it would leave out, how it would look."""

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from dashboards.domains.logistics.plan_charts import route_map
from dashboards.domains.logistics.plan_figures import change, figures
from dashboards.domains.logistics.plan_files import told_of
from dashboards.domains.logistics.plan_words import unserved_reason
from dashboards.queries.reading import reader
from dashboards.queries.routes import PlanRows, plan_rows
from dashboards.screens.here import Here
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.figure import escaped, show_figure

if TYPE_CHECKING:
    from analytics.routing.plan import Plan

_MOST = 12


def with_places(here: Here, made: "Plan") -> PlanRows:
    """A plan just made, with what is known of its stops."""
    with here.warehouse.reading() as connection:
        return plan_rows(
            reader(connection), made.plans.row(0, named=True), made.routes, made.stops, made.unserved
        )


def show_comparison(here: Here, now: PlanRows, then: PlanRows, titles: tuple[str, str]) -> None:
    """The figures of both under their `titles`, and stops that are no longer served with the reason."""
    _, language = here.say, here.language
    table = pl.DataFrame(
        {
            _("Figure"): [each.label for each in figures(language)],
            titles[0]: [each.write(now.plan[each.name]) for each in figures(language)],
            titles[1]: [each.write(then.plan[each.name]) for each in figures(language)],
            _("Difference"): [change(each, then.plan, now.plan) for each in figures(language)],
        }
    )
    sides = zip(titles, (now.plan, then.plan), strict=True)
    typed = pl.DataFrame(
        {_("Figure"): [each.heading for each in figures(language)]}
        | {title: [_number(plan[each.name]) for each in figures(language)] for title, plan in sides}
    )
    right = {title: st.column_config.TextColumn(alignment="right") for title in table.columns[1:]}
    show_table(
        here,
        "plans-compared",
        table,
        told_of(here, now),
        title=" / ".join(titles),
        whole=lambda: typed,
        column_config=right,
    )
    _show_left_out(here, now, then)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def show_routes(here: Here, plan: PlanRows, title: str) -> None:
    """The map of a plan that is not the one of the page."""
    with st.expander(title):
        chart = replace(route_map(plan, here.language), name="map-beside")
        show_figure(here, chart, told=[*told_of(here, plan), title])


def _show_left_out(here: Here, now: PlanRows, then: PlanRows) -> None:
    _ = here.say
    more = then.unserved.filter(~pl.col("stop_id").is_in(now.unserved["stop_id"].to_list()))
    if more.is_empty():
        return
    st.markdown("**" + _("No longer served") + "**")
    lines = [
        f"- {escaped(stop['stop_id'])}: "
        + escaped(unserved_reason(stop["binds"], stop["detail"], here.language, then.zone))
        for stop in more.head(_MOST).iter_rows(named=True)
    ]
    if more.height > _MOST:
        lines.append("- " + _("and {count} more").format(count=more.height - _MOST))
    st.markdown("\n".join(lines))
