"""One model for all series learns what they share, the calendar too."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics.forecasting.calendars import calendar_features
from analytics.forecasting.frequency import Frequency
from analytics.forecasting.global_model import GlobalModel
from analytics.forecasting.history import History, plain


def never() -> bool:
    return False


def test_a_pattern_that_all_share_is_learned() -> None:
    random = np.random.default_rng(0)
    wave = np.tile([0.0, 0, 5, 1, 0, 8, -3], 14)
    histories = [plain(size * (10 + wave + random.normal(0, 0.3, len(wave)))) for size in (1, 10, 100)]
    found = GlobalModel((7,), 0, "l1")(histories, 7, never)
    for row, size in enumerate((1, 10, 100)):
        assert np.abs(found[row] / size - 10 - wave[:7]).mean() < 0.8


def test_a_series_too_short_for_it_gets_none_and_the_others_do() -> None:
    histories = [plain(np.arange(80.0) % 7), plain(np.arange(9.0))]
    found = GlobalModel((7,), 7, "l1")(histories, 3, never)
    assert np.isnan(found[1]).all()
    assert np.isnan(GlobalModel((7,), 0, "l1")(histories[1:], 3, never)).all()


@pytest.mark.parametrize("difference", [0, 7])
def test_a_series_that_only_repeats_itself_does_not_break_it(difference: int) -> None:
    noisy = np.random.default_rng(0).normal(10, 1, 90)
    found = GlobalModel((7,), difference, "l1")([plain(np.tile(np.arange(7.0), 13)), plain(noisy)], 5, never)
    assert np.isfinite(found[1]).all()


def test_the_calendar_of_the_future_is_used() -> None:
    random = np.random.default_rng(0)
    # Days chosen by chance are high: no lag can know them, only the calendar says so.
    high = random.random(220) < 0.3
    histories = [History(10 + 5 * high[:200] + random.normal(0, 0.2, 200), high[:, None].astype(float))]
    found = GlobalModel((1,), 0, "l1")(histories, 20, never)[0]
    assert found[high[200:]].mean() - found[~high[200:]].mean() == pytest.approx(5, abs=1)


def test_it_stops_when_time_is_up() -> None:
    histories = [plain(np.random.default_rng(0).normal(size=80))]
    assert np.isnan(GlobalModel((7,), 0, "l1")(histories, 3, lambda: True)).all()


def test_the_same_histories_give_the_same_forecast() -> None:
    histories = [plain(np.random.default_rng(at).normal(size=90)) for at in range(3)]
    one, other = (GlobalModel((7,), 0, "l1")(histories, 4, never) for _ in range(2))
    assert (one == other).all()


def test_the_clock_on_the_wall_says_what_hour_it_is() -> None:
    utc = [datetime(2026, 3, 28, 22) + timedelta(hours=at) for at in range(6)]
    minutes = calendar_features(utc, Frequency("second", 3600, "Europe/Berlin"))[:, 0]
    assert (minutes / 60).tolist() == [23, 0, 1, 3, 4, 5]  # no 2 o'clock that night
    assert calendar_features(utc, Frequency("second", 3600))[:, 0][0] == 22 * 60


def test_whole_numbers_have_no_calendar() -> None:
    assert calendar_features([1, 2, 3], Frequency("step", 1)).shape == (3, 0)
