"""Series that belong together, forecast with their sums: `forecast` for every node, then reconciled."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.forecasting.forecast import forecast
from analytics.forecasting.frequency import Frequency
from analytics.forecasting.hierarchy import Tree, Way, chosen_way, projection, with_sums
from analytics.forecasting.intervals import spread_of
from analytics.forecasting.outcome import Forecast, SeriesForecast, framed

Array = NDArray[np.float64]


def forecast_sums(
    series: pl.DataFrame,
    tree: Tree,
    season: int,
    horizon: int,
    seconds: float | None = None,
    levels: Sequence[float] = (0.9,),
    *,
    frequency: Frequency | None = None,
) -> Forecast:
    """Forecasts of the parts of a tree and of its sums: at every step the sum of the parts is the sum.

    `series` as for `forecast`, with a value at every step up to one common end. The intervals come from the
    errors of the reconciled forecasts; `notes` says which way was taken.
    """
    whole = with_sums(series, tree)
    made = forecast(whole, season, horizon, seconds, levels, frequency=frequency)
    nodes = [made.series[name] for name in tree.names]
    past, truth = _aligned(nodes)
    if past.shape[1] == 0:
        way: Way = "bottom_up"
        errors = np.zeros((len(nodes), 1))
    else:
        way = chosen_way(tree, past, truth, np.array([node.scale for node in nodes]))
        errors = (truth - past).reshape(len(nodes), -1)
    change = projection(tree, way, errors)
    parts = change @ np.stack([node.mean for node in nodes])
    for at, name in enumerate(tree.parts):  # what was never negative stays so, what never changed too
        part = made.series[name]
        parts[at] = part.mean if part.kind == "constant" else np.maximum(parts[at], part.least)
    means = tree.sums @ parts
    was = np.einsum("np,pwh->nwh", tree.sums @ change, past)
    for row, node in enumerate(nodes):
        was[row][np.isnan(node.past[: was.shape[1]])] = np.nan
    found = _moved(tree, nodes, means, was, way)
    notes = (*made.notes, f"Sums and parts were brought together by {way.replace('_', '-')}.")
    frame = framed(made.panel, found, horizon, levels)
    return Forecast(frame, found, made.panel, made.scores, notes, made.seed)


def _aligned(nodes: Sequence[SeriesForecast]) -> tuple[Array, Array]:
    """What was forecast and what was, (node, window, step); where a node was not tried it counts as met."""
    truth = np.nan_to_num(np.stack([node.truth for node in nodes]))
    past = np.stack([node.past for node in nodes])
    tried = ~np.isnan(past).all(axis=(0, 2))
    return np.where(np.isnan(past), truth, past)[:, tried], truth[:, tried]


def _moved(
    tree: Tree, nodes: Sequence[SeriesForecast], means: Array, was: Array, way: Way
) -> Mapping[str, SeriesForecast]:
    """The nodes with their new means; their spreads from the new errors, kind by kind."""
    found: dict[str, SeriesForecast] = {}
    for kind in dict.fromkeys(node.kind for node in nodes):
        rows = [row for row, node in enumerate(nodes) if node.kind == kind]
        truth = np.stack([nodes[row].truth[: was.shape[1]] for row in rows])
        scales = np.array([nodes[row].scale for row in rows])
        spread = spread_of(truth - was[rows], scales)
        for index, row in enumerate(rows):
            node, word = nodes[row], "" if way == "bottom_up" and tree.names[row] in tree.parts else way
            changed = spread is not None and kind not in {"constant", "short"}
            size = float(spread.sizes[index]) if spread is not None and changed else node.size
            found[tree.names[row]] = node.moved(
                means[row], was[row], spread if changed else node.spread, size, word
            )
    return found
