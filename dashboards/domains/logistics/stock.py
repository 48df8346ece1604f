"""The storekeeper's page: what to order today and why, the demand ahead, and whether the policy pays."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.domains.logistics.plan_words import proposal as in_a_sentence
from dashboards.domains.logistics.stock_charts import demand_chart, policy_costs, policy_names
from dashboards.domains.logistics.stock_tables import (
    CURRENCY,
    policies_figures,
    policies_table,
    proposals_facts,
    proposals_table,
    shown_proposals,
)
from dashboards.queries import stock as queries
from dashboards.screens.address import name_in_address
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_also, choose_listed, look_for
from dashboards.screens.parts.export import InFile, Searched, show_table
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.planning import Screen
from dashboards.wording import Say, with_commas

_HISTORY = 90  # days
_LIKELY = 0.5  # probability of running out from which an article counts as at risk
_SHOWN = 200
_SERIES = "series"  # its name in the address
_WRAPPED = 66  # pixels of a row: Streamlit breaks lines in cells from 65 on


def _title(_: Say) -> str:
    return _("Stock")


def _draw(here: Here) -> None:
    _ = here.say
    st.title(_title(_), anchor=False)
    st.markdown(_("What to order today and why, the demand to expect, and what the policy would have cost."))
    rows = here.ask(queries.proposals)
    series = here.ask(queries.forecast_series)
    if rows.is_empty() and series.is_empty():
        st.info(_("There are no proposals and no forecasts yet."), icon=":material/inbox:")
        st.markdown(
            _(
                "Run `sda stock propose`, or `sda demo` to see it with sample data. It needs the tables "
                "logistics.articles, logistics.demand and logistics.stock."
            )
        )
        return
    if not rows.is_empty():
        _show_proposals(here, rows)
    _show_demand(here, rows, series)
    _show_policies(here)


def _show_proposals(here: Here, rows: pl.DataFrame) -> None:
    _, language = here.say, here.language
    st.caption(_("As the stock stood on {day}.").format(day=numbers.day(rows["as_of"][0], language)))
    show_headlines(_headlines(here, rows))
    st.header(_("Order proposals"), anchor=False)
    chosen, told = _filtered(here, rows)
    if chosen.is_empty():
        st.info(
            _("No article passes these filters. Take one away to see more."), icon=":material/filter_alt_off:"
        )
        return
    cost = float(chosen["cost"].sum() or 0)
    words = _("Shown: {articles}, {cost} in all. Choose a row to see its demand below.")
    st.caption(
        escaped(
            words.format(
                articles=numbers.integer(chosen.height, language),
                cost=numbers.money(cost, CURRENCY, language),
            )
        )
    )
    _show_list(here, chosen, told)


def _headlines(here: Here, rows: pl.DataFrame) -> list[Headline]:
    _, language = here.say, here.language
    ordered = rows.filter(pl.col("quantity") > 0)
    budget = here.settings.stock.budget
    waiting = rows.filter(pl.col("why").is_in(["budget", "too_dear"])).height
    limit = (
        "" if budget is None else _("of {budget}").format(budget=numbers.money(budget, CURRENCY, language))
    )
    return [
        Headline(
            _("Orders today"),
            numbers.integer(ordered.height, language),
            note=_("of {lines} articles and depots").format(lines=numbers.integer(rows.height, language)),
        ),
        Headline(_("Units"), numbers.number(float(ordered["quantity"].sum() or 0), language, 0)),
        Headline(
            _("Cost of the orders"),
            numbers.money(float(ordered["cost"].sum() or 0), CURRENCY, language),
            _("Goods and the cost of ordering, for all depots."),
            limit,
        ),
        Headline(
            _("Likely to run out"),
            numbers.integer(int((rows["urgency"] >= _LIKELY).sum()), language),
            _("More likely than not without stock before an order placed tomorrow would arrive."),
        ),
        Headline(
            _("Wait for the budget"),
            numbers.integer(waiting, language),
            _("Would be ordered if the budget of the day allowed it."),
        ),
    ]


def _filtered(here: Here, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The proposals that pass what was chosen, and that in words."""
    _ = here.say
    told = []
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        depot = _choice(here, "depot", _("Depot"), rows["depot"], _("all"))
        family = _choice(here, "family", _("Product family"), rows["family"], _("all"))
        search = look_for("find", _("Find an article"), _("name or number"), 190)
        every = choose_also("also", _("Also what needs no order"))
    if depot:
        rows = rows.filter(pl.col("depot") == depot)
        told.append(_("Depot") + f": {depot}")
    if family:
        rows = rows.filter(pl.col("family") == family)
        told.append(_("Product family") + f": {family}")
    if words := search.lower():
        named = [
            pl.col(each).str.to_lowercase().str.contains(words, literal=True) for each in ("name", "sku")
        ]
        rows = rows.filter(pl.any_horizontal(named))
        told.append(Searched(_("Find an article") + f": {words}"))
    if every:
        return rows, [*told, _("Also what needs no order")]
    return rows.filter(pl.col("quantity") > 0), told


