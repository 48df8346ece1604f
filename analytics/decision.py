"""From probabilities to decisions: the threshold of least expected cost, and what acting on it is worth.

With calibrated probabilities it pays to act where p x miss > (1 - p) x false alarm (Elkan 2001): above
false_alarm / (false_alarm + miss), whatever the model. The curves show, on cases the model has not seen, what
other thresholds would have cost, and the net benefit of acting on the model, on all or on none (Vickers and
Elkin 2006): events found per case, less false alarms weighted by the odds of the threshold.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.task import Costs

Array = NDArray[np.float64]

THRESHOLDS = np.linspace(0.0, 1.0, 101)


def best_threshold(costs: Costs) -> float:
    """The probability from which acting costs less than waiting."""
    return costs.false_alarm / (costs.false_alarm + costs.miss)


def decision(labels: Array, probabilities: Array, costs: Costs) -> dict[str, Any]:
    """What decisions cost per case, in the unit of `costs`; labels of 0/1 and probabilities (rows,).

    `threshold` is that of theory, `lowest` where the curve of these cases is lowest: far apart, they say
    that the probabilities do not hold here (or that the cases are few). `missed` and `false_alarms` are the
    shares of all cases, so that the curve of other costs can be had from them.
    """
    threshold = best_threshold(costs)
    curve = expected_cost(labels, probabilities, THRESHOLDS, costs)
    found, alarms = _acted_on(labels, probabilities, THRESHOLDS)
    lowest = int(curve.argmin())
    below_one = THRESHOLDS[THRESHOLDS < 1]
    return {
        "miss": costs.miss,
        "false_alarm": costs.false_alarm,
        "threshold": threshold,
        "expected_cost": float(expected_cost(labels, probabilities, np.array([threshold]), costs)[0]),
        "lowest": {"threshold": float(THRESHOLDS[lowest]), "expected_cost": float(curve[lowest])},
        "curve": {
            "threshold": THRESHOLDS.tolist(),
            "expected_cost": curve.tolist(),
            "missed": (np.mean(labels) - found).tolist(),
            "false_alarms": alarms.tolist(),
        },
        "act_on_all": float(np.mean(1 - labels) * costs.false_alarm),
        "act_on_none": float(np.mean(labels) * costs.miss),
        "net_benefit": {
            "threshold": below_one.tolist(),
            "model": net_benefit(labels, probabilities, below_one).tolist(),
            "all": net_benefit(labels, np.ones_like(labels), below_one).tolist(),
        },
    }


def expected_cost(labels: Array, probabilities: Array, thresholds: Array, costs: Costs) -> Array:
    """The mean cost per case of acting from each threshold on, shape (thresholds,)."""
    found, alarms = _acted_on(labels, probabilities, thresholds)
    return np.asarray((np.mean(labels) - found) * costs.miss + alarms * costs.false_alarm)


def net_benefit(labels: Array, probabilities: Array, thresholds: Array) -> Array:
    """Net benefit of acting from each threshold (below 1) on, shape (thresholds,); acting on none has 0."""
    found, alarms = _acted_on(labels, probabilities, thresholds)
    return np.asarray(found - alarms * thresholds / (1 - thresholds))


def _acted_on(labels: Array, probabilities: Array, thresholds: Array) -> tuple[Array, Array]:
    """The events found and the false alarms of each threshold, as shares of all cases."""
    order = np.argsort(probabilities, kind="stable")
    first = np.searchsorted(probabilities[order], thresholds, side="left")  # acted on from here
    found = np.append(np.cumsum(labels[order][::-1])[::-1], 0.0)[first]
    return found / len(labels), (len(labels) - first - found) / len(labels)
