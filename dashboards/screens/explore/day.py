"""Of which day the page tells: the newest one scored, or another one to choose."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from dashboards import numbers
from dashboards.screens.address import tied
from dashboards.screens.explore.address import asked, follow, go
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import in_words
from dashboards.screens.parts.said_back import said_back


def named(moment: datetime) -> str:
    """A moment as the address names it: its day, with the clock where it is not midnight."""
    return (
        f"{moment:%Y-%m-%d}"
        if moment == moment.replace(hour=0, minute=0, second=0, microsecond=0)
        else (moment.isoformat())
    )


def moment_of(moments: Sequence[datetime], day: str) -> datetime | None:
    """The moment that the address names; the newest one where it names none, None where it is not there."""
    if not day:
        return moments[0]
    return next((each for each in moments if named(each) == day or each.isoformat() == day), None)


def choose_day(here: Here, moments: Sequence[datetime]) -> datetime:
    """The day of the page, in words, with the choice of another one."""
    _ = here.say
    asked_for = asked().day
    found = moment_of(moments, asked_for)
    if found is None:
        st.warning(
            _("Nothing was scored for {day} (any more); the newest day is shown.").format(
                day=said_back(asked_for)
            ),
            icon=":material/event_busy:",
        )
        st.button(
            _("Take it out of the address"), key="drop-day", on_click=lambda: go(replace(asked(), day=""))
        )
    as_of = found or moments[0]
    st.selectbox(
        _("As the data stood on"),
        list(moments),
        format_func=lambda moment: in_day(here, moment),
        disabled=len(moments) == 1,
        width=190,
        **tied(
            "explore-day",
            as_of,
            follow(lambda view, moment: replace(view, day="" if moment == moments[0] else named(moment))),
        ),
    )
    return as_of


def in_day(here: Here, moment: datetime) -> str:
    """A scored moment as a day, with its clock where it is not midnight."""
    if named(moment) == f"{moment:%Y-%m-%d}":
        return numbers.day(moment, here.language)
    return in_words(here, moment)
