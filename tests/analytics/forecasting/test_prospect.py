"""Looking ahead with and without an order, where everything is certain and can be counted."""

import numpy as np
import pytest

from analytics.forecasting.lead_times import LeadTime
from analytics.forecasting.prospect import days_left, prospect

THREE_A_DAY = np.full((10, 14), 3.0)


def test_what_is_short_until_an_order_of_tomorrow_is_there() -> None:
    """Ten there, three a day; an order takes 5 days, so one of tomorrow serves from the sixth day on."""
    seen = prospect(THREE_A_DAY, 10, [], LeadTime.fixed(5), 1, [0, 2, 9])
    assert seen.short == pytest.approx([5, 3, 2])  # today's order is there on the fifth day
    assert seen.risk == pytest.approx([1, 1, 1])
    assert prospect(THREE_A_DAY, 15, [], LeadTime.fixed(5), 1, [0]).risk == pytest.approx([0])


def test_orders_on_their_way_come_when_their_age_says() -> None:
    lead = LeadTime.fixed(5)
    assert prospect(THREE_A_DAY, 3, [(3, 100)], lead, 1, [0]).short == pytest.approx([0])
    assert prospect(THREE_A_DAY, 3, [(2, 100)], lead, 1, [0]).short == pytest.approx([3])
    assert prospect(THREE_A_DAY, 3, [(-1, 100)], lead, 1, [0]).short == pytest.approx([9])
    assert prospect(THREE_A_DAY, 3, [(99, 100)], lead, 1, [0]).short == pytest.approx([0])


def test_returns_help_and_a_negative_count_serves_nobody() -> None:
    paths = np.array([[2.0, -4.0, 2.0, 3.0]])
    assert prospect(paths, 0, [], LeadTime.fixed(4), 1, [0]).short == pytest.approx([2 + 0 + 0 + 1])
    assert prospect(paths, -9, [], LeadTime.fixed(1), 1, [0]).short == pytest.approx([2])


def test_rare_reviews_and_no_lead_time() -> None:
    seen = prospect(THREE_A_DAY, 3, [], LeadTime.fixed(0), 7, [0, 18])
    assert seen.short == pytest.approx([18, 0])


def test_days_left_at_the_expected_demand() -> None:
    assert days_left(THREE_A_DAY, 10) == pytest.approx(10 / 3)
    assert days_left(THREE_A_DAY, 60) == pytest.approx(20)
    assert days_left(THREE_A_DAY, 0) == 0
    assert days_left(np.zeros((2, 5)), 7) is None
    assert days_left(np.full((2, 5), -1.0), 7) is None
