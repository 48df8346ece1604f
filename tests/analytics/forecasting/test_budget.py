"""A budget against every way of spending it."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from analytics.forecasting.budget import Offer, within

OFFERS = st.lists(
    st.lists(st.tuples(st.integers(1, 30), st.integers(-10, 50)), max_size=4).map(
        lambda given: [Offer(place, cost, saving) for place, (cost, saving) in enumerate(given)]
    ),
    max_size=5,
)


@given(st.integers(0, 80), OFFERS)
def test_never_more_is_spent_and_no_better_way_is_missed_by_more_than_one_step(
    budget: int, articles: list[list[Offer]]
) -> None:
    taken = within(budget, articles)
    assert all(offer is None or offer in offers for offer, offers in zip(taken, articles, strict=True))
    assert sum(offer.cost for offer in taken if offer) <= budget
    best = max(
        sum(offer.saving for offer in way if offer)
        for way in product(*([None, *offers] for offers in articles))
        if sum(offer.cost for offer in way if offer) <= budget
    )
    greedy = sum(max(offer.saving, 0) for offer in taken if offer)
    largest = max((offer.saving - least for offers in articles for offer in offers
                   for least in [min(0, *(each.saving for each in offers))]), default=0)  # fmt: skip
    assert greedy >= best - 2 * largest


@given(OFFERS)
def test_with_money_for_everything_everything_is_ordered_in_full(articles: list[list[Offer]]) -> None:
    taken = within(1e9, articles)
    assert [offer.cost if offer else 0 for offer in taken] == [
        max((offer.cost for offer in offers), default=0) for offers in articles
    ]


def test_money_goes_where_a_euro_saves_most_and_the_rest_to_the_next() -> None:
    dear = [Offer(10, 100, 150)]
    cheap = [Offer(5, 20, 60), Offer(10, 40, 65)]
    assert within(100, [dear, cheap]) == [None, cheap[1]]
    assert within(120, [dear, cheap]) == [dear[0], cheap[0]]
    assert within(140, [dear, cheap]) == [dear[0], cheap[1]]
    assert within(10, [dear, cheap]) == [None, None]
    assert within(0, []) == []
