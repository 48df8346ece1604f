"""Curves and the log-rank test, against statsmodels and against what can be worked out by hand."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.survival import kaplan_meier, log_rank

Person = tuple[int, bool, int]  # days followed, whether it happened, group


def _counts(people: list[Person]) -> pl.DataFrame:
    frame = pl.DataFrame(people, schema=["time", "happened", "group"], orient="row")
    return frame.group_by("time").agg(events=pl.col("happened").sum(), censored=(~pl.col("happened")).sum())


def _group(people: list[Person], group: int) -> list[Person]:
    return [person for person in people if person[2] == group]


PEOPLE = st.lists(
    st.tuples(st.integers(1, 40), st.booleans(), st.integers(0, 2)), min_size=12, max_size=60
).filter(lambda people: all(_group(people, n) for n in range(3)))


@given(PEOPLE)
@settings(max_examples=25, deadline=None)
def test_the_curve_and_its_bounds_are_those_of_statsmodels(people: list[Person]) -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    curve = kaplan_meier(_counts(people)).filter(pl.col("events") > 0)
    theirs = SurvfuncRight([days for days, _h, _g in people], [int(happened) for _d, happened, _g in people])

    assert curve["time"].to_list() == list(theirs.surv_times)
    assert curve["at_risk"].to_list() == list(theirs.n_risk)
    assert curve["survival"].to_numpy() == pytest.approx(theirs.surv_prob)
    for row in curve.filter(pl.col("survival") > 1e-9).iter_rows(named=True):
        s = row["survival"]
        error = theirs.surv_prob_se[list(theirs.surv_times).index(row["time"])]
        spread = 1.959964 * error / abs(s * np.log(s))  # of log(-log S), by the delta method
        low, high = (np.exp(-np.exp(np.log(-np.log(s)) + sign * spread)) for sign in (1, -1))
        assert (row["lower"], row["upper"]) == pytest.approx((low, high), abs=1e-9)


def _covariance(people: list[Person]) -> np.ndarray:
    """Of the events of the first two groups, given those of all (hypergeometric), person by person."""
    total = np.zeros((2, 2))
    for moment in {days for days, happened, _group in people if happened}:
        there = [group for days, _happened, group in people if days >= moment]
        n, d = len(there), sum(days == moment and happened for days, happened, _group in people)
        shares = np.array([there.count(0), there.count(1)]) / n
        if n > 1:
            total += d * (n - d) / (n - 1) * (np.diag(shares) - np.outer(shares, shares))
    return total


@given(PEOPLE)
@settings(max_examples=25, deadline=None)
def test_the_log_rank_test_is_that_of_statsmodels(people: list[Person]) -> None:
    from statsmodels.duration.survfunc import survdiff

    ours = log_rank([_counts(_group(people, n)) for n in range(3)])
    if ours is None:
        assert np.linalg.matrix_rank(_covariance(people)) < 2  # events tell nothing of some group
        return
    days, marks, groups = zip(*people, strict=True)
    try:
        statistic, p = survdiff(list(days), [int(each) for each in marks], list(groups))
    except np.linalg.LinAlgError:
        return
    assert (ours.statistic, ours.p) == pytest.approx((statistic, p), rel=1e-6, abs=1e-9)
    assert ours.degrees == 2


def test_a_curve_worked_out_by_hand() -> None:
    # Ten people; one event after 2 and one after 4 days, four leave after 3, the rest are there to the end.
    counts = pl.DataFrame({"time": [4, 2, 9, 3], "events": [1, 1, 0, 0], "censored": [0, 0, 4, 4]})
    curve = kaplan_meier(counts)

    assert curve["time"].to_list() == [0, 2, 3, 4, 9]
    assert curve["at_risk"].to_list() == [10, 10, 9, 5, 4]
    assert curve["survival"].to_list() == pytest.approx([1, 0.9, 0.9, 0.9 * 0.8, 0.9 * 0.8])
    assert curve["lower"][1] == pytest.approx(0.473, abs=5e-4)  # log-log interval of 0.9 with 1 of 10
    assert curve["upper"][1] == pytest.approx(0.985, abs=5e-4)


def test_groups_that_cannot_be_compared_are_not() -> None:
    nobody = pl.DataFrame(schema={"time": pl.Int64, "events": pl.Int64, "censored": pl.Int64})
    some = pl.DataFrame({"time": [3], "events": [2], "censored": [5]})

    assert log_rank([some]) is None
    assert log_rank([some, nobody]) is None
    assert log_rank([some.with_columns(events=pl.lit(0)), some.with_columns(events=pl.lit(0))]) is None
