"""What to order first when not everything may be: as much saving per unit of money as can be had.

Each article offers several quantities with their cost and saving, of which one is taken, or none. Greedy
along the upper concave hull of each article's offers, the steepest step of all articles first (Sinha &
Zoltners 1979, of the linear relaxation of the multiple-choice knapsack problem; behind the best possible by
less than what one step saves).
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """One quantity of an article: what it costs and what it saves; a saving may be negative."""

    quantity: int
    cost: float
    saving: float


def within(budget: float, articles: Sequence[Sequence[Offer]]) -> list[Offer | None]:
    """The offer taken of each article, or None; their costs sum to no more than `budget`.

    What is worth nothing by its saving is still ordered as long as money remains: the service level wants it.
    """
    steps = [
        (-slope, article, place, offer)
        for article, offers in enumerate(articles)
        for place, (slope, offer) in enumerate(_hull(offers))
    ]
    taken: list[Offer | None] = [None] * len(articles)
    left, closed = budget, set[int]()
    for _, article, _, offer in sorted(steps, key=lambda step: step[:3]):
        before = taken[article]
        more = offer.cost - (before.cost if before else 0.0)
        if article in closed:
            continue
        if more > left + 1e-9:
            closed.add(article)
            continue
        taken[article] = offer
        left -= more
    return taken


def _hull(offers: Sequence[Offer]) -> list[tuple[float, Offer]]:
    """The offers on the upper concave hull from nothing on, each with its saving per money over the last.

    The dearest offer is always the last of them.
    """
    hull: list[tuple[float, Offer]] = []
    for offer in sorted(offers, key=lambda given: (given.cost, -given.saving, -given.quantity)):
        if hull and offer.cost <= hull[-1][1].cost:
            continue
        while True:
            cost, saving = (hull[-1][1].cost, hull[-1][1].saving) if hull else (0.0, 0.0)
            slope = (offer.saving - saving) / (offer.cost - cost) if offer.cost > cost else float("inf")
            if not hull or slope <= hull[-1][0]:
                break
            hull.pop()
        hull.append((slope, offer))
    return hull
