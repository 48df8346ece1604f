"""Calibration per site: whether predicted shares came true in every ward, and not only on average."""

from datetime import datetime

import polars as pl
import streamlit as st

from analytics import held_out, registry
from analytics.sites import FEWEST_CASES, FEWEST_EXPECTED, Estimate, Site, calibration_by_site
from analytics.task import Task
from connectors.errors import AssistantError
from dashboards import numbers
from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.queries.medical_sites import wards_at
from dashboards.screens.here import ANSWERS_LIVE, Here
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.tab import Tab
from dashboards.wording import Say, with_commas
from pipelines.settings import Settings


def _title(_: Say) -> str:
    return _("Sites")


def _draw(here: Here, task: Task, _as_of: datetime) -> None:
    _ = here.say
    st.markdown(
        _(
            "Did as many patients of each ward fall ill as the scores said? Above 1 more fell ill than "
            "predicted: the scores are too low there. Below 1 they are too high. Bars that reach across 1 "
            "are within chance."
        )
    )
    version = registry.in_service(here.settings, task)
    if version is None:
        st.info(_("There is no model in service."), icon=":material/hourglass_empty:")
        return
    try:
        with st.spinner(_("Scoring the cases that the model never learned from …")):
            home = here.settings
            key = (str(home.home), home.catalog, home.storage, task.name, version.version, here.snapshot)
            cases = _scored(key, home, task)
    except AssistantError as error:
        st.info(escaped(_("Nothing can be compared: {problem}").format(problem=error.problem)))
        return
    moments = tuple(cases["as_of"].unique().sort())
    sites = calibration_by_site(cases.join(here.ask(wards_at, moments), on=["entity_id", "as_of"]))
    if not sites:
        st.info(_("No case with a known outcome belongs to this selection."), icon=":material/inbox:")
        return
    _say_what(here, version.version, cases)
    judged = [site for site in sites if site.ratio]
    if judged:
        show_figure(here, _ratios(here, judged))
    show_table(here, "sites", _table(here, sites), title=_("Observed and expected by ward"))
    _explain(here, sites)


@st.cache_data(ttl=ANSWERS_LIVE, max_entries=8, show_spinner=False)
def _scored(key: tuple[object, ...], _settings: Settings, _task: Task) -> pl.DataFrame:  # noqa: ARG001
    """Lake, task, version and snapshot are the `key` that the scores are remembered by."""
    return held_out.held_out(_settings, _task)[1]


def _say_what(here: Here, version: str, cases: pl.DataFrame) -> None:
    _, language = here.say, here.language
    words = _(
        "Compared: {cases} cases with a known outcome that version {version} of the model never learned from "
        "({days}), each in the ward that looked after the patient then."
    )
    first, last = (numbers.day(at, language) for at in (cases["as_of"].min(), cases["as_of"].max()))  # type: ignore[arg-type]
    st.caption(
        escaped(
            words.format(
                cases=numbers.integer(cases.height, language),
                days=first if first == last else f"{first} – {last}",
                version=version,
            )
        )
    )


def _name(here: Here, site: Site) -> str:
    _ = here.say
    return site.name or _("{sites} small wards together").format(
        sites=numbers.integer(site.sites, here.language)
    )


def _ratios(here: Here, judged: list[Site]) -> Chart:
    _ = here.say
    off = [_name(here, site) for site in judged if site.ratio and not site.ratio[1] <= 1 <= site.ratio[2]]
    sentence = (
        _("More than chance away from what was predicted: {wards}.").format(
            wards=with_commas(off, here.language)
        )
        if off
        else _("No ward is further from what was predicted than chance explains.")
    )
    rows = [(_name(here, site), *site.ratio) for site in judged if site.ratio]
    return Chart(
        name="sites",
        kind="interval",
        title=_("Observed over expected"),
        sentence=sentence,
        data=pl.DataFrame(rows, schema=["site", "ratio", "low", "high"], orient="row"),
        x=Axis("site", _("Ward"), "text"),
        y=Axis("ratio", _("Observed over expected")),
        lower="low",
        upper="high",
        reference=Reference(1.0, ""),
    )


def _table(here: Here, sites: list[Site]) -> pl.DataFrame:
    _, language = here.say, here.language

    def told(estimate: Estimate | None) -> str:
        if estimate is None:
            return _("too few")
        value, low, high = (numbers.number(each, language, 2) for each in estimate)
        return _("{value} ({low} to {high})").format(value=value, low=low, high=high)

    return pl.DataFrame(
        {
            _("Ward"): [_name(here, site) for site in sites],
            _("Cases"): [numbers.integer(site.cases, language) for site in sites],
            _("Observed"): [numbers.integer(site.observed, language) for site in sites],
            _("Expected"): [numbers.number(site.expected, language, 1) for site in sites],
            _("Observed over expected"): [told(site.ratio) for site in sites],
            _("In the large"): [told(site.in_the_large) for site in sites],
            _("Slope"): [told(site.slope) for site in sites],
        }
    )


def _explain(here: Here, sites: list[Site]) -> None:
    _ = here.say
    with st.expander(_("How to read this"), icon=":material/info:"):
        st.markdown(
            _(
                "In the large: above 0 the scores of that ward are too low on average, below 0 too high. "
                "Slope: below 1 the scores are too extreme, above 1 too cautious. In brackets 95% "
                "intervals; of {count} wards about one in twenty lies outside by chance alone. Wards "
                "with fewer than {cases} cases or {events} expected events are taken together."
            ).format(
                count=len(sites), cases=FEWEST_CASES, events=numbers.integer(FEWEST_EXPECTED, here.language)
            )
        )


SITES = Tab("sites", _title, ":material/apartment:", _draw)
