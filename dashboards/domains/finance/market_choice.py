"""Which instruments over which time: the choice at the top of the market page, and what to know of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.queries.finance import CURRENCY
from dashboards.screens.here import Here

_YEARS = {"1y": 1, "2y": 2, "3y": 3}
_LATE = timedelta(days=14)  # an instrument that begins or ends so much apart from the others is named
_MOST = 12  # instruments chosen at first


@dataclass(frozen=True)
class Chosen:
    """The instruments and the first day (None: from the beginning), in words for files, and notes on them."""

    names: tuple[str, ...]
    since: date | None
    told: tuple[str, ...]
    notes: tuple[str, ...]


def choose(here: Here, known: pl.DataFrame) -> Chosen:
    """Asks for instruments and period (`queries.market.instruments`); both live in the address."""
    _ = here.say
    priced = known.filter("converted")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = st.multiselect(
            _("Instruments"),
            priced["instrument"].to_list(),
            default=priced["instrument"].head(_MOST).to_list(),
            key="instrument",
            placeholder=_("Choose instruments"),
            bind="query-params",
        )
        period = _period(here)
    newest: date = known["last"].max()  # type: ignore[assignment]
    since = newest - timedelta(days=round(365.25 * _YEARS[period])) if period in _YEARS else None
    shown = priced.filter(pl.col("instrument").is_in(names))
    return Chosen(
        tuple(names),
        since,
        (", ".join(names), _periods(here)[period]),
        tuple(_notes(here, known, shown, since)),
    )


def _periods(here: Here) -> dict[str, str]:
    _ = here.say
    return {"1y": _("1 year"), "2y": _("2 years"), "3y": _("3 years"), "all": _("everything")}


def _period(here: Here) -> str:
    _, periods = here.say, _periods(here)
    return str(
        st.segmented_control(
            _("Period"),
            list(periods),
            format_func=periods.__getitem__,
            default="all",
            key="period",
            required=True,
            bind="query-params",
        )
    )


def _notes(here: Here, known: pl.DataFrame, shown: pl.DataFrame, since: date | None) -> Iterator[str]:
    """What the reader should know to be missing: currencies without a rate, short and ended histories."""
    _, language = here.say, here.language
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
