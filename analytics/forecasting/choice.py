"""Which forecast each series gets: groups of like series, and for each the combination that did best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.combination import Combined, combine, mixed
from analytics.forecasting.intervals import Spread, spread_of
from analytics.forecasting.kinds import Kind
from analytics.forecasting.trials import Trials

Array = NDArray[np.float64]

# Fewer series than this cannot say what suits them: seasonal and plain ones are then taken together.
LEAST_GROUP = 10


@dataclass(frozen=True)
class Group:
    """Like series and what is known of their forecast. `rows`: which series of the panel."""

    name: str
    rows: tuple[int, ...]
    candidates: tuple[str, ...]
    combined: Combined
    means: Array  # (series, step)
    spread: Spread | None
    scales: Array  # (series)
    levels: Array  # (series): mean |value|, NaN where all that was tried are gaps

    def method(self, index: int) -> str:
        """The candidates that count for one series, the heaviest first."""
        weights = self.combined.weights[:, index]
        order = [at for at in np.argsort(-weights, kind="stable") if weights[at] >= 0.02]
        return " + ".join(self.candidates[at] for at in order)


def grouped(kinds: Sequence[Kind]) -> dict[str, list[int]]:
    """Rows of the panel by group; "constant" and "short" series are in none: nothing can be tried on them."""
    found: dict[str, list[int]] = {}
    for row, kind in enumerate(kinds):
        if kind not in {"constant", "short"}:
            found.setdefault(kind, []).append(row)
    steady = [found[name] for name in ("seasonal", "plain") if name in found]
    if len(steady) == 2 and min(map(len, steady)) < LEAST_GROUP:
        found["seasonal"] = sorted(found.pop("plain") + found["seasonal"])
    return found


def choose(trials: Trials, groups: Mapping[str, Sequence[int]], scales: Array) -> list[Group]:
    """The best combination for every group, with the spread of its errors."""
    return [_group(trials, name, list(rows), scales) for name, rows in groups.items()]


def _group(trials: Trials, name: str, rows: list[int], scales: Array) -> Group:
    of_use = [at for at, future in enumerate(trials.future) if not np.isnan(future[rows]).all()]
    past = np.stack([trials.past[at][rows] for at in of_use])
    future = np.stack([trials.future[at][rows] for at in of_use])
    truth = trials.truth[rows]
    combined = combine(past, truth, future, scales[rows], squared=name == "intermittent")
    return Group(
        name,
        tuple(rows),
        tuple(trials.names[at] for at in of_use),
        combined,
        mixed(future, combined.weights),
        spread_of(truth - combined.past, scales[rows]),
        scales[rows],
        np.array([_level(one) for one in truth]),
    )


def _level(truth: Array) -> float:
    known = np.abs(truth[~np.isnan(truth)])
    return max(float(known.mean()), 1e-9) if len(known) else float("nan")
