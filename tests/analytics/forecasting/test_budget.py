"""A budget against every way of spending it."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.forecasting.budget import Offer, within

STEPS = st.lists(st.tuples(st.integers(1, 30), st.integers(-10, 50)), max_size=4)
RISING = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 50)), max_size=4)


def offers(steps: list[tuple[int, int]]) -> list[Offer]:
    """From what each larger order costs and saves more."""
    sums = [(sum(c for c, _ in steps[: n + 1]), sum(s for _, s in steps[: n + 1])) for n in range(len(steps))]
    return [Offer(place, cost, saving) for place, (cost, saving) in enumerate(sums)]


@settings(max_examples=60)
@given(st.integers(0, 80), st.lists(RISING.map(offers), max_size=4))
def test_no_way_of_spending_saves_more_by_more_than_one_order(
    budget: int, articles: list[list[Offer]]
) -> None:
    taken = within(budget, articles)
    assert all(offer is None or offer in given for offer, given in zip(taken, articles, strict=True))
    assert sum(offer.cost for offer in taken if offer) <= budget
    best = max(
        sum(offer.saving for offer in way if offer)
        for way in product(*([None, *given] for given in articles))
        if sum(offer.cost for offer in way if offer) <= budget
    )
    largest = max((offer.saving for given in articles for offer in given), default=0)
    assert sum(offer.saving for offer in taken if offer) >= best - largest


@settings(max_examples=60)
@given(st.lists(STEPS.map(offers), max_size=5))
def test_with_money_for_everything_everything_is_ordered_in_full(articles: list[list[Offer]]) -> None:
    taken = within(1e9, articles)
    assert [offer.cost if offer else 0 for offer in taken] == [
        max((offer.cost for offer in given), default=0) for given in articles
    ]


def test_money_goes_where_a_euro_saves_most_and_the_rest_to_the_next() -> None:
    dear = [Offer(10, 100, 150)]
    cheap = [Offer(5, 20, 60), Offer(10, 40, 65)]
    assert within(100, [dear, cheap]) == [None, cheap[1]]
    assert within(120, [dear, cheap]) == [dear[0], cheap[0]]
    assert within(140, [dear, cheap]) == [dear[0], cheap[1]]
    assert within(10, [dear, cheap]) == [None, None]
    assert within(0, []) == []


def test_what_costs_nothing_is_ordered_in_full() -> None:
    free = [Offer(20, 0, 5), Offer(40, 0, 5)]
    assert within(0, [free]) == [free[1]]
