"""Figures hold the numbers they are given and say them in words."""

import json
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.catalog import shipped_tasks
from dashboards import figures
from dashboards.reasons import in_words, reasons_of

TASK = shipped_tasks()["finance.credit_default"]


def test_the_bands_are_counted_and_the_last_one_said() -> None:
    bands = pl.DataFrame({"band": ["low", "moderate", "high", "very high"], "cases": [70, 20, 8, 2]})
    chart = figures.cases_by_band(TASK, bands, "en")
    assert chart.sentence == "In the band «Very high»: 2 of 100 (2.0%)."
    assert list(chart.tones.values()) == ["calm", "plain", "watch", "alert"]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_a_rate_holds_the_rate_and_stays_between_0_and_1(seen: tuple[int, int]) -> None:
    events, cases = seen
    outcomes = pl.DataFrame({"month": [date(2026, 1, 1)], "cases": [cases], "rate": [events / cases]})
    row = figures.outcome_trend(TASK, outcomes, "en", "").data.row(0, named=True)
    assert -1e-12 <= row["lower"] <= row["rate"] + 1e-12
    assert row["rate"] - 1e-12 <= row["upper"] <= 1 + 1e-12


def test_the_interval_is_wilsons() -> None:
    outcomes = pl.DataFrame({"month": [date(2026, 1, 1)], "cases": [10], "rate": [0.1]})
    row = figures.outcome_trend(TASK, outcomes, "en", "").data.row(0, named=True)
    assert (row["lower"], row["upper"]) == pytest.approx((0.0179, 0.4042), abs=1e-4)  # statsmodels' figures


def test_reasons_are_said_in_the_tasks_own_words() -> None:
    stored = json.dumps(
        [
            {"feature": "returned_debits", "value": "3", "contribution": 0.5},
            {"feature": "term_months", "value": "36", "contribution": 0.9},
            {"feature": "monthly_income", "value": None, "contribution": -1.2},
        ]
    )
    assert in_words([stored], TASK, "en") == ["Term: 36 months; Returned direct debits, 6 months: 3"]
    assert in_words([stored], TASK, "zh") == ["贷款期限：36 个月；近六月退回扣款次数：3"]
    assert reasons_of(stored, TASK, "en")[0].feature == "monthly_income"
    assert reasons_of(None, TASK, "en") == []