def _choice(here: Here, name: str, label: str, values: pl.Series, everything: str) -> str:
    """A filter on a column, "" for all; nothing where there is nothing to choose between."""
    options: list[str] = values.drop_nulls().unique().sort().to_list()
    if len(options) < 2:
        return ""
    return choose_listed(here, name, label, {"": everything, **{each: each for each in options}}, width=200)


def _show_list(here: Here, rows: pl.DataFrame, told: list[str]) -> None:
    _, language = here.say, here.language
    shown = rows.head(_SHOWN)
    table, right = shown_proposals(shown, language)
    head = proposals_table(rows.head(0), language)
    facts = proposals_facts(rows, language, here.zone)
    config: dict[str, Any] = {name: st.column_config.TextColumn(alignment="right") for name in right}
    config[_("Because")] = st.column_config.TextColumn(width="large")
    key = "stock-proposals"

    def opened() -> None:
        chosen = st.session_state[key]["selection"]
        places = chosen["rows"] or [row for row, _column in chosen["cells"]]
        if places:
            line = shown.row(places[0], named=True)
            name_in_address(_SERIES, _series_name(line))

    show_table(
        here,
        head.name,
        table,
        told,
        title=head.title,
        whole=InFile(lambda: proposals_table(rows, language).frame, head.columns, facts),
        key=key,
        column_config=config,
        height="content" if shown.height <= 12 else 700,
        row_height=_WRAPPED,
        on_select=opened,
        selection_mode=["single-row", "single-cell"],
    )
    if rows.height > _SHOWN:
        st.caption(
            _("The first {shown} are shown; the files hold all.").format(
                shown=numbers.integer(_SHOWN, language)
            )
        )


def _show_demand(here: Here, rows: pl.DataFrame, series: pl.DataFrame) -> None:
    """The demand of one article at one depot, known and expected."""
    _ = here.say
    if series.is_empty():
        return
    st.header(_("Demand and forecast"), anchor=False)
    known = {_series_name(row): row for row in series.iter_rows(named=True)}
    first = "" if rows.is_empty() else _series_name(rows.row(0, named=True))
    titles = {name: f"{row['name']} · {row['depot']} ({row['sku']})" for name, row in known.items()}
    chosen = known[
        choose_listed(
            here,
            _SERIES,
            _("Article and depot"),
            titles,
            width=420,
            default=first if first in known else None,
        )
    ]
    sku, depot = chosen["sku"], chosen["depot_id"]
    ahead = here.ask(queries.forecast, sku, depot)
    past = here.ask(queries.demand, sku, depot, ahead["as_of"][0], _HISTORY)
    show_figure(here, demand_chart(chosen["name"], past, ahead, here.language))
    st.caption(
        escaped(
            _("The band holds nine in ten days. Method: {method}.").format(
                method=with_commas(ahead["method"].drop_nulls().unique().sort(), here.language)
            )
        )
    )
    own = rows.filter((pl.col("sku") == sku) & (pl.col("depot_id") == depot)) if rows.height else rows
    if own.height:
        row = own.row(0, named=True)
        st.markdown(escaped(in_a_sentence(row, row["name"], here.language)))


def _series_name(row: Mapping[str, Any]) -> str:
    """What the demand of an article at a depot is called in the address."""
    return f"{row['sku']} {row['depot_id']}"


def _show_policies(here: Here) -> None:
    """What ordering by forecast would have cost beside the policy in use, over the same past days."""
    _ = here.say
    judged = here.ask(queries.policies)
    st.header(_("Does it pay?"), anchor=False)
    if judged.is_empty():
        st.info(
            _("The policy was not taken through the past yet: run `sda stock backtest`."),
            icon=":material/inbox:",
        )
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        show_figure(here, policy_costs(judged, here.language))
    with right:
        names = policy_names(here.language)
        table = policies_table(judged, names, here.language)
        show_table(
            here,
            "policies",
            table,
            title=_("Does it pay?"),
            whole=lambda: policies_figures(judged, names, here.language),
            column_config={
                name: st.column_config.TextColumn(alignment="right") for name in table.columns[1:]
            },
        )
        st.caption(
            _("Both policies met the same {days} days of demand and the same lead times.").format(
                days=numbers.integer(judged["days"][0], here.language)
            )
        )


STOCK = Screen("stock", _title, ":material/inventory_2:", _draw, order=2)
