"""What both painters of curves of survival need: ticks of time, and how many are still followed at each."""

import polars as pl

from dashboards.charts.chart import Chart

_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)  # of months these are years, of days near enough weeks
_MOST_TICKS = 6
_LONGEST_NAME = 18


def time_ticks(chart: Chart) -> list[float]:
    """Round numbers from 0 to the end of the longest curve."""
    values = chart.data[chart.x.column].cast(pl.Float64)
    top = float(values.max() or 0)  # type: ignore[arg-type]
    step = next((each for each in _STEPS if top / each <= _MOST_TICKS), _STEPS[-1])
    return [float(tick) for tick in range(0, int(top) + 1, step)]


def at_risk(chart: Chart, group: str, ticks: list[float]) -> list[int]:
    """How many of a group are followed up to each tick or beyond it."""
    rows = chart.part(group).sort(chart.x.column)
    times, left = rows[chart.x.column].to_list(), rows[chart.at_risk].to_list()
    pairs = list(zip(times, left, strict=True))
    return [next((int(number) for time, number in pairs if time >= tick), 0) for tick in ticks]


def short(name: str) -> str:
    """The name of a group as it stands beside its numbers."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
