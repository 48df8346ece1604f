"""How long an order takes: distributions learned from past orders, those not in yet included.

Days between ordering and receiving are counted, so a lead time is a whole number from 0 on. Estimated as
hazards (the chance to come in on day l, if not in before) with a Dirichlet-process prior (the beta-Stacy
posterior of Walker & Muliere 1997, exact for right-censored data): an article leans on its supplier, the
supplier on everybody, as much as `_WEIGHT` orders would.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POINTS = 12  # of a distribution that are looked at where all would be too many
_WEIGHT = 5.0  # orders that the more general distribution counts for
_LOST = 2  # an order open longer than so many times the longest lead time will not come


@dataclass(frozen=True)
class LeadTime:
    """The distribution of a lead time: `chances[l]` is the probability of l days; they sum to one."""

    chances: Array

    @classmethod
    def fixed(cls, days: int) -> "LeadTime":
        """A lead time that is always the same."""
        return cls(np.eye(days + 1)[days])

    @property
    def mean(self) -> float:
        return float(np.arange(len(self.chances)) @ self.chances)

    @property
    def longest(self) -> int:
        return len(self.chances) - 1

    @cached_property
    def points(self) -> tuple[NDArray[np.int64], Array]:
        """The distribution as a few different lead times with their chances, of the same mean and range."""
        known = np.flatnonzero(self.chances > 0)
        if len(known) <= _POINTS:
            return known, self.chances[known]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, _POINTS)).round().astype(np.int64))
        # Each lead time gives its chance to the two points around it, by nearness: the mean stays.
        right = np.searchsorted(edges, known, side="left").clip(1)
        share = (known - edges[right - 1]) / (edges[right] - edges[right - 1])
        chances = np.zeros(len(edges))
        np.add.at(chances, right, self.chances[known] * share)
        np.add.at(chances, right - 1, self.chances[known] * (1 - share))
        return edges, chances

    def remaining(self, age: int) -> "LeadTime":
        """Days still to wait for an order `age` days old that is not in: at least one, from today on.

        One older than every lead time known is expected tomorrow.
        """
        left = self.chances[age + 1 :]
        if not left.sum() > 0:
            return LeadTime.fixed(1)
        return LeadTime(np.concatenate([[0.0], left / left.sum()]))

    def draw(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.int64]:
        """Lead times drawn at random."""
        return rng.choice(len(self.chances), size=size, p=self.chances)


@dataclass(frozen=True)
class LeadTimes:
    """Lead times by article and depot, by supplier, and of all; `of` gives the closest that is known."""

    overall: LeadTime
    suppliers: dict[str, LeadTime]
    articles: dict[tuple[str, str], LeadTime]
    orders: int  # received ones that were learned from

    def of(self, sku: str, depot_id: str, supplier: str | None) -> LeadTime:
        return self.articles.get((sku, depot_id)) or self.suppliers.get(supplier or "") or self.overall


def learned(orders: pl.DataFrame, as_of: date, unknown: int) -> LeadTimes:
    """What the orders known at the end of `as_of` say; where none has come in, every order takes `unknown`.

    `orders` holds sku, depot_id, supplier, ordered_on, received_on. An order received later, or never, was
    open that day: it says that it takes longer than its age. Orders received before they were placed, and
    those open so long that they must be lost, say nothing.
    """
    days = (
        orders.filter(pl.col("ordered_on") <= as_of)
        .with_columns(received=pl.col("received_on").is_not_null() & (pl.col("received_on") <= as_of))
        .with_columns(
            days=(
                pl.when("received").then(pl.col("received_on")).otherwise(pl.lit(as_of))
                - pl.col("ordered_on")
            ).dt.total_days(),
            supplier=pl.col("supplier").fill_null(""),
        )
        .filter(pl.col("days") >= 0)
    )
    received = days.filter("received")
    if received.is_empty():
        return LeadTimes(LeadTime.fixed(unknown), {}, {}, 0)
    longest = int(received["days"].max())  # type: ignore[arg-type]
    days = days.filter(pl.col("received") | (pl.col("days") <= max(_LOST * longest, 1)))
    # An order of today may come in today: that it has not is no news yet.
    days = days.filter(pl.col("received") | (pl.col("days") > 0))
    support = int(days["days"].max()) + 2  # type: ignore[arg-type]
    came, waited = _counts(days, support)
    overall = _posterior(came, waited, np.zeros(support), 0.0)
    suppliers = {
        str(name): _posterior(*_counts(part, support), overall, _WEIGHT)
        for (name,), part in days.group_by("supplier")
    }
    articles = {
        (str(sku), str(depot)): _posterior(*_counts(part, support), suppliers[part["supplier"][0]], _WEIGHT)
        for (sku, depot), part in days.group_by("sku", "depot_id")
    }
    return LeadTimes(
        _trimmed(overall),
        {name: _trimmed(chances) for name, chances in suppliers.items()},
        {key: _trimmed(chances) for key, chances in articles.items()},
        len(received),
    )


def _counts(days: pl.DataFrame, support: int) -> tuple[Array, Array]:
    """By day l: orders that came in after l days, and orders whose lead time is known to be l or longer.

    An order not in after a days is at risk on every day up to and including a: it did not come then.
    """
    taken, received = days["days"].to_numpy(), days["received"].to_numpy()
    came = np.bincount(taken[received], minlength=support).astype(float)
    seen = np.bincount(taken, minlength=support).astype(float)
    return came, seen[::-1].cumsum()[::-1]


def _posterior(came: Array, at_risk: Array, prior: Array, weight: float) -> Array:
    """Chances by day after seeing the counts; what the data leave open beyond the last day falls on it."""
    prior_left = weight * prior[::-1].cumsum()[::-1]
    risk = at_risk + prior_left
    hazard = np.divide(came + weight * prior, risk, out=np.zeros_like(risk), where=risk > 0)
    last = int(np.flatnonzero(risk > 0)[-1])
    if hazard[last] < 1:  # the longest wait is of an open order: it comes the day after, at the earliest
        hazard[min(last + 1, len(hazard) - 1)] = 1.0
    left = np.concatenate([[1.0], np.cumprod(1 - np.clip(hazard, 0, 1))[:-1]])
    chances = left * np.clip(hazard, 0, 1)
    return np.asarray(chances / chances.sum())


def _trimmed(chances: Array) -> LeadTime:
    return LeadTime(chances[: int(np.flatnonzero(chances > 0)[-1]) + 1])
