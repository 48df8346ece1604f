"""Value at risk on the market page: what may be lost tomorrow, three ways, and how each kept its word."""

from collections.abc import Mapping

import polars as pl
import streamlit as st

from analytics.market.value_at_risk import FEWEST, METHODS, WINDOW, Method
from dashboards import numbers
from dashboards.domains.finance.market_charts import exceedance_chart
from dashboards.domains.finance.market_choice import Chosen, comparable
from dashboards.domains.finance.market_words import judged, method_words
from dashboards.domains.finance.parts import explain, show_rows
from dashboards.queries.market_risk import EQUAL, Tested, methods_tested
from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose, choose_listed
from dashboards.screens.parts.figure import show_figure
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.wording import Say

_LEVELS = (0.95, 0.99)


def show_risk(here: Here, chosen: Chosen) -> None:
    """Of one instrument, or of equal parts of all: the figures of tomorrow, the test of the days before."""
    _ = here.say
    what, level, method = _asked(here, chosen)
    if what == EQUAL:
        chosen = comparable(here, chosen)
    with st.spinner(_("Going through the past day by day …")):
        found = here.ask(methods_tested, chosen.names, chosen.since, what, level)
    if not found:
        st.info(
            _(
                "There are fewer than {fewest} days with a price in this period: too few to say what a bad "
                "day is. Choose a longer period or another instrument."
            ).format(fewest=FEWEST),
            icon=":material/inbox:",
        )
        return
    told = [*chosen.told, _named(_, what), numbers.percent(level, here.language, 0), method_words(_)[method]]
    show_headlines(_headlines(here, found[method], level))
    test = found[method].test
    if test is None:
        st.info(
            _("A test needs more than {window} days with a price; there are fewer.").format(window=WINDOW),
            icon=":material/hourglass_empty:",
        )
    else:
        sentence = judged(test, here.language)
        show_figure(here, exceedance_chart(found[method].days, sentence, here.language), told=told)
    _show_methods(here, found, told)
    _explain(here, level)


def _asked(here: Here, chosen: Chosen) -> tuple[str, float, Method]:
    _, ways = here.say, method_words(here.say)
    options = ([EQUAL] if len(chosen.names) > 1 else []) + list(chosen.names)
    levels = {f"{100 * each:.0f}": each for each in _LEVELS}
    share = _("{share} of days")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        what = choose_listed(here, "of", _("Instrument"), {each: _named(_, each) for each in options})
        level = choose(
            "safe",
            _("Safe on"),
            {
                name: share.format(share=numbers.percent(each, here.language, 0))
                for name, each in levels.items()
            },
            "99",
        )
        way = choose_listed(here, "method", _("Method"), {each: ways[each] for each in METHODS}, width=320)
    return what, levels[level], way


def _named(_: Say, what: str) -> str:
    return _("equal parts of all") if what == EQUAL else what


def _headlines(here: Here, found: Tested, level: float) -> list[Headline]:
    _, language = here.say, here.language
    test = found.test
    return [
        Headline(
            _("Value at risk tomorrow"),
            numbers.percent(found.ahead.value_at_risk, language, 2),
            _("The loss that is not exceeded on {share} of days.").format(
                share=numbers.percent(level, language, 0)
            ),
        ),
        Headline(
            _("Expected shortfall"),
            numbers.percent(found.ahead.shortfall, language, 2),
            _("The mean loss on the other days."),
        ),
        Headline(
            _("Larger losses than foreseen"),
            numbers.integer(test.exceeded, language) if test else numbers.ABSENT,
            note=_("{expected} to be expected").format(expected=numbers.number(test.expected, language, 1))
            if test
            else "",
        ),
        Headline(
            _("Kupiec's test (p-value)"),
            numbers.number(test.p, language, 3) if test else numbers.ABSENT,
            _(
                "How likely chance alone brings a number so far from the expected one; below 0.05 it "
                "speaks against the method."
            ),
        ),
    ]


def _show_methods(here: Here, found: Mapping[Method, Tested], told: list[str]) -> None:
    _ = here.say
    short = {
        "kept": _("kept"),
        "too_often": _("too often"),
        "too_seldom": _("too seldom"),
        "in_runs": _("in runs"),
    }
    rows = pl.DataFrame(
        [
            {
                "method": method_words(_)[method],
                "risk": 100 * each.ahead.value_at_risk,
                "shortfall": 100 * each.ahead.shortfall,
                "days": each.test.days if each.test else None,
                "exceeded": each.test.exceeded if each.test else None,
                "expected": each.test.expected if each.test else None,
                "p": each.test.p if each.test else None,
                "runs": each.test.runs_p if each.test else None,
                "verdict": short[each.test.verdict] if each.test else numbers.ABSENT,
            }
            for method, each in found.items()
        ],
        schema_overrides={"runs": pl.Float64, "p": pl.Float64, "expected": pl.Float64},
    )
    columns = (
        Column("method", _("Method")),
        Column("verdict", _("Kept its word?")),
        Column("risk", _("Value at risk tomorrow"), "number", "%"),
        Column("shortfall", _("Expected shortfall"), "number", "%"),
        Column("exceeded", _("Larger losses"), "integer"),
        Column("expected", _("Expected"), "number"),
        Column("days", _("Days tested"), "integer"),
        Column("p", _("Kupiec, p"), "number"),
        Column("runs", _("Christoffersen, p"), "number"),
    )
    show_rows(here, "methods", _("Method by method"), columns, rows, told)


def _explain(here: Here, level: float) -> None:
    _ = here.say
    explain(
        here,
        {
            _("Value at risk (VaR)"): _(
                "With {share} the loss of a day that is exceeded on one day in {days}. It says nothing of "
                "how much more is lost then."
            ).format(share=numbers.percent(level, here.language, 0), days=round(1 / (1 - level))),
            _("Expected shortfall (ES)"): _(
                "The mean loss of the days on which the value at risk is exceeded."
            ),
            _("Kupiec's test"): _(
                "Whether the number of larger losses fits the promise (Kupiec 1995). Every day is judged by "
                "the {window} days before it, never by itself."
            ).format(window=WINDOW),
            _("Christoffersen's test"): _(
                "Whether larger losses come independently of each other, not day after day (1998)."
            ),
        },
    )
