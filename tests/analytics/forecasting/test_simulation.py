"""The simulator against a ledger kept by hand, and against what holds in every world."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.forecasting.simulation import Ledger, Trade, cost_of, simulate


def trade(articles: int, pack: float = 1, least: float = 0) -> Trade:
    return Trade(*(np.full(articles, value) for value in (0.5, 10.0, 3.0, pack, least)))


def run(
    demand: list[float], point: float, top: float, lead: list[int], start: float, review: int = 1
) -> Ledger:
    return simulate(
        np.array([demand]),
        np.array([[point]]),
        np.array([[top]]),
        np.array([lead]),
        np.array([start]),
        trade(1),
        review,
    )


def test_a_week_by_hand() -> None:
    """Ten on the shelf, (s, S) = (4, 12), two days of lead; five are lost on the third day."""
    ledger = run([3, 4, 8, 2, -1, 20], 4, 12, [2] * 6, 10)
    assert ledger.received.tolist() == [[0, 0, 0, 9, 0, 0]]
    assert ledger.sold.tolist() == [[3, 4, 3, 2, 0, 8]]
    assert ledger.lost.tolist() == [[0, 0, 5, 0, 0, 12]]
    assert ledger.returned.tolist() == [[0, 0, 0, 0, 1, 0]]
    assert ledger.on_hand.tolist() == [[7, 3, 0, 7, 8, 0]]
    assert ledger.ordered.tolist() == [[0, 9, 0, 0, 0, 12]]
    cost = cost_of(ledger, trade(1))
    assert cost.holding == 0.5 * (7 + 3 + 0 + 7 + 8 + 0)
    assert cost.ordering == 20
    assert cost.shortage == 3 * 17
    assert cost.total == 12.5 + 20 + 51
    assert cost.fill_rate == pytest.approx(20 / 37)
    assert (cost.stock_out_days, cost.orders) == (2, 2)


def test_an_order_without_lead_time_serves_the_next_morning() -> None:
    ledger = run([5, 5, 5], 0, 5, [0, 0, 0], 5)
    assert ledger.lost.sum() == 0
    assert ledger.on_hand.tolist() == [[0, 0, 0]]


def test_only_review_days_order() -> None:
    ledger = run([1] * 7, 100, 100, [1] * 7, 10, review=3)
    assert np.flatnonzero(ledger.ordered[0]).tolist() == [0, 3, 6]


def test_orders_may_overtake_one_another() -> None:
    ledger = run([5, 5, 0, 0, 0, 0], 6, 10, [4, 1, 1, 1, 1, 1], 10)
    assert ledger.received.tolist() == [[0, 0, 5, 0, 5, 0]]


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 40), st.integers(1, 4))
def test_no_unit_appears_or_vanishes(seed: int, articles: int, days: int, review: int) -> None:
    rng = np.random.default_rng(seed)
    demand = rng.poisson(3, (articles, days)) * rng.choice([1, 1, 1, -1], (articles, days)).astype(float)
    point = rng.integers(-1, 15, (articles, days)).astype(float)
    start = rng.integers(0, 20, articles).astype(float)
    lead = rng.integers(0, 9, (articles, days))
    book = simulate(demand, point, point + rng.integers(1, 20), lead, start, trade(articles, 3, 5), review)
    came = start[:, None] + (book.received - book.sold + book.returned).cumsum(axis=1)
    assert np.array_equal(book.on_hand, came)
    assert np.array_equal(book.on_order, (book.ordered - book.received).cumsum(axis=1))
    assert np.array_equal(book.sold + book.lost, np.maximum(demand, 0))
    for values in (book.on_hand, book.on_order, book.sold, book.lost, book.ordered, book.received):
        assert values.min() >= 0
    assert not (book.lost * book.on_hand)[demand > 0].any()  # nothing is lost while something lies there
    assert not book.ordered[:, np.arange(days) % review > 0].any()
    assert set(book.ordered.ravel() % 3) <= {0.0}
    assert book.ordered[book.ordered > 0].min(initial=6) >= 5


def test_articles_do_not_touch_one_another() -> None:
    rng = np.random.default_rng(0)
    demand, lead = rng.poisson(4, (3, 50)).astype(float), rng.integers(0, 5, (3, 50))
    point, top, start = np.array([[6.0], [9], [3]]), np.array([[20.0], [30], [9]]), np.array([9.0, 0, 5])
    together = simulate(demand, point, top, lead, start, trade(3))
    for row in range(3):
        one = slice(row, row + 1)
        alone = simulate(demand[one], point[one], top[one], lead[one], start[one], trade(1))
        assert np.array_equal(alone.on_hand, together.on_hand[one])
