"""Which instruments over which time: the choice at the top of the market page, and what to know of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.queries.finance import CURRENCY
from dashboards.queries.market import days_with_a_price
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose, choose_several
from dashboards.screens.parts.figure import escaped
from dashboards.wording import with_commas

_INSTRUMENT, _PERIOD = "instrument", "span"  # their names in the address
_YEARS = {"1y": 1, "2y": 2, "3y": 3}
_LATE = timedelta(days=14)  # an instrument that begins or ends so much apart from the others is named
_MOST = 12  # instruments chosen at first


_FEWEST = 252  # days with a price: a year, below which an instrument is not weighed against others


@dataclass(frozen=True)
class Chosen:
    """The instruments and the first day (None: from the beginning), in words for files, and notes on them."""

    names: tuple[str, ...]
    since: date | None
    told: tuple[str, ...]
    notes: tuple[str, ...]


def chosen_of(here: Here, known: pl.DataFrame) -> Chosen:
    """Asks for instruments and period (`queries.market.instruments`); both live in the address."""
    _ = here.say
    priced = known.filter("converted")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        every = priced["instrument"].to_list()
        titles = {each: each for each in every}
        names = choose_several(here, _INSTRUMENT, _("Instruments"), titles, every[:_MOST])
        period = choose(_PERIOD, _("Time span"), _periods(here), "all")
    newest: date = known["last"].max()  # type: ignore[assignment]
    since = newest - timedelta(days=round(365.25 * _YEARS[period])) if period in _YEARS else None
    shown = priced.filter(pl.col("instrument").is_in(names))
    return Chosen(
        tuple(names),
        since,
        (with_commas(names, here.language), _periods(here)[period]),
        tuple(_notes(here, known, shown, since)),
    )


def comparable(here: Here, chosen: Chosen) -> Chosen:
    """The choice cut to instruments with more than a year of prices in the period; the others are named."""
    _ = here.say
    days = here.ask(days_with_a_price, chosen.names, chosen.since)
    long = tuple(name for name in chosen.names if days.get(name, 0) > _FEWEST)
    if short := [name for name in chosen.names if name not in long]:
        words = _("Left out here, because it takes more than a year of prices: {names}.")
        st.caption(escaped(words.format(names=with_commas(short, here.language))))
    return replace(chosen, names=long, told=(with_commas(long, here.language), *chosen.told[1:]))


def _periods(here: Here) -> dict[str, str]:
    _ = here.say
    return {"1y": _("1 year"), "2y": _("2 years"), "3y": _("3 years"), "all": _("everything")}


def _notes(here: Here, known: pl.DataFrame, shown: pl.DataFrame, since: date | None) -> Iterator[str]:
    """What the reader should know to be missing: currencies without a rate, short and ended histories."""
    _, language = here.say, here.language
    if gone := sorted({*st.query_params.get_all(_INSTRUMENT)} - {*known["instrument"]}):
        yield _("There are no prices of {names} (any more).").format(names=with_commas(gone, language))
    for row in known.filter(~pl.col("converted")).iter_rows(named=True):
        yield _("{name} is left out: there is no exchange rate from {its} to {ours}.").format(
            name=row["instrument"], its=row["currency"], ours=CURRENCY
        )
    if shown.is_empty():
        return
    begins = max(shown["first"].min(), since) if since else shown["first"].min()  # type: ignore[type-var]
    for row in shown.iter_rows(named=True):
        if row["first"] > begins + _LATE:  # type: ignore[operator]
            yield _("{name} has prices only since {day}.").format(
                name=row["instrument"], day=numbers.day(row["first"], language)
            )
        if row["last"] < known["last"].max() - _LATE:  # type: ignore[operator]
            yield _("{name} has had no price since {day}.").format(
                name=row["instrument"], day=numbers.day(row["last"], language)
            )
