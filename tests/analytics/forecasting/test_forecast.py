"""Forecasts of many series: right where the truth is known, sound where nothing can be known."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.forecasting.errors import mase, scale_of
from analytics.forecasting.forecast import forecast
from analytics.forecasting.outcome import Forecast
from connectors.errors import AssistantError, UsageError

HORIZON = 14


def frame(**series: list[float] | np.ndarray) -> pl.DataFrame:
    first = date(2025, 1, 1)
    parts = [
        pl.DataFrame(
            {"unique_id": name, "ds": [first + timedelta(days=at) for at in range(len(values))], "y": values},
            schema_overrides={"y": pl.Float64},
        )
        for name, values in series.items()
    ]
    return pl.concat(parts)


def weekly(length: int, level: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    week = np.array([0, 1, 2, 3, 4, 9, -6]) * level / 20
    return level + week[np.arange(length) % 7] + random.normal(0, level / 40, length)


@pytest.fixture(scope="module")
def known() -> tuple[Forecast, dict[str, np.ndarray]]:
    """Everything is tried on eight weekly series of very different size and two intermittent ones."""
    random = np.random.default_rng(0)
    whole = {f"s{at}": weekly(84 + HORIZON, 10.0 ** (at % 4), at) for at in range(8)}
    whole |= {f"r{at}": random.poisson(0.4, 84 + HORIZON).astype(float) for at in range(2)}
    made = forecast(frame(**{name: values[:-HORIZON] for name, values in whole.items()}), 7, HORIZON)
    return made, {name: values[-HORIZON:] for name, values in whole.items()}


def of(made: Forecast, name: str) -> pl.DataFrame:
    return made.frame.filter(pl.col("unique_id") == name)


def test_the_weekly_pattern_is_found_down_to_the_noise(known: tuple[Forecast, dict[str, np.ndarray]]) -> None:
    made, truth = known
    for name in (name for name in truth if name.startswith("s")):
        noise = 10.0 ** (int(name[1:]) % 4) / 40
        assert np.abs(of(made, name)["mean"].to_numpy() - truth[name]).mean() < 1.3 * noise, name


def test_intermittent_demand_is_forecast_by_its_mean(known: tuple[Forecast, dict[str, np.ndarray]]) -> None:
    made, _ = known
    for name in ("r0", "r1"):
        assert made.series[name].kind == "intermittent"
        assert 0.2 < of(made, name)["mean"].mean() < 0.8  # 0.4 a day; the median is zero
        assert of(made, name)["lower"].min() >= 0


def test_the_days_ahead_follow_the_last_one(known: tuple[Forecast, dict[str, np.ndarray]]) -> None:
    days = of(known[0], "s0")["ds"]
    assert days.to_list() == [date(2025, 1, 1) + timedelta(days=84 + at) for at in range(HORIZON)]


def test_intervals_hold_what_came_and_say_so_in_cross_validation(
    known: tuple[Forecast, dict[str, np.ndarray]],
) -> None:
    made, truth = known
    held = [
        (values >= of(made, name)["lower"].to_numpy()) & (values <= of(made, name)["upper"].to_numpy())
        for name, values in truth.items()
    ]
    assert np.mean(held) == pytest.approx(0.9, abs=0.08)
    assert made.coverage(0.9) == pytest.approx(0.9, abs=0.03)
    assert made.coverage(0.5) == pytest.approx(0.5, abs=0.06)


def test_samples_agree_with_the_quantiles_and_come_back_the_same(
    known: tuple[Forecast, dict[str, np.ndarray]],
) -> None:
    made, _ = known
    paths = made.samples("s1", 4000)
    assert paths.shape == (4000, HORIZON)
    assert (paths == made.samples("s1", 4000)).all()
    width = np.diff(made.quantiles("s1", [0.05, 0.95]), axis=0)[0]
    apart = np.diff(np.quantile(paths, [0.05, 0.95], axis=0), axis=0)[0]
    assert apart.mean() == pytest.approx(width.mean(), rel=0.15)


def test_every_method_that_counts_is_named(known: tuple[Forecast, dict[str, np.ndarray]]) -> None:
    made, _ = known
    assert {"AutoETS", "MFLES", "LightGBM", "Theta", "AutoARIMA"} <= set(made.scores["method"])
    weights = made.scores.group_by("group").agg(pl.col("weight").sum())["weight"]
    assert weights.to_list() == pytest.approx([1.0] * len(weights))
    assert all(one.method for one in made.series.values())
    assert made.mase() < 1


def test_the_same_series_give_the_same_forecast() -> None:
    series = frame(a=weekly(70, 10, 1), b=weekly(70, 20, 2))
    one, other = (forecast(series, 7, 3, seconds=0) for _ in range(2))
    assert one.frame.equals(other.frame)


def test_without_time_only_the_cheapest_is_tried_and_the_others_are_told() -> None:
    made = forecast(frame(a=weekly(70, 10, 1)), 7, 7, seconds=0)
    assert made.frame["mean"].to_list() == pytest.approx(weekly(70, 10, 1)[-7:])
    assert any(note.startswith("AutoETS was left out") for note in made.notes)


def test_one_value_all_zeros_and_returns() -> None:
    series = frame(
        one=[5.0],
        zeros=[0.0] * 60,
        returns=weekly(60, 1, 1) - 1,
        other=weekly(60, 10, 2),
        short=[3.0, 4.0, 5.0],
    )
    made = forecast(series, 7, 7, seconds=0)
    assert of(made, "one")["mean"].to_list() == [5.0] * 7
    assert of(made, "one")["lower"].max() < 5 < of(made, "one")["upper"].min()  # borrowed, not certain
    assert of(made, "zeros").select("mean", "lower", "upper").sum().row(0) == (0, 0, 0)
    assert of(made, "zeros")["method"][0] == "Constant"
    assert of(made, "returns")["mean"].min() < 0
    assert of(made, "short")["mean"].to_list() == [5.0] * 7


def test_a_single_value_with_nothing_beside_it_has_no_interval() -> None:
    made = forecast(frame(one=[5.0]), 7, 2, seconds=0)
    assert made.frame.select("mean", "lower", "upper").rows() == [(5.0, None, None)] * 2
    assert (made.samples("one", 3) == 5).all()


def test_gaps_are_bridged_by_the_season() -> None:
    values = weekly(70, 10, 1)
    whole = forecast(frame(a=values), 7, 7, seconds=0).frame["mean"].to_numpy()
    values[-9:-6] = np.nan
    series = frame(a=values).with_columns(pl.col("y").fill_nan(None))
    assert np.abs(forecast(series, 7, 7, seconds=0).frame["mean"].to_numpy() - whole).max() < 2


def test_levels_have_their_own_columns() -> None:
    made = forecast(frame(a=weekly(70, 10, 1)), 7, 3, seconds=0, levels=(0.9, 0.5))
    assert made.frame.columns == [
        "unique_id",
        "ds",
        "mean",
        "lower",
        "upper",
        "lower_50",
        "upper_50",
        "method",
    ]
    assert (made.frame["upper_50"] <= made.frame["upper"]).all()


@pytest.mark.parametrize(
    ("season", "horizon", "levels"), [(7, 0, (0.9,)), (0, 3, (0.9,)), (7, 3, (1.0,)), (7, 3, ())]
)
def test_numbers_that_make_no_sense_are_refused(season: int, horizon: int, levels: tuple[float, ...]) -> None:
    with pytest.raises(UsageError):
        forecast(frame(a=[1.0, 2.0]), season, horizon, 0, levels)


def test_two_values_for_one_day_are_refused_by_the_name_of_the_series() -> None:
    twice = pl.concat([frame(a=[1.0, 2.0]), frame(a=[1.0])])
    with pytest.raises(AssistantError, match="«a» has two values"):
        forecast(twice, 7, 3, 0)


number = st.floats(-1e6, 1e6, allow_nan=False) | st.none()


@settings(max_examples=40)
@given(st.lists(st.lists(number, min_size=1, max_size=40), min_size=1, max_size=4), st.integers(1, 12))
def test_whatever_the_series_every_step_has_a_number(lists: list[list[float | None]], horizon: int) -> None:
    series = frame(**{f"s{at}": values for at, values in enumerate(lists)})
    made = forecast(series, 7, horizon, seconds=0)
    assert len(made.frame) == horizon * len(lists)
    assert made.frame["mean"].is_finite().all()
    bounded = made.frame.drop_nulls("lower")
    assert (bounded["lower"] <= bounded["upper"]).all()


def test_the_scale_is_the_naive_error_and_gaps_count_nowhere() -> None:
    values = np.array([1.0, 2, 4, np.nan, 5, 6])
    assert scale_of(values, 1) == pytest.approx((1 + 2 + 1) / 3)
    assert mase(np.array([1.0, np.nan]), np.array([2.0, 2.0]), 0.5) == 2
