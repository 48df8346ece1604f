"""The days that a look at the past takes in: chosen on the page, always ending with the last scored day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dashboards import numbers
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose

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


def chosen_period(here: Here, as_of: datetime) -> Period:
    """The period that the address names: so many days until the day of `as_of`."""
    _ = here.say
    titles = {str(days): _("{days} days").format(days=days) for days in _LENGTHS}
    length = choose("days", _("Promised in the last"), titles, default=str(_USUAL))
    return Period(as_of.date() - timedelta(days=int(length) - 1), as_of.date())
