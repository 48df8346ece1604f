"""From which score on to act: a slider that answers at once, for the cases of now and the test cases."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
import streamlit as st

from analytics.decisions.threshold import STEPS, Curve, Split
from analytics.task import Costs, Task
from dashboards import numbers
from dashboards.decide import threshold as charts
from dashboards.decide.words import Deciding, deciding_of
from dashboards.explore.view import Range, View
from dashboards.queries import deciding, models
from dashboards.screens.address import tied
from dashboards.screens.decide.address import follows, number_in, offer_place, put
from dashboards.screens.here import Here
from dashboards.screens.parts.export import day_told, show_sentences
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.parts.list_link import address_of
from dashboards.wording import together, with_value

THRESHOLD, MISS, ALARM = "threshold", "miss", "alarm"  # names in the address
_FEWEST_EVENTS = 5  # below that many expected, luck rules
_MOST = 1e9  # of a cost


def show_threshold(here: Here, task: Task, as_of: datetime) -> None:
    """Everything is counted here, once; the fragment below only looks it up."""
    _ = here.say
    with st.spinner(_("Counting the cases…")):
        curve, unpriced = here.ask(deciding.curve, task, as_of)
    if not curve.total.cases:
        st.info(_("There are no cases to decide on."), icon=":material/inbox:")
        return
    serving = models.in_service(here.store).get(task.name)
    happened = charts.on_test_cases(serving.metrics or {}) if serving else []
    _show_decision(here, task, curve, unpriced, happened, day_told(here, as_of))


@st.fragment
def _show_decision(
    here: Here, task: Task, curve: Curve, unpriced: int, happened: list[charts.Happened], day: str
) -> None:
    _, language = here.say, here.language
    words = deciding_of(task.name, _)
    st.markdown(escaped(words.about))
    costs = _asked_costs(here, task, words)
    best = curve.cheapest(costs) if costs else None
    split = _asked_split(here, task, curve, best, words)
    show_headlines(
        _granted(here, task, split, words, unpriced) if words.goes_ahead else _acted_on(here, split, words)
    )
    _offer_list(here, split, words)
    if split.events < _FEWEST_EVENTS:
        st.caption(
            _(
                "Only {events} events are expected among {cases} cases: what really happens may differ "
                "widely."
            ).format(
                events=numbers.number(split.events, language, 1), cases=numbers.integer(split.cases, language)
            )
        )
    told = [day, with_value(words.threshold, numbers.percent(split.threshold, language), language)]
    show_figure(here, charts.trade_off(curve, split, best, words, language), told=told)
    if costs and best:
        show_figure(here, charts.cost_curve(curve, split, best, costs, happened, words, language), told=told)
    _show_beside(here, split, charts.nearest(happened, split.threshold), costs, words, told)


def _asked_costs(here: Here, task: Task, words: Deciding) -> Costs | None:
    """What the person, else the task, says that wrong decisions cost; None until both are known."""
    _, stated = here.say, task.costs
    with st.container(horizontal=True):
        miss, alarm = (
            st.number_input(
                label,
                min_value=0.01,
                max_value=_MOST,
                format="%.6g",
                placeholder=_("not stated"),
                width=300,
                **follows(name, number_in(name, default, 0.01, _MOST)),
            )
            for name, label, default in (
                (MISS, words.miss, float(stated.miss) if stated else None),
                (ALARM, words.alarm, float(stated.false_alarm) if stated else None),
            )
        )
    if miss and alarm:
        return Costs(miss, alarm)
    st.caption(_("Say what both mistakes cost, in any one unit, and the point of least cost is marked."))
    return None


def _asked_split(here: Here, task: Task, curve: Curve, best: Split | None, words: Deciding) -> Split:
    """The cases on both sides of the threshold that the address gives, else of the one of least cost."""
    _, language = here.say, here.language
    usual = best.threshold if best else (task.bands[-2].upper if len(task.bands) > 1 else 0.5)
    top = min(1.0, max(curve.highest, usual, 0.01))
    step = 0.001 if top > 0.05 else 1 / STEPS
    now = number_in(THRESHOLD, usual, 0.0, top)
    now = usual if now is None else now
    st.slider(
        words.threshold,
        0.0,
        top,
        step=step,
        format="percent",
        **follows(THRESHOLD, now),
    )
    split = curve.at(now)

    def keep_to_capacity(most: int | None) -> None:
        if most is not None:
            put(THRESHOLD, curve.for_capacity(int(most)))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            words.capacity,
            min_value=0,
            max_value=split.cases,
            step=1,
            help=_("Cases with the same score stay together, so not every number can be reached."),
            width=300,
            **tied("decide-capacity", split.acted.cases, keep_to_capacity),
        )
        if best and best.threshold != split.threshold:
            st.button(
                _("To the point of least cost ({threshold})").format(
                    threshold=numbers.percent(best.threshold, language)
                ),
                icon=":material/my_location:",
                on_click=put,
                args=(THRESHOLD, None),
            )
    return split


def _acted_on(here: Here, split: Split, words: Deciding) -> list[Headline]:
    _, language = here.say, here.language
    acted, rest = split.acted, split.rest
    of_all, of_expected = _("{share} of all"), _("{share} of those expected")
    about = _("About; from calibrated scores, which add up to what is expected.")
    found = acted.events / split.events if split.events else None
    missed = rest.events / split.events if split.events else None
    return [
        Headline(
            words.acted,
            numbers.integer(acted.cases, language),
            note=of_all.format(share=numbers.percent(acted.cases / split.cases, language)),
        ),
        Headline(
            words.found,
            numbers.number(acted.events, language, 0),
            about,
            of_expected.format(share=numbers.percent(found, language)),
        ),
        Headline(
            words.missed,
            numbers.number(rest.events, language, 0),
            about,
            of_expected.format(share=numbers.percent(missed, language)),
        ),
        Headline(
            words.effort, numbers.number(acted.cases / acted.events if acted.events else None, language, 1)
        ),
    ]


def _granted(here: Here, task: Task, split: Split, words: Deciding, unpriced: int) -> list[Headline]:
    """How many go ahead, with the amount, the events and the loss expected among them, and who is lost."""
    _, language = here.say, here.language
    acted, rest, exposure = split.acted, split.rest, task.exposure
    priced = exposure is not None and split.acted.at_stake + split.rest.at_stake > 0
    amount = rest.at_stake / exposure.share if exposure else 0.0
    share = _("{share} of all").format(share=numbers.percent(rest.cases / split.cases, language))
    told = f"{share}, {numbers.money(amount, exposure.unit, language)}" if exposure and priced else share
    headlines = [
        Headline(words.rest, numbers.integer(rest.cases, language), note=told),
        Headline(
            words.missed,
            numbers.number(rest.events, language, 0),
            _("About; from calibrated scores, which add up to what is expected."),
            _("{share} of them").format(
                share=numbers.percent(rest.events / rest.cases if rest.cases else None, language)
            ),
        ),
    ]
    if exposure and priced:
        left_out = _("{cases} cases without a known amount are left out.").format(
            cases=numbers.integer(unpriced, language)
        )
        how = _("Probability times amount times the share that is lost ({share}), summed.").format(
            share=numbers.percent(exposure.share, language, 0)
        )
        headlines.append(
            Headline(
                words.loss,
                numbers.money(rest.loss, exposure.unit, language),
                together((how, left_out if unpriced else ""), language),
                _("{share} of the amount").format(
                    share=numbers.percent(rest.loss / amount if amount else None, language, 2)
                ),
            )
        )
    good = Headline(
        words.turned_away,
        numbers.number(acted.without_event, language, 0),
        _("Expected: those at or above the threshold to whom nothing would have happened."),
    )
    return [*headlines, good]


def _offer_list(here: Here, split: Split, words: Deciding) -> None:
    if split.acted.cases:
        view = View(sort="-score").within("score", Range(low=f"{split.threshold:g}"))
        count = numbers.integer(split.acted.cases, here.language)
        offer_place(f"{words.to_list} ({count})", ":material/list:", address_of(view), "list")


def _show_beside(
    here: Here,
    split: Split,
    happened: charts.Happened | None,
    costs: Costs | None,
    words: Deciding,
    told: Sequence[str],
) -> None:
    _, language = here.say, here.language
    title = _("Expected now, and what happened before")
    st.markdown("### " + title)
    if happened:
        st.caption(
            _(
                "Beside what is expected now stands what really happened among the test cases of the model "
                "in service, acting from {threshold} on: cases it had not seen when it was trained."
            ).format(threshold=numbers.percent(happened.threshold, language))
        )
    else:
        st.caption(
            _("The model in service holds no decisions on test cases; train it anew to have them beside.")
        )
    beside = charts.beside(split, happened, costs, words, language)
    written = beside.with_columns(
        pl.Series(name, [numbers.number(value, language, 1) for value in beside[name]], pl.String)
        for name in beside.columns[1:]
    )
    show_sentences(here, "beside", written, told, title=title, whole=lambda: beside)
