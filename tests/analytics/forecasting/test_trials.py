"""Cross-validation looks at the past only, and leaves out what fails or is too slow."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from analytics.forecasting.candidates import Candidate, candidates, seasonal_naive
from analytics.forecasting.history import History, plain
from analytics.forecasting.panel import filled
from analytics.forecasting.trials import Plan, Trials, run_trials
from tests.conftest import SHARED_DATA

PLAN = Plan(horizon=3, season=2, count=2, step=3)
SERIES = [np.arange(20.0), np.arange(100.0, 114.0)]


def ran(
    tried: list[Candidate], deadline: float | None = None, values: Sequence[np.ndarray] = SERIES
) -> Trials:
    return run_trials(values, [plain(one) for one in values], ["plain"] * len(values), PLAN, tried, deadline)


def last_value(histories: Sequence[History], horizon: int, enough: Callable[[], bool]) -> np.ndarray:
    return np.stack([np.full(horizon, history.values[-1]) for history in histories])


def broken(histories: Sequence[History], horizon: int, enough: Callable[[], bool]) -> np.ndarray:
    return np.full((len(histories), horizon), np.nan)


def slow(histories: Sequence[History], horizon: int, enough: Callable[[], bool]) -> np.ndarray:
    time.sleep(0.05)
    return last_value(histories, horizon, enough)


def test_a_window_is_forecast_from_what_came_before_it() -> None:
    found = ran([Candidate("last", last_value)])
    assert found.truth[0].tolist() == [[17, 18, 19], [14, 15, 16]]
    assert found.past[0][0, :, 0].tolist() == [16, 13]
    assert found.future[0][:, 0].tolist() == [19, 113]


def test_a_series_has_only_the_windows_that_leave_it_a_history() -> None:
    found = ran([Candidate("last", last_value)], values=[np.arange(20.0), np.arange(10.0)])
    assert not np.isnan(found.truth[1, 0]).any()
    assert np.isnan(found.truth[1, 1]).all()
    assert np.isnan(found.past[0][1, 1]).all()


def test_one_that_fails_is_left_out_with_a_note() -> None:
    found = ran([Candidate("last", last_value), Candidate("broken", broken)])
    assert found.names == ["last"]
    assert found.notes == ["broken was left out: it failed on every series."]


def test_one_that_breaks_down_breaks_nothing_else() -> None:
    def raises(histories: Sequence[History], horizon: int, enough: Callable[[], bool]) -> np.ndarray:
        raise ZeroDivisionError

    assert ran([Candidate("last", last_value), Candidate("raises", raises)]).names == ["last"]


def test_one_that_would_take_too_long_is_left_out_but_the_first_never_is() -> None:
    tried = [Candidate("first", slow), Candidate("second", slow), Candidate("all", slow, whole=True)]
    found = ran(tried, time.monotonic() + 0.01)
    assert found.names == ["first"]
    assert [note.split()[0] for note in found.notes] == ["second", "all"]


def test_gaps_count_nowhere() -> None:
    values = np.arange(20.0)
    values[18] = np.nan
    found = run_trials(
        [values], [plain(np.arange(20.0))], ["plain"], PLAN, [Candidate("l", last_value)], None
    )
    assert np.isnan(found.truth[0, 0]).tolist() == [False, True, False]


def test_a_gap_before_a_window_is_not_filled_from_the_window() -> None:
    values = np.arange(20.0)
    values[15:17] = np.nan
    later = values.copy()
    later[17:] += 100
    naive = candidates([2])[0]
    plan = Plan(horizon=3, season=2, count=1, step=3)
    one, other = (
        run_trials([each], [plain(filled(each, 2))], ["plain"], plan, [naive], None)
        for each in (values, later)
    )
    assert one.past[0][0, 0].tolist() == other.past[0][0, 0].tolist()


def test_a_forecast_that_ran_away_counts_as_failed() -> None:
    def far(histories: Sequence[History], horizon: int, enough: Callable[[], bool]) -> np.ndarray:
        return np.full((len(histories), horizon), 1e9)

    assert ran([Candidate("far", far)]).names == []


@pytest.mark.parametrize("seasons", [[1], [7], [24, 168]])
def test_every_candidate_forecasts_what_it_suits(seasons: list[int]) -> None:
    random = np.random.default_rng(0)
    season, length = seasons[0], max(3 * seasons[-1], 60)
    wave = 10 + 3 * np.sin(2 * np.pi * np.arange(length) / max(season, 2)) + random.normal(0, 0.3, length)
    rare = random.poisson(0.3, length).astype(float)
    for candidate in candidates(seasons):
        history = rare if candidate.kinds == {"intermittent"} else wave
        found = candidate.forecast([plain(history)], 5, lambda: False)
        assert np.isfinite(found).all(), candidate.name
        assert abs(found.mean() - history.mean()) < 4, candidate.name


@pytest.mark.real_data
@pytest.mark.parametrize(("kind", "lag", "published"), [("Hourly", 24, 1.193), ("Weekly", 1, 2.777)])
def test_the_naive_errors_are_those_the_organisers_published(kind: str, lag: int, published: float) -> None:
    folder = SHARED_DATA / "logistics" / "m4_hourly_weekly"
    if not folder.is_dir():
        pytest.skip(f"real public data is absent: {folder} (set SDA_SHARED_DATA)")
    from analytics.forecasting.errors import mase, scale_of
    from benchmarks.forecasting import KINDS, series_of

    history, truth = (series_of(KINDS[kind.lower()], part) for part in ("train", "test"))
    season = KINDS[kind.lower()].season
    errors = [
        mase(truth[name], seasonal_naive(values, lag, len(truth[name])), scale_of(values, season))
        for name, values in history.items()
    ]
    assert np.mean(errors) == pytest.approx(published, abs=5e-4)
