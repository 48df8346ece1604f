"""Numbers, percents, money and moments as a reader of a language writes them.

Moments are stored in UTC without a zone; here they get the reader's zone.
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel import dates as babel_dates
from babel import numbers as babel_numbers

from dashboards.units import unit_in_words

Format = Literal["text", "integer", "number", "percent", "signed", "date", "month", "moment", "clock"]

ABSENT = "–"
_TOO_LONG = 1e15  # to be read digit by digit
_LOCALES = {"en": Locale("en"), "zh": Locale("zh", "CN", script="Hans")}


def integer(value: float | None, language: str) -> str:
    """`12345` -> `12,345`."""
    return _decimal(value, 0, language)


def number(value: float | None, language: str, digits: int | None = None) -> str:
    """A number with `digits` decimals, or with as many as three significant figures need."""
    if digits is None:
        digits = _digits_for(value)
    return _decimal(value, digits, language)


def percent(share: float | None, language: str, digits: int = 1) -> str:
    """A share of one as a percentage: `0.123` -> `12.3%`."""
    return _decimal(share, digits, language, suffix="%")


def points(difference: float | None, language: str, digits: int = 1) -> str:
    """A difference of two shares, in percentage points with its sign: `0.012` -> `+1.2`."""
    return signed(None if _absent(difference) else 100 * float(difference or 0), language, digits)


def points_between(before: float, after: float, language: str) -> str:
    """The points from one share to another as `percent` writes both: who reads all three can add them up."""
    first, last = (round(100 * Decimal(str(share)), 1) for share in (before, after))
    return signed(float(last - first), language, 1)


def signed(value: float | None, language: str, digits: int | None = None) -> str:
    """A number that always shows its sign."""
    if digits is None:
        digits = _digits_for(value)
    return _decimal(value, digits, language, sign="+")


def money(value: float | None, currency: str, language: str, digits: int = 0) -> str:
    """An amount with its ISO 4217 currency: `EUR 1,234`. A code is unmistakable, ¥ is not."""
    return ABSENT if _absent(value) else f"{currency} {number(value, language, digits)}"


def day(value: date | datetime | None, language: str, zone: str = "UTC") -> str:
    """A calendar day: `Nov 22, 2026` or `2026年11月22日`. A moment is first brought to `zone`."""
    return _moment(value, language, zone, "yMMMd")


def weekday(value: date | datetime | None, language: str, zone: str = "UTC") -> str:
    """The day of the week, short: `Mon` or `周一`. A moment is first brought to `zone`."""
    return _moment(value, language, zone, "E")


def month(value: date | datetime | None, language: str) -> str:
    """A month of a year: `Nov 2026` or `2026年11月`. Months are labels, so no zone moves them."""
    return _moment(value, language, "UTC", "yMMM")


def moment(value: datetime | None, language: str, zone: str = "UTC") -> str:
    """Day, hour and minute with the zone's name: `Nov 22, 2026, 08:00 (Europe/London)`."""
    if value is None:
        return ABSENT
    clock = f"{_in_zone(value, zone):%H:%M}"
    return f"{day(value, language, zone)} {clock} ({zone})"


def clock(value: datetime | None, _language: str = "") -> str:
    """The time of day of a moment that is on the reader's clock already: `08:05`."""
    return ABSENT if value is None else f"{value:%H:%M}"


def shown(value: Any, kind: Format, language: str, unit: str = "") -> str:
    """`value` in the way of `kind`, with its unit where it has one. Nothing is shown as a dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ABSENT
    return _WAYS[kind](value, language) + (f" {unit_in_words(unit, language)}" if unit else "")


def axis_label(value: float, kind: Format, language: str, step: float) -> str:
    """A tick of an axis whose ticks are `step` apart (1, 2 or 5 times a power of ten)."""
    if kind == "percent":
        return percent(value, language, _decimals_of(100 * step))
    return (signed if kind == "signed" else number)(value, language, _decimals_of(step))


def _decimals_of(step: float) -> int:
    # A hair is added: the logarithm of 0.1 comes out below -1.
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0


def _decimal(value: float | None, digits: int, language: str, sign: str = "", suffix: str = "") -> str:
    """The number as both languages write it: a comma between thousands, a point before decimals.

    Halves go to the even neighbour. This is what Babel's patterns give, at a tenth of their time: tables have
    many numbers.
    """
    if value is None or _absent(value):
        return ABSENT
    if abs(value) >= _TOO_LONG:
        return str(babel_numbers.format_scientific(value, format="0.##E0", locale=_LOCALES[language]))
    exact = Decimal(str(value))
    return f"{exact * 100 if suffix else exact:{sign},.{digits}f}{suffix}"


def _absent(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def _digits_for(value: float | None) -> int:
    """Decimals that leave about three significant figures; none for whole numbers and from 100 on."""
    if value is None or _absent(value) or abs(value) >= 100 or float(value).is_integer():
        return 0
    return min(4, 2 - math.floor(math.log10(abs(value)))) if abs(value) >= 1e-4 else 4


def _moment(value: date | datetime | None, language: str, zone: str, skeleton: str) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, datetime):
        value = _in_zone(value, zone).date()
    noon = datetime(value.year, value.month, value.day, 12, tzinfo=UTC)
    return str(babel_dates.format_skeleton(skeleton, noon, locale=_LOCALES[language]))


def _in_zone(value: datetime, zone: str) -> datetime:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone))


def _text(value: Any, _language: str) -> str:
    return str(value)


_WAYS: Mapping[Format, Callable[[Any, str], str]] = {
    "text": _text,
    "integer": integer,
    "number": number,
    "percent": percent,
    "signed": partial(signed, digits=2),
    "date": day,
    "month": month,
    "moment": moment,
    "clock": clock,
}
