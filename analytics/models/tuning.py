"""The search for LightGBM's parameters: Optuna's TPE (Bergstra et al. 2011) from the usual ones on.

Trials race (Maron and Moore 1994): all see the same held-out rows, part by part, and one that is worse than
the best so far beyond the noise of those rows is not trained any further. The usual parameters give way only
to some that are further ahead than the luckiest of so many equals would be.
"""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Array = NDArray[np.float64]
Parameters = dict[str, Any]
# Held-out losses of these parameters, shape (rows,), or None if they lose the race against those given.
Race = Callable[[Parameters, Array], Array | None]

FEWEST_ROWS = 2_000  # below, the losses of a few hundred rows cannot tell good parameters from lucky ones
MOST_TRIALS = 60
BY_CHANCE = 8  # first trials
MANY_ROWS = 15_000  # finer trees than usual are tried
USUAL: Parameters = {
    "path_smooth": 0.0,
    "extra_trees": False,
    "feature_fraction_bynode": 1.0,
}  # LightGBM's own


def tuned(start: Parameters, losses: Array, race: Race, seconds: float, seed: int) -> Parameters:
    """The parameters to use: `start`, whose held-out `losses` are known, or better ones found in the time.

    With the same seed the same trials follow each other; how many there is time for decides the rest.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=BY_CHANCE)
    study = optuna.create_study(sampler=sampler)
    space = _space(len(losses))
    known = {name: start.get(name, USUAL.get(name)) for name in space}
    study.add_trial(optuna.trial.create_trial(params=known, distributions=space, value=float(losses.mean())))
    best, least, begun, longest, trials = start, losses, time.monotonic(), 0.0, 0
    for _ in range(MOST_TRIALS):
        now = time.monotonic()
        if now + longest >= begun + seconds:
            break
        trial, trials = study.ask(space), trials + 1
        given = {**start, **trial.params}
        found = race(given, least)
        longest = max(longest, time.monotonic() - now)
        if found is None:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            continue
        study.tell(trial, float(found.mean()))
        if found.mean() < least.mean():
            best, least = given, found
    luckiest = math.sqrt(2 * math.log(max(trials, 1) + 1))  # of so many normal deviates, about
    return best if is_worse(losses, least, luckiest) else start


def _space(rows: int) -> "dict[str, BaseDistribution]":
    """What is searched: how fine, how random and how shrunken the trees are."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    return {
        "learning_rate": FloatDistribution(0.015, 0.1, log=True),
        "num_leaves": IntDistribution(4, 31 if rows < MANY_ROWS else 127, log=True),
        "min_data_in_leaf": IntDistribution(10, 300, log=True),
        "feature_fraction_bynode": FloatDistribution(0.1, 1.0),
        "bagging_fraction": FloatDistribution(0.5, 1.0),
        "lambda_l2": FloatDistribution(0.1, 100.0, log=True),
        "path_smooth": FloatDistribution(0.0, 50.0),
        "extra_trees": CategoricalDistribution([False, True]),
    }


def is_worse(losses: Array, rivals: Array, errors: float = 1.0) -> bool:
    """Whether the mean loss is higher than the rival's by more than so many standard errors, row by row."""
    differences = losses - rivals
    error = differences.std() / math.sqrt(len(differences))
    return bool(differences.mean() > errors * error)
