"""A portfolio under stress: a scenario is chosen or made, every case is scored again, before beside after."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
import streamlit as st

from analytics import registry
from analytics.cases import Cases
from analytics.decisions.stress import Outcome, outcome
from analytics.rescoring import cases_of
from analytics.task import Task
from dashboards import numbers
from dashboards.addresses import CASE
from dashboards.decide import stress as charts
from dashboards.explore.view import View
from dashboards.queries import deciding
from dashboards.reasons import feature_label
from dashboards.screens.decide.address import follows, offer_place, text_in
from dashboards.screens.decide.scenario import asked_shocks
from dashboards.screens.here import ANSWERS_LIVE, Here
from dashboards.screens.parts.export import day_told, show_sentences
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.parts.list_link import address_of
from dashboards.wording import in_language
from pipelines.access import visible_to
from pipelines.catalog import contracts

GROUP = "group"  # its name in the address: by what it is told who moves
_MOST_CASES = 8


def show_stress(here: Here, task: Task, as_of: datetime) -> None:
    """The scenario, what it touches, and what it does to scores, bands, losses and groups."""
    _ = here.say
    st.markdown(
        escaped(
            _(
                "What if things were different for everybody at once? The same cases are scored again with "
                "other values. It says what the model makes of other values, not what would happen."
            )
        )
    )
    ids, population = here.ask(deciding.sample, task, as_of)
    with st.spinner(_("Reading the cases…")):
        cases = _cases(here, task, as_of, ids)
    if not len(cases):
        st.info(_("Nothing is known of these cases any more."), icon=":material/inbox:")
        return
    levers = charts.levers(task, cases.features)
    shocks = asked_shocks(here, task, levers, cases.features)
    if not shocks:
        st.info(_("Choose a scenario, or what to change."), icon=":material/arrow_upward:")
        return
    with st.spinner(
        _("Scoring {cases} cases again…").format(cases=numbers.integer(len(cases), here.language))
    ):
        found = outcome(here.settings, task, cases, shocks, population)
    _show(here, task, found, charts.shocks_in_words(shocks, list(levers.values()), here.language), as_of)


def _show(here: Here, task: Task, found: Outcome, scenario: str, as_of: datetime) -> None:
    _, language = here.say, here.language
    st.markdown(f"**{escaped(scenario)}**")
    st.caption(escaped(charts.touched_in_words(found, task, language)))
    if found.is_sample:
        st.caption(
            _(
                "Computed on {sample} of {cases} cases, drawn at random. After ± stands the margin that 19 "
                "of 20 such samples keep."
            ).format(
                sample=numbers.integer(found.cases.height, language),
                cases=numbers.integer(found.population, language),
            )
        )
    show_headlines(_headlines(here, task, found))
    if found.unpriced:
        st.caption(
            _("{cases} cases without a known amount are left out of the losses.").format(
                cases=numbers.integer(found.unpriced, language)
            )
        )
    told = [day_told(here, as_of), scenario]
    show_figure(here, charts.distribution(found, language), told=told)
    show_figure(here, charts.bands(found, task, language), told=told)
    title = _("From which band to which")
    st.markdown("### " + title)
    moves = charts.moves(found, task, language)
    written = moves.with_columns(
        pl.Series(name, [numbers.integer(cases, language) for cases in moves[name]], pl.String)
        for name in moves.columns[1:]
    )
    show_sentences(here, "moves", written, told, title=title, whole=lambda: moves)
    _show_movers(here, task, found, told)


def _headlines(here: Here, task: Task, found: Outcome) -> list[Headline]:
    _, language = here.say, here.language
    was = _("was {value}")
    events = found.mean_after.value * found.population
    headlines = [
        Headline(
            _("Mean score"),
            charts.give_or_take(
                found.mean_after,
                numbers.percent(found.mean_after.value, language),
                numbers.percent(charts.margin(found.mean_after), language),
                language,
            ),
            note=was.format(value=numbers.percent(found.mean_before.value, language)),
        ),
        Headline(
            _("Events expected"),
            numbers.number(events, language, 0),
            _("The sum of the scores: {event}.").format(
                event=escaped(in_language(task.meaning.positive, language))
            ),
            was.format(value=numbers.number(found.mean_before.value * found.population, language, 0)),
        ),
        Headline(
            _("Move to a higher band"),
            numbers.percent(charts.rising(found, task), language),
            note=_("of {cases} cases").format(cases=numbers.integer(found.population, language)),
        ),
    ]
    before, after = found.expected_loss("before"), found.expected_loss("after")
    if before is None or after is None or task.exposure is None:
        return headlines
    unit = task.exposure.unit
    loss = Headline(
        _("Expected loss"),
        charts.give_or_take(
            after,
            numbers.money(after.value, unit, language),
            numbers.money(charts.margin(after), unit, language),
            language,
        ),
        note=was.format(value=numbers.money(before.value, unit, language)),
    )
    return [*headlines, loss]


def _show_movers(here: Here, task: Task, found: Outcome, told: Sequence[str]) -> None:
    _, language = here.say, here.language
    names = _tellable(here, task, found.categories)
    if names:
        chosen = text_in(GROUP, dict.fromkeys(names), names[0])
        st.selectbox(
            _("Who moves most, by"),
            names,
            format_func=lambda name: feature_label(name, task, language),
            width=340,
            **follows(GROUP, chosen),
        )
        show_figure(here, charts.movers(found, chosen, task, language), told=told)
    if not here.sees_cases(task):
        return
    st.markdown("### " + _("The cases that move most"))
    for row in _most_moved(found.cases).iter_rows(named=True):
        words = _("{case}: from {before} to {after}").format(
            case=escaped(row["entity_id"]),
            before=numbers.percent(row["before"], language),
            after=numbers.percent(row["after"], language),
        )
        place = {**address_of(View()), CASE: [row["entity_id"]]}
        offer_place(words, ":material/search:", place, row["entity_id"])


def _most_moved(cases: pl.DataFrame) -> pl.DataFrame:
    change = (pl.col("after") - pl.col("before")).abs()
    return cases.filter(change > 0).sort(change, "entity_id", descending=[True, False]).head(_MOST_CASES)


def _tellable(here: Here, task: Task, categories: Sequence[str]) -> list[str]:
    """The categories that this role may be told of: those of an own table may hold personal data."""
    contract, seen = contracts(here.settings).get(task.table), visible_to(here.role)
    return [
        name
        for name in categories
        if contract is None
        or name not in contract.names
        or not (kind := contract.column(name).personal)
        or kind in seen
    ]


def _cases(here: Here, task: Task, as_of: datetime, ids: list[str]) -> Cases:
    """The cases with their features, kept for the next scenario."""
    home = here.settings
    key = (str(home.home), home.catalog, home.storage, here.cut.digest if here.cut else "", task.name, as_of)
    model = registry.serving(home, task)[1]
    cases: Cases = _kept(key, here.snapshot, home, task, ids, as_of, events=model.event_book is not None)
    return cases


@st.cache_resource(ttl=ANSWERS_LIVE, max_entries=6, show_spinner=False)
def _kept(
    key: tuple[object, ...],  # noqa: ARG001 - what the cases are remembered by, with the snapshot
    snapshot: int,
    _settings: object,
    _task: Task,
    _ids: list[str],
    _as_of: datetime,
    *,
    events: bool,
) -> Cases:
    return cases_of(_settings, _task, _ids, _as_of, events=events, snapshot=snapshot)  # type: ignore[arg-type]
