"""Day by day through a time of known demand: what a policy orders, sells, and lacks. Exact, no averages.

The order of a day: what is due arrives; the day's demand is served from the shelf, and what cannot be is lost
(no backorders); returns go back on the shelf; what is on the shelf in the evening costs its keeping; on a
review day orders are placed. An order with a lead time of l days placed on day t is there in the morning of
t + l; one with lead time zero the same night (see `lead_time_demand`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.policy import quantities

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Trade:
    """What articles cost, one value each (or one for all): see `policy.Terms`."""

    holding: Array
    order_cost: Array
    shortage: Array
    pack: Array
    least: Array


@dataclass(frozen=True)
class Ledger:
    """What happened, articles x days: all in units, `on_hand` and `on_order` as of the evening."""

    demand: Array
    received: Array
    sold: Array
    lost: Array
    returned: Array
    ordered: Array
    on_hand: Array
    on_order: Array

    def since(self, day: int) -> "Ledger":
        """The days from `day` on."""
        return Ledger(**{name: values[:, day:] for name, values in vars(self).items()})

    def rows(self, chosen: Whole) -> "Ledger":
        """Some of the articles."""
        return Ledger(**{name: values[chosen] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Cost:
    """What a policy cost and gave, over all articles and days."""

    fill_rate: float  # units sold of units asked for; 1 where nothing was
    stock_out_days: int  # days of an article on which some unit was short
    holding: float
    ordering: float
    shortage: float
    mean_stock: float  # units on the shelf in the evening, over all articles
    orders: int

    @property
    def total(self) -> float:
        return self.holding + self.ordering + self.shortage


def simulate(
    demand: Array,
    reorder_point: Array,
    order_up_to: Array,
    lead_days: Whole,
    start: Array,
    trade: Trade,
    review: int = 1,
) -> Ledger:
    """Follows articles (rows) through days (columns) of demand; a negative demand is a return.

    `reorder_point` and `order_up_to`: the levels in force each evening, (articles, days) or (articles, 1)
    where they stay. `lead_days`: of an order placed that day, (articles, days). `start`: on the shelf before
    the first morning. Reviews are on days 0, review, 2 review ...
    """
    articles, days = demand.shape
    reorder_point, order_up_to = (
        np.broadcast_to(given, demand.shape) for given in (reorder_point, order_up_to)
    )
    due = np.zeros((articles, days + 1 + int(lead_days.max(initial=0))))
    book = {name: np.zeros(demand.shape) for name in Ledger.__dataclass_fields__}
    shelf, coming, every = start.astype(float), np.zeros(articles), np.arange(articles)
    for day in range(days):
        arriving = due[:, day]
        shelf, coming = shelf + arriving, coming - arriving
        asked, returned = np.maximum(demand[:, day], 0), np.maximum(-demand[:, day], 0)
        sold = np.minimum(asked, np.maximum(shelf, 0))
        shelf = shelf - sold + returned
        ordered = np.zeros(articles)
        if day % review == 0:
            position = shelf + coming
            ordered = quantities(
                position, reorder_point[:, day], order_up_to[:, day], trade.pack, trade.least
            )
            due[every, day + np.maximum(lead_days[:, day], 1)] += ordered
            coming = coming + ordered
        _enter(
            book, day, demand=demand[:, day], received=arriving, sold=sold, lost=asked - sold,
            returned=returned, ordered=ordered, on_hand=shelf, on_order=coming,
        )  # fmt: skip
    return Ledger(**book)


def _enter(book: dict[str, Array], day: int, **columns: Array) -> None:
    for name, values in columns.items():
        book[name][:, day] = values


def cost_of(ledger: Ledger, trade: Trade) -> Cost:
    """The money: shelf x holding each evening, an amount for each order, an amount for each unit short."""
    asked = float(np.maximum(ledger.demand, 0).sum())
    return Cost(
        fill_rate=float(ledger.sold.sum()) / asked if asked else 1.0,
        stock_out_days=int((ledger.lost > 0).sum()),
        holding=float((np.maximum(ledger.on_hand, 0).sum(axis=1) * trade.holding).sum()),
        ordering=float(((ledger.ordered > 0).sum(axis=1) * trade.order_cost).sum()),
        shortage=float((ledger.lost.sum(axis=1) * trade.shortage).sum()),
        mean_stock=float(ledger.on_hand.mean(axis=1).sum()),
        orders=int((ledger.ordered > 0).sum()),
    )
