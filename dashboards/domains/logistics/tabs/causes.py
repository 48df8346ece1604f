"""Why shipments were late: their hours divided among declared causes; what no scan explains is said."""

from datetime import datetime

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.charts.chart import Axis, Chart, Tone
from dashboards.domains.logistics.tabs.period import chosen_period
from dashboards.explore.view import View
from dashboards.queries.logistics_causes import Late, delay_causes, latest
from dashboards.queries.names import named
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_listed
from dashboards.screens.parts.columns import Shown, in_words, masked
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.figure import show_figure
from dashboards.screens.parts.list_link import link_to_list
from dashboards.screens.tab import Tab
from dashboards.wording import Say, in_language, with_value
from pipelines.logistics.delay_causes import LABELS, NOT_DELIVERED, UNEXPLAINED

_SHIPMENT = Shown("entity_id", "logistics.shipments", "shipment_id")
_MOST = 50
_ROWS = 14  # a longer table scrolls
_CARRIERS, _DEPOTS = "logistics.carriers", "logistics.depots"


def _title(_: Say) -> str:
    return _("Causes of delay")


def _draw(here: Here, task: Task, as_of: datetime) -> None:
    _, language = here.say, here.language
    st.markdown(
        _(
            "How late shipments were, in hours, and which scans explain it. A cause explains only what took "
            "longer than in shipments that arrive in time. What no scan explains stays unexplained: it is no "
            "proof that nothing happened."
        )
    )
    late, told = _chosen(here, as_of)
    causes = here.ask(delay_causes, task, late)
    if causes.is_empty():
        st.success(_("No shipment was late in these days."), icon=":material/check_circle:")
        return
    show_figure(here, _shares(here, causes), told=told)
    table = _table(here, causes)
    right = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[1:]}
    show_table(here, "causes", table, told, title=_title(_), column_config=right)
    _show_latest(here, task, late, causes, told)
    if late.carrier:
        carrier = here.ask(named, _CARRIERS, "carrier_id")[late.carrier]
        view = View().choosing("carrier", (carrier,))
        link_to_list(here, here.page, view, _("Shipments of this carrier under way now"))
    with st.expander(_("How this is reckoned"), icon=":material/info:"):
        st.markdown(
            _(
                "Late dispatch counts what a shipment left later than usual, but no more than its way was "
                "promised shorter than usual. Hubs and customs count what they took longer than usual; a hub "
                "that scans only what comes in, and not what leaves, cannot be judged. A failed delivery "
                "counts from then until the parcel was handed over. If the causes of a shipment add up to "
                "more than it was late, each counts its share, so that all of them together are exactly the "
                "hours late. Shipments not delivered yet count up to {day}."
            ).format(day=numbers.day(late.until, language))
        )


def _chosen(here: Here, as_of: datetime) -> tuple[Late, list[str]]:
    """Which late shipments, and in words."""
    _ = here.say
    carriers, depots = here.ask(named, _CARRIERS, "carrier_id"), here.ask(named, _DEPOTS, "depot_id")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = chosen_period(here, as_of)
        carrier = choose_listed(here, "carrier", _("Carrier"), {"": _("all"), **carriers}, width=200)
        depot = choose_listed(here, "depot", _("Depot"), {"": _("all"), **depots}, width=200)
    told = [period.told(here.language), carriers.get(carrier, ""), depots.get(depot, "")]
    return Late(period.since, period.until, carrier, depot), [each for each in told if each]


def _shares(here: Here, causes: pl.DataFrame) -> Chart:
    _, language = here.say, here.language
    unexplained = float(causes.filter(pl.col("cause") == UNEXPLAINED)["share"].sum())
    left = (NOT_DELIVERED, UNEXPLAINED)
    known = causes.filter(~pl.col("cause").is_in(left)).sort("share", descending=True)
    sentence = _("No scan explains {share} of the hours late.").format(
        share=numbers.percent(unexplained, language, 0)
    )
    if not known.is_empty():
        sentence = _("Most of what is explained: «{cause}» with {share}; no scan explains {rest}.").format(
            cause=in_language(LABELS[known["cause"][0]], language),
            share=numbers.percent(known["share"][0], language, 0),
            rest=numbers.percent(unexplained, language, 0),
        )
    labels = [in_language(LABELS[cause], language) for cause in causes["cause"]]
    tones: dict[str, Tone] = {in_language(LABELS[each], language): "muted" for each in left}
    tones |= {label: "plain" for label in labels if label not in tones}
    return Chart(
        name="causes",
        kind="ranked",
        title=_("Share of the hours late"),
        sentence=sentence,
        data=causes.with_columns(pl.Series("label", labels, dtype=pl.String)),
        x=Axis("label", _("Cause"), "text"),
        y=Axis("share", _("Share of the hours late"), "percent"),
        group="label",
        tones=tones,
    )


def _table(here: Here, causes: pl.DataFrame) -> pl.DataFrame:
    _, language = here.say, here.language
    minutes = float(causes["minutes"].sum())
    every = [*causes.iter_rows(named=True)]
    return pl.DataFrame(
        {
            _("Cause"): [*(in_language(LABELS[row["cause"]], language) for row in every), _("All")],
            _("Hours late"): [
                numbers.number(each / 60, language, 0) for each in (*causes["minutes"], minutes)
            ],
            _("Share"): [numbers.percent(each, language) for each in (*causes["share"], 1.0)],
            _("Shipments"): [*(numbers.integer(row["shipments"], language) for row in every), numbers.ABSENT],
            _("Main cause of"): [
                numbers.integer(each, language) for each in (*causes["main"], int(causes["main"].sum()))
            ],
        }
    )


def _show_latest(here: Here, task: Task, late: Late, causes: pl.DataFrame, told: list[str]) -> None:
    _, language = here.say, here.language
    st.header(_("The shipments behind it"), anchor=False)
    named_causes = {name: in_language(LABELS[name], language) for name in causes["cause"]}
    cause = choose_listed(here, "cause", _("Cause"), {"": _("all"), **named_causes}, width=200)
    told = [*told, with_value(_("Cause"), named_causes[cause], language)] if cause else told
    found = here.ask(latest, task, late, cause, _MOST).rename({"shipment_id": _SHIPMENT.column})
    found = masked(here, found, [_SHIPMENT])
    table = pl.DataFrame(
        {
            _("Shipment"): found[_SHIPMENT.column],
            _("Hours late"): [numbers.number(each / 60, language, 1) for each in found["late_minutes"]],
            _("Cause"): [in_language(LABELS[each], language) for each in found["cause"]],
            _("Delivered"): [in_words(here, at) if at else _("not yet") for at in found["delivered_at"]],
            _("Promised by"): [in_words(here, at) for at in found["promised_at"]],
            _("Carrier"): found["carrier"],
            _("Depot"): found["depot"],
            _("Destination"): found["destination_city"],
            _("Hours explained"): [numbers.number(each / 60, language, 1) for each in found["minutes"]],
        }
    )
    words = _("Those that it held up longest: {count}.") if cause else _("Those held up longest: {count}.")
    st.caption(words.format(count=numbers.integer(found.height, language)))
    right = {
        name: st.column_config.TextColumn(alignment="right")
        for name in (_("Hours late"), _("Hours explained"))
    }
    height = "content" if table.height <= _ROWS else 560
    show_table(here, "late", table, told, title=_title(_), column_config=right, height=height)


CAUSES = Tab("causes", _title, ":material/troubleshoot:", _draw)
