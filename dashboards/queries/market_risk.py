"""What is computed from prices for the market page, so that it is computed once for everyone who asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from analytics.market.backtest import Backtest, backtest
from analytics.market.frontier import AIMS, Aim, Portfolio, frontier, portfolio, walked
from analytics.market.returns import returns, together
from analytics.market.value_at_risk import FEWEST, METHODS, WINDOW, Method, Risk, risk, rolled
from dashboards.queries.market import prices
from dashboards.queries.reading import Read

EQUAL = "="  # in place of an instrument's name: equal parts of all


@dataclass(frozen=True)
class Tested:
    """The risk of the day to come by one method, and how the same method fared on the days before.

    `days` is that of `value_at_risk.rolled`; `test` is None where there is no day to test.
    """

    ahead: Risk
    days: pl.DataFrame
    test: Backtest | None


@dataclass(frozen=True)
class Portfolios:
    """The frontier, the portfolio of each aim in hindsight, and the days it would really have brought.

    `days` are those on which all instruments had a price, `left_out` those on which one of them had none.
    """

    names: tuple[str, ...]
    frontier: tuple[Portfolio, ...]
    hindsight: Mapping[Aim, Portfolio]
    walked: Mapping[Aim, pl.DataFrame]
    returns: pl.DataFrame
    left_out: int


def series(read: Read, names: Sequence[str], since: date | None, what: str) -> pl.DataFrame:
    """`day, return` of the instrument `what`, or of EQUAL parts of all `names` on their common days."""
    if what != EQUAL:
        return returns(prices(read, [what], since)).select("day", "return")
    if not names:
        return pl.DataFrame(schema={"day": pl.Date, "return": pl.Float64})
    wide = together(prices(read, names, since), names)
    each = [pl.col(name) for name in wide.columns if name != "day"]
    return wide.select("day", pl.mean_horizontal(each).alias("return"))


def methods_tested(
    read: Read, names: Sequence[str], since: date | None, what: str, level: float
) -> dict[Method, Tested]:
    """Value at risk by each method, for the day to come and tested on the days before; empty for too few."""
    found = series(read, names, since, what)
    values = found["return"].to_numpy()
    if len(values) < FEWEST:
        return {}
    return {method: _tested(found["day"], values, level, method) for method in METHODS}


def _tested(days: pl.Series, values: np.ndarray, level: float, method: Method) -> Tested:
    said = rolled(days, values, level, method)
    exceeded = (-said["return"] > said["value_at_risk"]).to_numpy()
    ahead = risk(values[-WINDOW:], level, method)
    return Tested(ahead, said, backtest(exceeded, level) if said.height else None)


def portfolios(read: Read, names: Sequence[str], since: date | None) -> Portfolios:
    """The portfolios of `names`, each of which has a price on at least FEWEST common days."""
    found = prices(read, names, since)
    wide = together(found, names)
    return Portfolios(
        names=tuple(names),
        frontier=tuple(frontier(wide)),
        hindsight={aim: portfolio(wide, aim) for aim in AIMS},
        walked={aim: walked(wide, aim) for aim in AIMS},
        returns=wide,
        left_out=found["day"].n_unique() - wide.height - 1,
    )
