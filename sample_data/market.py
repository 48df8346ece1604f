"""Prices of eight instruments over three years: calm and wild weeks that cluster, and one crisis.

Daily log returns are an instrument's share in a common factor and a part of its own. Both follow GARCH(1,1)
(Bollerslev 1986) with Student-t shocks, so that large moves follow large moves; in `CRISIS` the factor falls
and its shocks are larger. Gold gains from the factor's falls, government bonds hardly notice.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from sample_data.world import END, Floats, Organisation, dates, day_number

FIRST_DAY, LAST_DAY = day_number(date(2023, 11, 1)), day_number(END) - 1
CRISIS = (day_number(date(2025, 3, 3)), day_number(date(2025, 4, 25)))
FALL, STORM = -0.006, 1.8  # of the factor in the crisis: its drift a day, and how much larger its shocks are
DAYS_A_YEAR = 252
SHOCKS = 5  # degrees of freedom


@dataclass(frozen=True)
class Instrument:
    """What an instrument is like: drift and own volatility are of a year."""

    name: str
    currency: str
    price: float
    share: float  # in the common factor
    drift: float
    volatility: float
    listed: int = FIRST_DAY


INSTRUMENTS = (
    Instrument("EQ-EUROPE", "EUR", 148.20, 1.0, 0.03, 0.06),
    Instrument("EQ-USA", "USD", 412.50, 1.1, 0.06, 0.08),
    Instrument("EQ-CHINA", "CNY", 61.35, 0.7, 0.02, 0.17),
    Instrument("EQ-SWISS", "CHF", 96.80, 0.75, 0.02, 0.07),
    Instrument("GOV-EURO", "EUR", 104.60, -0.06, 0.02, 0.045),
    Instrument("CORP-EURO", "EUR", 98.90, 0.18, 0.03, 0.035),
    Instrument("GOLD", "USD", 1985.00, -0.25, 0.08, 0.13),
    Instrument("REIT-EURO", "EUR", 23.14, 0.9, 0.0, 0.14, day_number(date(2026, 2, 16))),
)


def market(rng: np.random.Generator, _scale: float = 1.0) -> Organisation:
    """`prices`: the close of every instrument on business days; each has holidays of its own."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    days = days[(days + 3) % 7 < 5]
    stormy = (days >= CRISIS[0]) & (days <= CRISIS[1])
    factor = 0.13 * _clustered(rng, len(days), np.where(stormy, STORM, 1.0)) + np.where(stormy, FALL, 0.0004)
    calm = np.ones(len(days))
    frames = []
    for each in INSTRUMENTS:
        own = each.volatility * _clustered(rng, len(days), calm)
        returns = each.share * factor + own + each.drift / DAYS_A_YEAR
        holiday = rng.random(len(days)) < 0.012
        there = (days >= each.listed) & ~holiday
        close = each.price * np.exp(np.cumsum(returns))
        frames.append(
            pl.DataFrame({"instrument": each.name, "day": dates(days), "close": close.round(2)})
            .with_columns(currency=pl.lit(each.currency))
            .filter(pl.Series(there))
        )
    return Organisation({"prices": pl.concat(frames)}, {})


def _clustered(rng: np.random.Generator, count: int, storm: Floats) -> Floats:
    """Returns of GARCH(1,1) with a volatility of one a year in the long run, each shock times `storm`."""
    alpha, beta, usual = 0.09, 0.88, 1.0 / DAYS_A_YEAR
    shocks = rng.standard_t(SHOCKS, count) * np.sqrt((SHOCKS - 2) / SHOCKS)
    returns, variance = np.empty(count), usual
    for place in range(count):
        returns[place] = np.sqrt(variance) * shocks[place] * storm[place]
        variance = (1 - alpha - beta) * usual + alpha * returns[place] ** 2 + beta * variance
        variance = min(variance, 9 * usual)
    return returns
