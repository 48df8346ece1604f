"""Which days are business days: neither weekend nor holiday, by the calendars of `[calendars]` or a country.

Public holidays come from the library `holidays` (countries and their subdivisions by ISO 3166), with the
weekend days that are worked instead (China). A calendar may be named without being declared: by a country
(`DE`) or one of its subdivisions (`DE-BY`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from connectors.errors import UsageError, did_you_mean
from pipelines.mailing import CalendarSettings
from pipelines.settings import Settings

if TYPE_CHECKING:
    from holidays import HolidayBase

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
# No run of days off is as long as this; a calendar in which one is would never be due again.
MOST_DAYS_OFF = 60
_DECLARE = "Declare it in [calendars], or name a country, such as DE, DE-BY or CN."


@dataclass(frozen=True)
class DayOff:
    """A day that is no business day: a public `holiday` by its name (in English), a weekend, or neither for a
    holiday of one's own; `moved_to` is the day that takes its issue, None where it is skipped."""

    day: date
    holiday: str
    is_weekend: bool
    moved_to: date | None


@dataclass(frozen=True)
class BusinessDays:
    """One calendar: holidays of its own (`off`), weekdays off (Monday is 0), holidays of a country."""

    name: str
    off: frozenset[date]
    weekend: frozenset[int]
    public: "HolidayBase | None" = None

    def __contains__(self, day: date) -> bool:
        """Whether `day` is a business day."""
        if day in self.off:
            return False
        if self.public is None:
            return day.weekday() not in self.weekend
        if day in self.public:
            return False
        return day.weekday() not in self.weekend or day in self.public.weekend_workdays

    def off_day(self, day: date, *, moves: bool) -> DayOff:
        """What a day is that is no business day, and where what is due on it goes."""
        holiday = self.public.get(day, "") if self.public is not None else ""
        return DayOff(
            day,
            holiday,
            is_weekend=not holiday and day.weekday() in self.weekend,
            moved_to=self.on_or_after(day) if moves else None,
        )

    def on_or_after(self, day: date) -> date:
        """The first business day from `day` on."""
        return next(each for each in _walk(day, _DAY) if each in self)

    def before(self, day: date) -> date:
        """The last business day before `day`."""
        return next(each for each in _walk(day - _DAY, -_DAY) if each in self)


def _walk(day: date, step: timedelta) -> Iterator[date]:
    for _ in range(MOST_DAYS_OFF):
        yield day
        day += step
    raise UsageError(
        f"The calendar has no business day within {MOST_DAYS_OFF} days of {day}.",
        "Take some of the holidays or weekend days out of [calendars].",
    )


def business_days(settings: Settings, name: str) -> BusinessDays:
    """The calendar called `name`: one of `[calendars]`, or a country (`DE`, `DE-BY`, `CN`).

    Raises UsageError with the nearest names where there is none.
    """
    if name in settings.calendars:
        return _declared(settings, name, settings.calendars[name])
    country, _, subdivision = name.upper().partition("-")
    if country not in _countries():
        raise UsageError(f"There is no calendar «{name}».", _suggestion(settings, name))
    return BusinessDays(name, frozenset(), _weekend(country, subdivision), _public(country, subdivision))


def check_calendar(settings: Settings, name: str) -> str:
    """`name` if such a calendar is known ("" is none); raises UsageError with the nearest names."""
    if name:
        business_days(settings, name)
    return name


def _declared(settings: Settings, name: str, given: CalendarSettings) -> BusinessDays:
    country, subdivision = given.country.upper(), given.subdivision.upper()
    if country and country not in _countries():
        raise UsageError(
            f"[calendars.{name}]: there is no country «{given.country}».",
            _suggestion(settings, given.country),
        )
    public = _public(country, subdivision) if country else None
    says_weekend = "weekend" in given.model_fields_set or not country
    weekend = frozenset(_WEEKDAYS.index(day) for day in given.weekend)
    return BusinessDays(
        name, frozenset(given.holidays), weekend if says_weekend else _weekend(country, subdivision), public
    )


@cache
def _countries() -> dict[str, list[str]]:
    """Codes of countries (ISO 3166-1 alpha-2) -> those of their subdivisions."""
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    return {code: list(parts) for code, parts in known.items() if len(code) == 2}


@cache
def _public(country: str, subdivision: str) -> "HolidayBase":
    """The public holidays; they are computed year by year as they are asked for."""
    from holidays import country_holidays

    parts = _countries()[country]
    if subdivision and subdivision not in parts:
        known = [f"{country}-{part}" for part in parts]
        raise UsageError(
            f"{country} has no subdivision «{subdivision}».", did_you_mean(f"{country}-{subdivision}", known)
        )
    return country_holidays(country, subdiv=subdivision or None, language="en_US")


def _weekend(country: str, subdivision: str) -> frozenset[int]:
    return frozenset(_public(country, subdivision).weekend)


def _suggestion(settings: Settings, name: str) -> str:
    """The nearest calendars, also where a country was called by its name."""
    from holidays.registry import COUNTRIES

    called = {country.replace("_", " "): codes[1] for country, codes in COUNTRIES.items()}
    if country := get_close_matches(name.casefold().strip(), called, n=1, cutoff=0.8):
        return f"Did you mean {called[country[0]]}?"
    near = did_you_mean(name, [*settings.calendars, *_countries()])
    return near if near.startswith("Did") else f"{_DECLARE} {near}"
