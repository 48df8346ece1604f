"""One article in one depot on one evening, looked at: what to order, what that saves, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.budget import Offer
from analytics.forecasting.lead_time_demand import protected_demand
from analytics.forecasting.lead_times import LeadTime
from analytics.forecasting.policy import NEVER, Levels, Terms, ahead, levels, quantities
from analytics.forecasting.prospect import Prospect, days_left, prospect

Array = NDArray[np.float64]

_SIZES = 12  # of an order, that a budget may choose from
_SUREST = 0.9999


@dataclass(frozen=True)
class Situation:
    """What is known of an article this evening: `paths` (sample, days from tomorrow on) of its demand, None
    where it has no forecast; `coming`: age and units of the orders on their way (see `prospect`).
    """

    terms: Terms
    lead_time: LeadTime
    paths: Array | None
    on_hand: float
    on_order: float
    coming: Sequence[tuple[int, float]]
    review: int
    ever_sold: bool


@dataclass(frozen=True)
class Advice:
    """What to order: `sizes` from the least order to what is wanted; none where nothing is.

    `prospect` is that of ordering nothing, then of each size; `worth`: what a unit short costs.
    """

    situation: Situation
    goal: Levels
    sizes: tuple[int, ...]
    prospect: Prospect
    worth: float

    @property
    def wanted(self) -> int:
        return self.sizes[-1] if self.sizes else 0

    def cost(self, size: int) -> float:
        """Money for an order of this size."""
        terms = self.situation.terms
        return size * terms.unit_cost + terms.order_cost if size else 0.0

    @property
    def savings(self) -> list[float]:
        """By size: expected cost of units short that an order today saves against one at the next review,
        less that of keeping it until then.
        """
        kept = self.situation.terms.holding * self.situation.review
        served = self.prospect.short[0] - self.prospect.short[1:]
        return [float(more) * self.worth - kept * size for more, size in zip(served, self.sizes, strict=True)]

    @property
    def offers(self) -> list[Offer]:
        """The sizes for `budget.within`. After a smaller order the next one is due sooner: by as much less of
        its cost is saved.
        """
        again = self.situation.terms.order_cost
        return [
            Offer(size, self.cost(size), saving - again * (1 - size / self.wanted))
            for size, saving in zip(self.sizes, self.savings, strict=True)
        ]


def advise(given: Situation) -> Advice:
    """What to order this evening."""
    paths = np.zeros((1, 1)) if given.paths is None else given.paths
    seen = ahead(paths, given.lead_time, given.terms, given.review)
    goal = levels(seen, given.terms)
    sizes = _sizes(given.on_hand + given.on_order, goal, given.terms)
    looked = prospect(paths, given.on_hand, given.coming, given.lead_time, given.review, [0, *sizes])
    worth = given.terms.shortage
    if not worth > 0 and seen.rate > 0:  # what the service level says that it must be
        level = min(given.terms.service_level, _SUREST)
        worth = given.terms.holding * seen.batch / seen.rate * level / (1 - level)
    return Advice(given, goal, sizes, looked, worth)


def _sizes(position: float, goal: Levels, terms: Terms) -> tuple[int, ...]:
    """From the least order to what is wanted in whole packs; the smaller, the closer to the next one."""
    wanted = int(
        quantities(
            np.asarray(position),
            np.asarray(goal.reorder_point),
            np.asarray(goal.order_up_to),
            np.asarray(terms.pack),
            np.asarray(terms.least),
        )
    )
    if not wanted:
        return ()
    most, least = wanted // terms.pack, max(-(-terms.least // terms.pack), 1)
    packs = np.unique(np.geomspace(min(least, most), most, _SIZES).round().astype(int))
    return tuple(int(count) * terms.pack for count in packs)


def reason(advice: Advice, quantity: int) -> str:
    """Why this quantity and no other, as a code that pages and commands put into words."""
    given = advice.situation
    if given.paths is None:
        return "no_forecast" if given.ever_sold else "nothing_sold"
    if not given.ever_sold:
        return "nothing_sold"
    if quantity < advice.wanted:
        return "budget"
    if not quantity:
        return "not_worth" if advice.goal is NEVER and given.paths.mean() > 0 else "covers"
    left = days_left(given.paths, given.on_hand + given.on_order)
    return "runs_out" if left is not None and left < given.lead_time.mean else "below_point"


def numbers(advice: Advice, quantity: int) -> dict[str, Any]:
    """The columns of forecasts.proposals that speak of one article, but for its names."""
    given, goal = advice.situation, advice.goal
    paths = np.zeros((1, 1)) if given.paths is None else given.paths
    totals, chances = protected_demand(paths, given.lead_time, given.review)
    return {
        "quantity": quantity,
        "wanted": advice.wanted,
        "cost": advice.cost(quantity),
        "on_hand": given.on_hand,
        "on_order": given.on_order,
        "reorder_point": None if goal is NEVER else goal.reorder_point,
        "order_up_to": None if goal is NEVER else goal.order_up_to,
        "service_level": given.terms.service_level if goal is NEVER else goal.promised,
        "lead_days": given.lead_time.mean,
        "expected_demand": float(totals.mean(axis=0) @ chances),
        "days_left": days_left(paths, given.on_hand + given.on_order),
        "urgency": float(advice.prospect.risk[0]),
        "saving": advice.savings[-1] if advice.sizes else 0.0,
        "why": reason(advice, quantity),
    }
