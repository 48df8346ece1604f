"""Whether value at risk kept its promise: how often the loss was larger, and whether such days come in runs.

Kupiec (1995), Techniques for verifying the accuracy of risk measurement models: likelihood ratio of the
proportion of failures. Christoffersen (1998), Evaluating interval forecasts: the same for their independence
from one day to the next, and for both together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNLIKELY = 0.05  # a p-value below it speaks against the promise


@dataclass(frozen=True)
class Backtest:
    """How often the loss exceeded the value at risk, expected and found, with the tests' p-values.

    `runs_p` and `both_p` are None where no two days follow each other with an exceedance to judge by.
    """

    days: int
    exceeded: int
    expected: float
    ratio: float
    p: float
    runs_p: float | None
    both_p: float | None

    @property
    def verdict(self) -> str:
        """`kept`, `too_often` or `too_seldom` by Kupiec's test; `in_runs` where only independence fails."""
        if self.p < UNLIKELY:
            return "too_often" if self.exceeded > self.expected else "too_seldom"
        return "in_runs" if self.runs_p is not None and self.runs_p < UNLIKELY else "kept"


def backtest(exceeded: NDArray[np.bool_], level: float) -> Backtest:
    """Judges the days on which the loss exceeded the value at risk at `level`, in the order of time."""
    from scipy.stats import chi2

    days, found = len(exceeded), int(exceeded.sum())
    ratio = kupiec(days, found, 1 - level)
    runs = christoffersen(exceeded)
    return Backtest(
        days=days,
        exceeded=found,
        expected=days * (1 - level),
        ratio=ratio,
        p=float(chi2.sf(ratio, 1)),
        runs_p=None if runs is None else float(chi2.sf(runs, 1)),
        both_p=None if runs is None else float(chi2.sf(ratio + runs, 2)),
    )


def kupiec(days: int, exceeded: int, chance: float) -> float:
    """Kupiec's likelihood ratio, chi-square of one degree of freedom if each day exceeds with `chance`."""
    if not days:
        return 0.0
    share = exceeded / days
    return 2 * (_likelihood(days, exceeded, share) - _likelihood(days, exceeded, chance))


def christoffersen(exceeded: NDArray[np.bool_]) -> float | None:
    """The likelihood ratio of independence: a first-order Markov chain against equal chances every day.

    None where no exceedance, or nothing else, comes before another day.
    """
    before, after = exceeded[:-1], exceeded[1:]
    calm, wild = int((~before).sum()), int(before.sum())
    if not calm or not wild:
        return None
    after_calm, after_wild = int((~before & after).sum()), int((before & after).sum())
    share = (after_calm + after_wild) / (calm + wild)
    chain = _likelihood(calm, after_calm, after_calm / calm) + _likelihood(
        wild, after_wild, after_wild / wild
    )
    return 2 * (chain - _likelihood(calm + wild, after_calm + after_wild, share))


def _likelihood(days: int, found: int, chance: float) -> float:
    """The log likelihood of `found` in `days`; 0 log 0 is 0."""
    calm = days - found
    return (found * np.log(chance) if found else 0.0) + (calm * np.log1p(-chance) if calm else 0.0)
