"""The page `market`: what the prices of instruments did, what they may do tomorrow, how to hold them."""

import streamlit as st

from dashboards import numbers
from dashboards.domains.finance.market_choice import chosen_of
from dashboards.domains.finance.market_portfolio import show_portfolio
from dashboards.domains.finance.market_prices import show_prices
from dashboards.domains.finance.market_risk import show_risk
from dashboards.queries.finance import CURRENCY
from dashboards.queries.market import instruments
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_part
from dashboards.screens.parts.figure import escaped
from dashboards.screens.planning import Screen
from dashboards.wording import Say

_PARTS = {"prices": show_prices, "risk": show_risk, "portfolio": show_portfolio}


def _title(_: Say) -> str:
    return _("Market")


def _section(_: Say) -> str:
    return _("Markets")


def _draw(here: Here) -> None:
    _ = here.say
    st.title(_title(_), anchor=False)
    st.markdown(
        _(
            "What the prices of instruments did, how much may be lost on a bad day and whether that was "
            "foreseen, and how to divide money among them. Everything is computed from the past: it is no "
            "advice, and says nothing of what has never happened."
        )
    )
    known = here.ask(instruments)
    if known.is_empty():
        _say_empty(here)
        return
    last = numbers.day(max(known["last"]), here.language)
    st.caption(_("Prices in {currency}, up to {day}.").format(currency=CURRENCY, day=last))
    chosen = chosen_of(here, known)
    for note in chosen.notes:
        st.caption(escaped(note))
    if not chosen.names:
        st.info(_("No price can be told in {currency}.").format(currency=CURRENCY), icon=":material/inbox:")
        return
    titles = {"prices": _("Prices"), "risk": _("Value at risk"), "portfolio": _("How to divide money")}
    _PARTS[choose_part(here, titles)](here, chosen)


def _say_empty(here: Here) -> None:
    _ = here.say
    st.info(_("There are no prices yet."), icon=":material/inbox:")
    st.markdown(
        _(
            "Load the table finance.prices: a row for each instrument and day, with its closing price and "
            "currency (`sda ingest`), or run `sda demo` to see the page with sample data."
        )
    )


MARKET = Screen("market", _title, ":material/candlestick_chart:", _draw, order=3, section=_section)
