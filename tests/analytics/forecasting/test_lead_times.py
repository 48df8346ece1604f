"""Lead times: what is known counts, an open order as far as it goes, and nothing from later."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.forecasting.lead_times import LeadTime, learned

TODAY = date(2026, 6, 30)


def orders(*waits: tuple[int, int | None], sku: str = "A", supplier: str = "S") -> pl.DataFrame:
    """Orders as (days ago, days until received or None)."""
    return pl.DataFrame(
        {
            "sku": [sku] * len(waits),
            "depot_id": "D",
            "supplier": supplier,
            "ordered_on": [TODAY - timedelta(ago) for ago, _ in waits],
            "received_on": [
                None if days is None else TODAY - timedelta(ago) + timedelta(days) for ago, days in waits
            ],
        },
        schema_overrides={
            "sku": pl.String,
            "supplier": pl.String,
            "ordered_on": pl.Date,
            "received_on": pl.Date,
        },
    )


def test_without_any_order_the_lead_time_is_the_one_that_was_set() -> None:
    assert learned(orders(), TODAY, 7).of("A", "D", "S").mean == 7
    assert learned(orders((3, None)), TODAY, 4).overall.mean == 4


def test_overall_is_the_share_of_orders_by_day() -> None:
    known = learned(orders((50, 3), (40, 3), (30, 5), (20, 0)), TODAY, 7)
    assert known.overall.chances == pytest.approx([0.25, 0, 0, 0.5, 0, 0.25])
    assert known.orders == 4


def test_an_article_with_few_orders_leans_on_its_supplier_and_one_with_many_on_itself() -> None:
    slow = orders(*[(100, 10)] * 200, sku="slow")
    rare = orders((100, 2), sku="rare")
    known = learned(pl.concat([slow, rare]), TODAY, 7)
    assert 7 < known.of("rare", "D", "S").mean < 9.5
    assert known.of("slow", "D", "S").mean == pytest.approx(10, abs=0.1)
    assert known.of("new", "D", "S").mean == pytest.approx(known.suppliers["S"].mean)
    assert known.of("new", "D", "unheard of").mean == pytest.approx(known.overall.mean)


def test_open_orders_count_as_longer_than_their_age() -> None:
    """Kaplan and Meier by hand: 2 of 4 in after 2 days, one open after 3, one in after 5."""
    known = learned(orders((60, 2), (60, 2), (60, 5), (3, None)), TODAY, 7)
    assert known.overall.chances == pytest.approx([0, 0, 0.5, 0, 0, 0.5])
    without = learned(orders((60, 2), (60, 2), (60, 5)), TODAY, 7)
    assert without.overall.mean < known.overall.mean


def test_an_open_order_older_than_any_received_makes_the_lead_time_longer() -> None:
    known = learned(orders((60, 4), (60, 4), (6, None)), TODAY, 7)
    assert known.overall.longest == 7
    assert known.overall.chances[7] == pytest.approx(1 / 3)


def test_an_order_lost_for_long_says_nothing() -> None:
    known = learned(orders((60, 4), (60, 4), (59, None)), TODAY, 7)
    assert known.overall.mean == 4


def test_nothing_is_learned_from_later_days() -> None:
    early = TODAY - timedelta(20)
    then = orders((60, 4), (50, 6))
    later = orders((60, 4), (50, 6), (22, 15), (10, 1))
    open_then = orders((60, 4), (50, 6), (22, None))
    assert learned(later, early, 7).overall.chances == pytest.approx(
        learned(open_then, early, 7).overall.chances
    )
    assert learned(then, early, 7).orders == learned(later, early, 7).orders == 2


@given(st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 70)), max_size=25))
def test_whatever_the_orders_chances_sum_to_one(waits: list[tuple[int, int | None]]) -> None:
    known = learned(orders(*waits), TODAY, 7)
    for lead in (known.overall, known.of("A", "D", "S")):
        assert lead.chances.min() >= 0
        assert lead.chances.sum() == pytest.approx(1)
        days, chances = lead.points
        assert days @ chances == pytest.approx(lead.mean)


def test_what_remains_of_an_order_on_its_way() -> None:
    lead = LeadTime(np.array([0, 0.5, 0, 0.25, 0.25]))
    assert lead.remaining(1).chances == pytest.approx([0, 0, 0.5, 0.5])
    assert lead.remaining(9).mean == 1
    assert LeadTime.fixed(0).remaining(0).mean == 1


def test_many_lead_times_are_thinned_out_to_a_few_of_the_same_mean_and_range() -> None:
    lead = LeadTime(np.full(41, 1 / 41))
    days, chances = lead.points
    assert len(days) == 12
    assert (days[0], days[-1]) == (0, 40)
    assert days @ chances == pytest.approx(20)
