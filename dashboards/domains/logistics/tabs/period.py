"""The days that a look at the past takes in: chosen on the page, always ending with the last scored day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import streamlit as st

from dashboards import numbers
from dashboards.screens.here import Here

_LENGTHS = (30, 90, 365)
_USUAL = 90


@dataclass(frozen=True)
class Period:
    """From `since` to `until`, both included."""

    since: date
    until: date

    @property
    def before(self) -> "Period":
        """As many days, just before."""
        return Period(
            self.since - (self.until - self.since) - timedelta(days=1), self.since - timedelta(days=1)
        )

    def told(self, language: str) -> str:
        """`Aug 2, 2026 – Oct 30, 2026`."""
        return f"{numbers.day(self.since, language)} – {numbers.day(self.until, language)}"


def chosen_period(here: Here, as_of: datetime, key: str) -> Period:
    """The period a person chose: so many days until the day of `as_of`."""
    _ = here.say
    length = st.segmented_control(
        _("Promised in the last"),
        _LENGTHS,
        format_func=lambda days: _("{days} days").format(days=days),
        default=_USUAL,
        key=key,
        required=True,
    )
    return Period(as_of.date() - timedelta(days=int(length or _USUAL) - 1), as_of.date())
