"""When to order how much of one article: a reorder point and an order-up-to level, as of one evening.

Periodic review with lost sales: every `review` days in the evening the stock position (on hand and on order)
is looked at; at or below the reorder point, it is raised to the order-up-to level, in whole packs. The
reorder point is the highest position with which one may not wait for the next review, given the demand until
that one's order would be there (`lead_time_demand`) and what was promised:

- ``fill``: of the units asked for, those short are no more than 1 - service level (the fill rate);
- ``cycle``: no unit is short before an order is there, in a share of the orders that is the service level;
- ``costs``: one more unit in stock, kept for the time an order is for, would cost more than it would save
  (the critical ratio shortage / (shortage + holding)); but no less than the fill rate `at_least`. Where the
  cost of a unit short is not known, as ``fill``.

How far apart the two levels are weighs the cost of an order against that of keeping stock (`order_gap`).
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.lead_time_demand import Spread, lasting, protected_demand
from analytics.forecasting.lead_times import LeadTime
from analytics.forecasting.renewal import Descent, descent, mean_undershoot

Array = NDArray[np.float64]
Service = Literal["fill", "cycle", "costs"]
_ROUNDING = 1e-6  # sums of forecasts are not exact: a millionth of a unit orders nothing
_FAR = 1e15  # stands for infinity where it is divided by a pack
LONGEST_COVER = 91  # days: where keeping stock seems to cost nothing, an order is for a quarter at most


@dataclass(frozen=True)
class Terms:
    """What an article costs and how it is sold: money in one currency, time in the steps of the demand."""

    holding: float  # of a unit for a step
    order_cost: float  # of an order
    shortage: float  # of a unit short
    service_level: float
    service: Service = "fill"
    at_least: float = 0.0  # fill rate promised under ``costs``, whatever it costs
    pack: int = 1
    least: int = 0
    unit_cost: float = 0.0
    longest_cover: int = LONGEST_COVER


@dataclass(frozen=True)
class Levels:
    """Order at a position of `reorder_point` or less, up to `order_up_to`; `promised`: the service level.

    A reorder point of minus infinity: never.
    """

    reorder_point: float
    order_up_to: float
    promised: float


NEVER = Levels(-np.inf, 0.0, 0.0)


@dataclass(frozen=True)
class Ahead:
    """What lies ahead of one article in the evening of a review.

    `short`: the demand, beyond the reorder point, from the last review that ordered nothing until the next
    one's order is there. `rate`: expected demand of an average day. `gap`: from the reorder point to the
    order-up-to level. `batch`: units of an average order.
    """

    short: Spread
    rate: float
    gap: float
    batch: float


def ahead(paths: Array, lead_time: LeadTime, terms: Terms, review: int) -> Ahead:
    """From sample paths (samples, days from tomorrow on) and the distribution of the lead time.

    Of `terms` only what an order and keeping cost, and the sizes of orders.
    """
    rate = float(paths.mean())
    if not rate > 0:
        return Ahead(Spread(np.zeros(1), np.ones(1)), 0.0, 0.0, 0.0)
    between = _between_reviews(paths, review)
    gap = order_gap(rate, mean_undershoot(between), terms)
    least = max(terms.least, terms.pack)
    down = descent(between, gap)
    if down.batch < least:  # a larger order is as if the levels were further apart
        down = descent(between, max(least - mean_undershoot(between), gap))
    return Ahead(_short(paths, lead_time, review, down), rate, gap, max(down.batch, least))


def order_gap(rate: float, undershoot: float, terms: Terms) -> float:
    """Order-up-to level less reorder point that costs least in orders and stock.

    An order is not placed at the reorder point but `undershoot` below it on average, so by renewal theory it
    is for gap + undershoot units, and the stock above the reorder point is half of (gap + undershoot) less
    undershoot^2 / (gap + undershoot): least where gap + undershoot is the root of EOQ^2 - undershoot^2
    (Silver, Pyke & Thomas 2017, ch. 7; EOQ the economic order quantity).
    """
    if not terms.order_cost > 0:
        return 0.0
    units = rate * terms.longest_cover
    if terms.holding > 0:
        square = 2 * terms.order_cost * rate / terms.holding - undershoot**2
        units = min(max(square, 0.0) ** 0.5, units)
    return max(units - undershoot, 0.0)


def levels(given: Ahead, terms: Terms) -> Levels:
    """The levels of one article. `NEVER` where nothing is expected to be asked for, and under ``costs`` where
    being without is cheapest.
    """
    if not given.rate > 0:
        return NEVER
    promised = terms.service_level
    if terms.service == "cycle":
        level = given.short.quantile(promised)
    elif terms.service == "fill" or not terms.shortage > 0:
        level = given.short.level_leaving((1 - promised) * given.batch)
    elif not terms.at_least and _dear_to_keep(given, terms):
        return NEVER
    else:
        promised = terms.shortage / (terms.shortage + terms.holding * given.batch / given.rate)
        level = given.short.quantile(promised)
        if terms.at_least:
            level = max(level, given.short.level_leaving((1 - terms.at_least) * given.batch))
    # What is sold at all is ordered at the latest when nothing is left.
    needed = max(ceil(level - _ROUNDING), 1)
    return Levels(needed - 1, needed + ceil(max(given.gap - _ROUNDING, 0)), promised)


def _dear_to_keep(given: Ahead, terms: Terms) -> bool:
    """Whether orders and stock cost more per unit sold than the unit short: rare sales of a dear article."""
    kept = terms.order_cost / given.batch + terms.holding * (given.batch + 1) / (2 * given.rate)
    return terms.shortage <= kept


def _between_reviews(paths: Array, review: int) -> Array:
    """Demand from one review to the next, whatever the sample and the day; at least the mean of one."""
    whole = lasting(paths, -(-paths.shape[1] // review) * review)
    totals = whole.reshape(len(whole), -1, review).sum(axis=2)
    return np.maximum(totals, 0) if totals.mean() > 0 else np.full(1, paths.mean() * review)


def _short(paths: Array, lead_time: LeadTime, review: int, down: Descent) -> Spread:
    """The demand beyond the reorder point until an order that is due at the next review would be there.

    From a position v above it the next review orders if more than v is asked for until then; that demand, and
    what follows until the order is there, less v, is what the reorder point has to bear.
    """
    totals, chances = protected_demand(paths, lead_time, review)
    asked = lasting(paths, review)[:, :review].sum(axis=1)  # until the next review
    orders = down.often[:, None] * (asked > down.seen[:, None])
    if not orders.any():
        return Spread.of(totals, np.broadcast_to(chances / len(paths), totals.shape))
    values = totals - down.seen[:, None, None]
    return Spread.of(values, np.broadcast_to(orders[:, :, None] * chances, values.shape))


def quantities(position: Array, reorder_point: Array, order_up_to: Array, pack: Array, least: Array) -> Array:
    """The units to order, article by article: none above the reorder point, else whole packs.

    As many packs as come closest to the order-up-to level, but enough to be above the reorder point and for
    the least order. All arguments broadcast; the answer is whole numbers as floats.
    """
    packs = np.floor((order_up_to - position) / pack + 0.5)
    enough = np.ceil((np.maximum(reorder_point, -_FAR) + 1 - position) / pack - _ROUNDING)
    packs = np.maximum(np.maximum(packs, enough), np.ceil(least / pack - _ROUNDING))
    return np.where(position > reorder_point, 0.0, np.maximum(packs, 0.0) * pack)
