"""Time until an event where not everybody is followed that far: Kaplan-Meier's curve and the log-rank test.

Curve: Kaplan and Meier (1958), its variance after Greenwood (1926), the 95 % interval on the scale
log(-log S), where it never leaves 0 to 1 (Kalbfleisch and Prentice 1980). Test: Mantel (1966), for several
groups Peto and Peto (1972). Both read counts by time, so that a database does the counting; everybody is
followed from time 0 on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

_SURE = 1.959964  # standard errors of a 95 % interval


@dataclass(frozen=True)
class LogRank:
    """Whether groups have the same curve: `statistic` is chi-squared of `degrees` freedom if they do."""

    statistic: float
    degrees: int
    p: float


def kaplan_meier(counts: pl.DataFrame) -> pl.DataFrame:
    """The curve of `counts`: `time` (each once), `events` and `censored` at that time, in any order.

    A row for time 0 and one for each time, rising: `time`, `at_risk` (just before it), `events`, `survival`
    (the share without the event up to and with it), `lower`, `upper` (null where nobody is left to tell).
    """
    rows = counts.sort("time")
    left = pl.col("events") + pl.col("censored")
    at_risk = left.sum() - left.cum_sum() + left
    rest = at_risk - pl.col("events")
    curve = rows.select(
        pl.col("time").cast(pl.Float64),
        at_risk.cast(pl.Int64).alias("at_risk"),
        pl.col("events").cast(pl.Int64),
        (rest / at_risk).cum_prod().alias("survival"),
        (pl.col("events") / (at_risk * rest)).cum_sum().sqrt().alias("error"),
    )
    everybody = int((rows["events"] + rows["censored"]).sum())
    begin = pl.DataFrame(
        {"time": [0.0], "at_risk": [everybody], "events": [0], "survival": [1.0], "error": [0.0]}
    )
    survival = pl.col("survival")
    # log(-log S) has the error (of S / S) / |log S|; its bounds, brought back, are powers of S.
    power = (_SURE * pl.col("error") / survival.log().abs()).exp()
    inside = (survival > 0) & (survival < 1)
    return (
        pl.concat([begin, curve])
        .with_columns(
            lower=pl.when(inside).then(survival**power).when(survival == 1).then(1.0),
            upper=pl.when(inside).then(survival ** (1 / power)).when(survival == 1).then(1.0),
        )
        .drop("error")
    )


def log_rank(groups: Sequence[pl.DataFrame]) -> LogRank | None:
    """Whether the groups (`counts` as above) differ; None where fewer than two can be compared."""
    from scipy.stats import chi2

    followed = [each for each in groups if (each["events"] + each["censored"] > 0).any()]
    happenings = [each.filter(pl.col("events") > 0)["time"].to_numpy() for each in followed]
    if len(followed) < 2 or not any(map(len, happenings)):
        return None
    times = np.unique(np.concatenate(happenings))
    events = np.zeros((len(followed), len(times)))
    at_risk = np.zeros_like(events)
    for group, each in enumerate(followed):
        ends, happened = each["time"].to_numpy(), each["events"].to_numpy()
        left = happened + each["censored"].to_numpy()
        at_risk[group] = (left[:, None] * (ends[:, None] >= times)).sum(axis=0)
        events[group] = (happened[:, None] * (ends[:, None] == times)).sum(axis=0)
    everybody, happened = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / everybody
    excess = (events - share * happened).sum(axis=1)
    # The hypergeometric variance; of a last single person at risk it is nothing.
    spread = happened * (everybody - happened) / np.maximum(everybody - 1, 1)
    variance = np.diag((spread * share).sum(axis=1)) - np.einsum("t,gt,ht->gh", spread, share, share)
    degrees = len(followed) - 1
    kept = slice(0, degrees)  # the groups' excesses add up to nothing: one says no more than the others
    if np.linalg.matrix_rank(variance[kept, kept]) < degrees:
        return None
    statistic = float(excess[kept] @ np.linalg.solve(variance[kept, kept], excess[kept]))
    return LogRank(statistic, degrees, float(chi2.sf(statistic, degrees)))
