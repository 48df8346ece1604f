"""Levels against sums done by other means, and against a world in which every promise can be counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.forecasting.backtest import trade_of
from analytics.forecasting.lead_time_demand import Spread, protected_demand
from analytics.forecasting.lead_times import LeadTime
from analytics.forecasting.policy import NEVER, Terms, ahead, levels, order_gap, quantities
from analytics.forecasting.simulation import cost_of, simulate

ONE = Terms(holding=0.01, order_cost=0, shortage=1, service_level=0.95)


@given(st.lists(st.integers(-5, 40), min_size=1, max_size=30), st.floats(0.0, 30.0), st.floats(0.01, 0.999))
def test_levels_of_a_spread_are_the_smallest_that_keep_the_promise(
    points: list[int], most: float, share: float
) -> None:
    values = np.array(points, dtype=float)
    spread = Spread.of(values, np.ones(len(values)))
    level = spread.level_leaving(most)
    beyond = np.maximum(values - level, 0).mean()
    assert beyond <= most + 1e-9
    assert level == 0 or beyond == pytest.approx(most)
    quantile = spread.quantile(share)
    assert (values <= quantile).mean() >= share - 1e-6
    assert (values < quantile).mean() < share


def test_demand_is_protected_until_an_order_of_the_next_review_is_there() -> None:
    paths = np.arange(1.0, 11.0)[None]
    for lead, review, days in ((0, 1, 1), (1, 1, 1), (4, 1, 4), (4, 3, 6), (0, 7, 7)):
        totals, chances = protected_demand(paths, LeadTime.fixed(lead), review)
        assert totals[0, 0] == sum(range(1, days + 1))
        assert chances == pytest.approx([1])


def test_paths_that_end_too_early_go_on_at_their_mean() -> None:
    totals, _ = protected_demand(np.array([[2.0, 4.0]]), LeadTime.fixed(5), 1)
    assert totals[0, 0] == 2 + 4 + 3 * 3


def test_the_reorder_point_bears_the_spread_of_the_lead_time_too() -> None:
    paths = np.full((50, 20), 3.0)
    sure = levels(ahead(paths, LeadTime.fixed(5), ONE, 1), ONE)
    unsure = levels(ahead(paths, LeadTime(np.array([0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0.5])), ONE, 1), ONE)
    assert sure.reorder_point == 14  # 5 days x 3, less one
    assert unsure.reorder_point > 20


def test_what_costs_nothing_to_order_is_ordered_at_every_review() -> None:
    goal = levels(ahead(np.full((9, 9), 2.0), LeadTime.fixed(2), ONE, 1), ONE)
    assert goal.order_up_to == goal.reorder_point + 1


def test_the_critical_ratio_decides_where_costs_do() -> None:
    """Newsvendor by hand: shortage 3, holding 1 a day, one day: the 75th percentile of 1 to 100."""
    terms = Terms(holding=1, order_cost=0, shortage=3, service_level=0.5, service="costs")
    goal = levels(ahead(np.arange(1.0, 101.0)[:, None], LeadTime.fixed(1), terms, 1), terms)
    assert goal.promised == pytest.approx(0.75, abs=0.01)
    assert goal.order_up_to == pytest.approx(75, abs=1)


def test_without_a_cost_of_shortage_the_service_level_stands_in() -> None:
    terms = Terms(holding=1, order_cost=0, shortage=0, service_level=0.9, service="costs")
    goal = levels(ahead(np.arange(1.0, 101.0)[:, None], LeadTime.fixed(1), terms, 1), terms)
    assert goal.promised == 0.9
    # Of 1 to 100, each as likely, a tenth of the mean of 50.5 goes beyond 69.
    assert goal.order_up_to == 69


def test_costs_decide_above_the_level_that_was_promised() -> None:
    seen = ahead(np.arange(1.0, 101.0)[:, None], LeadTime.fixed(1), ONE, 1)
    cheap, dear = (
        levels(seen, Terms(1, 0, cost, 0.5, "costs", at_least=0.9)).order_up_to for cost in (1.0, 99.0)
    )
    assert cheap == 69
    assert dear == 99


def test_a_dear_article_asked_for_once_a_year_is_not_kept() -> None:
    paths = np.zeros((365, 28))
    paths[::60, 5] = 1
    dear = Terms(holding=2, order_cost=30, shortage=20, service_level=0.95, service="costs")
    assert levels(ahead(paths, LeadTime.fixed(3), dear, 1), dear) is NEVER


@pytest.mark.parametrize("paths", [np.zeros((5, 5)), np.full((5, 5), -2.0), np.zeros((1, 1))])
def test_nothing_is_ordered_of_what_nobody_asks_for(paths: np.ndarray) -> None:
    for terms in (ONE, Terms(0.01, 10, 1, 0.95, "cycle"), Terms(0.01, 10, 1, 0.95, "costs")):
        goal = levels(ahead(paths, LeadTime.fixed(0), terms, 1), terms)
        assert ordered(-3, goal.reorder_point, goal.order_up_to) == 0


def test_where_keeping_costs_nothing_an_order_is_for_a_quarter_at_most() -> None:
    terms = Terms(holding=0, order_cost=30, shortage=1, service_level=0.95)
    goal = levels(ahead(np.full((9, 9), 2.0), LeadTime.fixed(2), terms, 1), terms)
    assert goal.order_up_to - goal.reorder_point == pytest.approx(2 * 91, abs=2)
    assert order_gap(2.0, 500.0, terms) == 0


def ordered(position: float, point: float, top: float, pack: int = 1, least: int = 0) -> float:
    return float(quantities(*(np.asarray(value) for value in (position, point, top, pack, least))))


def test_orders_come_in_packs_close_to_the_level_and_never_leave_the_stock_below_the_point() -> None:
    assert ordered(11, 10, 50) == 0
    assert ordered(10, 10, 50) == 40
    assert ordered(10, 10, 50, pack=12) == 36  # 46 is nearer to 50 than 58
    assert ordered(0, 10, 12, pack=8) == 16  # 8 would leave it below the point
    assert ordered(10, 10, 50, least=60) == 60
    assert ordered(10, 10, 50, pack=25, least=60) == 75
    assert ordered(-5, 0, 1) == 6


def test_the_gap_between_the_levels_is_the_cheapest_by_trying_all() -> None:
    """An (s, S) system without shortages: orders and stock above s, simulated for every gap."""
    rng = np.random.default_rng(3)
    demand = rng.poisson(6.0, 20_000).astype(float)
    terms = Terms(holding=0.02, order_cost=9, shortage=1, service_level=0.95)

    def cost(gap: int) -> float:
        position, total = float(gap), 0.0
        for asked in demand[:4000]:
            position -= asked
            if position <= 0:
                position = gap
                total += terms.order_cost
            total += terms.holding * position
        return total

    undershoot = float((demand**2).mean() / (2 * demand.mean()))
    found = order_gap(6.0, undershoot, terms)
    best = min(cost(gap) for gap in range(5, 160, 3))
    assert cost(round(found)) <= 1.01 * best


@pytest.mark.parametrize(("share", "review"), [(0.9, 1), (0.97, 1), (0.95, 5)])
def test_a_promised_fill_rate_is_what_customers_get(share: float, review: int) -> None:
    """200 articles whose demand is drawn as the paths are: seldom or not, with lead times that vary."""
    rng = np.random.default_rng(8)
    means = np.where(np.arange(200) % 2, 0.4, 5.0)
    lead = LeadTime(np.array([0.0, 0.0, 0.3, 0.4, 0.3]))
    terms = Terms(holding=0.01, order_cost=1, shortage=1, service_level=share)
    goals = [
        levels(ahead(rng.poisson(mean, (400, 30)).astype(float), lead, terms, review), terms)
        for mean in means[:2]
    ]
    point = np.array([goals[row % 2].reorder_point for row in range(200)])[:, None]
    top = np.array([goals[row % 2].order_up_to for row in range(200)])[:, None]
    demand = rng.poisson(means[:, None], (200, 500)).astype(float)
    start, drawn = top[:, 0], lead.draw(rng, demand.shape)
    trade = trade_of([terms] * 200)
    ledger = simulate(demand, point, top, drawn, start, trade, review).since(50)
    for kind, off in ((0, 0.015), (1, 0.07)):  # where one unit more is a large part of all
        got = cost_of(ledger.rows(np.arange(kind, 200, 2)), trade_of([terms] * 100)).fill_rate
        assert share - 0.015 < got < share + off
