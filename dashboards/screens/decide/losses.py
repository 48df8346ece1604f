"""What a portfolio may lose: a simulation of defaults that hang together, with what is rarely exceeded."""

from datetime import datetime

import streamlit as st

from analytics.decisions.credit_loss import SCENARIOS, Losses
from analytics.task import Task
from dashboards import numbers
from dashboards.decide import losses as charts
from dashboards.queries import deciding
from dashboards.screens.decide.address import follows, number_in, text_in
from dashboards.screens.here import Here
from dashboards.screens.parts.export import day_told, show_sentences
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.wording import together

TOGETHER, CORRELATION, BELOW, DRAWS = "together", "rho", "below", "draws"  # names in the address
_OWN = "own"
_DRAWS = {"10000": 10_000, str(SCENARIOS): SCENARIOS, "200000": 200_000}


def show_losses(here: Here, task: Task, as_of: datetime) -> None:
    _ = here.say
    st.markdown(
        escaped(
            _(
                "How much may be lost if everything that is open now were granted? Thousands of years are "
                "drawn by lot: in each the economy does better or worse, and with it more or fewer cases "
                "default, each by its own probability."
            )
        )
    )
    correlation, below, draws, told = _asked(here)
    with st.spinner(_("Drawing scenarios…")):
        losses = here.ask(deciding.losses, task, as_of, below, correlation, draws)
    if not losses.portfolio.size:
        _say_nothing_at_stake(here, task, below)
        return
    _show(here, task, losses, [day_told(here, as_of), *told])


def _asked(here: Here) -> tuple[float | str, float, int, list[str]]:
    """The correlation (a number or Basel's formula), below which score, how many scenarios; all in words."""
    _, language = here.say, here.language
    ways = {
        deciding.BASEL: _("Basel's formula for other retail loans (3% to 16%)"),
        _OWN: _("one correlation for all"),
        "none": _("not at all: each for itself"),
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = text_in(TOGETHER, ways, deciding.BASEL)
        st.selectbox(
            _("How defaults hang together"),
            list(ways),
            format_func=ways.__getitem__,
            width=340,
            **follows(TOGETHER, way),
        )
        rho = number_in(CORRELATION, 0.15, 0.0, 0.5) or 0.0
        if way == _OWN:
            st.slider(
                _("Correlation of assets"),
                0.0,
                0.5,
                step=0.01,
                format="percent",
                width=260,
                **follows(CORRELATION, rho),
            )
        below = number_in(BELOW, 1.0, 0.01, 1.0) or 1.0
        st.slider(
            _("Only cases that score below"),
            0.01,
            1.0,
            step=0.01,
            format="percent",
            width=260,
            **follows(BELOW, below),
        )
        draws = text_in(DRAWS, _DRAWS, str(SCENARIOS))
        st.selectbox(
            _("Scenarios"),
            list(_DRAWS),
            format_func=lambda name: numbers.integer(_DRAWS[name], language),
            width=140,
            **follows(DRAWS, draws),
        )
    chosen: dict[str, float | str] = {deciding.BASEL: deciding.BASEL, _OWN: rho, "none": 0.0}
    told = [
        _("How defaults hang together")
        + f": {ways[way]}"
        + (f" ({numbers.percent(rho, language)})" if way == _OWN else ""),
        _("Only cases that score below") + f": {numbers.percent(below, language)}",
        _("Scenarios") + f": {numbers.integer(_DRAWS[draws], language)}",
    ]
    return chosen[way], deciding.EVERYONE if below >= 1 else below, _DRAWS[draws], told


def _show(here: Here, task: Task, losses: Losses, told: list[str]) -> None:
    _, language = here.say, here.language
    unit = task.exposure.unit if task.exposure else ""
    held = losses.portfolio
    share = task.exposure.share if task.exposure else 1.0
    rare, rarest = losses.tail(0.99), losses.tail(0.999)
    amount = held.at_stake / share
    show_headlines(
        [
            Headline(
                _("Amount in the portfolio"),
                numbers.money(amount, unit, language),
                note=_("{cases} cases").format(cases=numbers.integer(held.size, language)),
            ),
            Headline(
                _("Expected loss"),
                numbers.money(held.expected, unit, language),
                note=_("{share} of the amount").format(
                    share=numbers.percent(held.expected / amount, language, 2)
                ),
            ),
            Headline(
                _("Lost in 1 of 100 scenarios, or more"),
                numbers.money(rare.value_at_risk, unit, language),
                _("Value at risk at 99%."),
            ),
            Headline(
                _("Beyond what is expected, 1 in 1,000"),
                numbers.money(rarest.value_at_risk - held.expected, unit, language),
                _(
                    "Value at risk at 99.9% less the expected loss: what capital would have to bear in all "
                    "but one of 1,000 scenarios."
                ),
            ),
        ]
    )
    show_figure(here, charts.distribution(losses, unit, language), told=told)
    show_sentences(
        here,
        "tails",
        charts.table(losses, unit, language),
        told,
        title=_("What is rarely exceeded"),
        whole=lambda: charts.figures(losses, unit, language),
    )
    st.caption(
        escaped(
            _(
                "After ± stands the standard error of the simulation. The loss expected by the scores is "
                "{expected}; the {draws} scenarios lose {mean} on average."
            ).format(
                expected=numbers.money(held.expected, unit, language),
                draws=numbers.integer(len(losses.sorted), language),
                mean=numbers.money(losses.mean, unit, language),
            )
        )
    )
    with st.expander(_("How this is computed"), icon=":material/functions:"):
        st.markdown(escaped(_method(here, share, losses)))


def _method(here: Here, share: float, losses: Losses) -> str:
    _, language = here.say, here.language
    told = _(
        "One-factor Gaussian copula (Vasicek 1987, 2002): a case defaults where its share of the economy's "
        "state and its own luck fall below the level that its score sets. At a default {share} of the amount "
        "is lost; that share and the amounts do not vary. The same seed is used every time."
    ).format(share=numbers.percent(share, language, 0))
    if len(losses.portfolio.cases) < losses.portfolio.size:
        how = _(
            "The largest of the {cases} cases are drawn one by one, the others by their number of defaults "
            "in {classes} classes of nearly equal probability and amount."
        ).format(
            cases=numbers.integer(losses.portfolio.size, language),
            classes=numbers.integer(int((losses.portfolio.cases > 1).sum()), language),
        )
    else:
        how = _("Every case is drawn by itself.")
    return together((told, how), language)


def _say_nothing_at_stake(here: Here, task: Task, below: float) -> None:
    _ = here.say
    if below < 1:
        st.info(_("No case scores so low. Move the limit up."), icon=":material/filter_alt_off:")
        return
    st.info(_("What is at stake in these cases is not known."), icon=":material/inbox:")
    st.markdown(
        _("Run `sda score {task}`: scoring writes the expected loss of each case beside its score.").format(
            task=task.name
        )
    )
