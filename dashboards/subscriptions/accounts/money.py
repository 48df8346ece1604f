"""Amounts of money, exact: a share of a price, rounded half up to the currency's minor unit."""

from decimal import Decimal
from fractions import Fraction

from connectors.errors import UsageError


def minor_digits(currency: str) -> int:
    """The decimals of a currency (ISO 4217 by the CLDR): EUR 2, JPY 0, KWD 3; raises UsageError for none."""
    from babel.numbers import get_currency_precision, is_currency

    if not is_currency(currency):
        raise UsageError(
            f"There is no currency «{currency}».",
            "Write its code by ISO 4217, such as EUR, in `currency` of the plan in assistant.toml.",
        )
    return int(get_currency_precision(currency))


def share(price: Decimal, part: int, whole: int, currency: str) -> Decimal:
    """`price` x `part` / `whole`, rounded half up from the exact quotient; nothing is negative."""
    digits = minor_digits(currency)
    exact = Fraction(price) * part / whole * 10**digits
    return Decimal(f"{int(exact + Fraction(1, 2))}E-{digits}")


def written(value: Decimal, currency: str, language: str) -> str:
    """An amount with all of its decimals: `EUR 1,234.50`. A code is unmistakable, ¥ is not."""
    from babel.numbers import format_decimal

    digits = max(0, -int(value.as_tuple().exponent))
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return f"{currency} {format_decimal(value, format=pattern, locale=language)}"
