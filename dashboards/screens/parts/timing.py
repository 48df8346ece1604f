"""When a subscription is due: a schedule in words, a time zone, a calendar; and its coming moments."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import polars as pl
import streamlit as st

from connectors.errors import UsageError
from dashboards import numbers, refusals
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.subscriptions.timing import clock
from dashboards.subscriptions.timing.cron import DATA
from pipelines.store import now

_RUNS = 10


@dataclass
class Chosen:
    """What was chosen so far: what `clock.Timing` asks for, the schedule as it was written."""

    report: str
    schedule: str
    timezone: str
    calendar: str
    on_holiday: str


def choose_timing(here: Here, before: Chosen, key: str) -> Chosen:
    """The fields, filled in with `before`; `key` tells several such sets of fields apart."""
    _ = here.say
    left, right = st.columns(2)
    schedule = left.text_input(
        _("When"),
        value=said(before.schedule, here.language),
        key=f"{key}-schedule",
        live=True,
        help=_(
            "In words or as cron: «weekdays 08:00», «mondays 07:30», «first business day of the month "
            "08:00», «every 15 minutes», «on fresh data», «0 7 * * 1-5»."
        ),
    )
    zones = sorted(available_timezones())
    zone = right.selectbox(_("Time zone"), zones, index=zones.index(before.timezone), key=f"{key}-timezone")
    calendars = list(dict.fromkeys(["", before.calendar, *here.settings.calendars]))
    calendar = st.selectbox(
        _("Business days"),
        calendars,
        index=calendars.index(before.calendar),
        format_func=lambda name: name or _("every day counts"),
        key=f"{key}-calendar",
        accept_new_options=True,
        help=_(
            "A calendar of the settings, or a country such as DE, DE-BY or CN: its holidays are days off."
        ),
    )
    on_holiday = before.on_holiday
    if calendar:
        on_holiday = st.radio(
            _("On a day off"),
            clock.ON_HOLIDAY,
            index=clock.ON_HOLIDAY.index(before.on_holiday),
            format_func={
                "skip": _("leave it out"),
                "next": _("send it on the next business day"),
            }.__getitem__,
            key=f"{key}-holiday",
            horizontal=True,
        )
    return Chosen(before.report, schedule or "", zone or before.timezone, calendar or "", on_holiday)


def said(schedule: str, language: str) -> str:
    """A canonical schedule as a person would say it."""
    return clock.in_words(schedule, language)


def show_coming(here: Here, timing: clock.Timing) -> None:
    """The next ten moments on the reader's clock, or why there are none."""
    _ = here.say
    try:
        canonical = clock.check_schedule(timing.schedule)
        moments = clock.coming(here.settings, _with(timing, canonical), now(), _RUNS)
        clock.check_timing(here.settings, _with(timing, canonical))
    except UsageError as error:
        st.warning(escaped(refusals.in_words(error.problem, _)), icon=":material/schedule:")
        st.caption(escaped(refusals.in_words(error.remedy, _)))
        return
    st.markdown(f"**{escaped(said(canonical, here.language))}** · {timing.timezone}")
    if canonical == DATA:
        st.caption(_("It goes out as soon as there are fresh data; nobody knows the moments before."))
        return
    zone = ZoneInfo(timing.timezone)
    local = [moment.astimezone(zone) for moment in moments]
    st.dataframe(
        pl.DataFrame(
            {
                _("Day"): [
                    f"{numbers.weekday(each, here.language, timing.timezone)} "
                    f"{numbers.day(each, here.language, timing.timezone)}"
                    for each in local
                ],
                _("Clock"): [f"{each:%H:%M}" for each in local],
                _("Offset"): [_offset(each) for each in local],
            }
        ),
        hide_index=True,
        height="content",
        alt=_("The next ten"),
    )
    if len({each.utcoffset() for each in local}) > 1:
        st.caption(_("The clocks change meanwhile; it stays at the same time on the reader's clock."))


def _offset(moment: datetime) -> str:
    """How far a clock is from UTC: `UTC+01:00`."""
    written = f"{moment:%z}"
    return f"UTC{written[:3]}:{written[3:5]}"


def _with(timing: clock.Timing, schedule: str) -> Chosen:
    return Chosen(timing.report, schedule, timing.timezone, timing.calendar, timing.on_holiday)
