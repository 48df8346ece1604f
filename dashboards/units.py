"""Units of measure as a reader writes them."""

from functools import cache

from dashboards.wording import say


@cache
def unit_in_words(unit: str, language: str) -> str:
    """`months` -> `个月`, `kg/m2` -> `kg/m²`; "" for the 1 of ratios; symbols that all know stay."""
    _ = say(language)
    words = {
        "min": _("min"),
        "hours": _("hours"),
        "days": _("days"),
        "months": _("months"),
        "years": _("years"),
        "parcels": _("parcels"),
        "EUR/month": _("EUR a month"),
        "km/year": _("km a year"),
        "kg/m2": "kg/m²",
        "deg": "°",
        "1": "",
    }
    return words.get(unit, unit)
