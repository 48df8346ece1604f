"""Distances and times between the places of a problem, from the best source there is."""

from collections.abc import Sequence

import numpy as np

from analytics.routing.problem import FOREVER, Travel, Window


def flattened(travel: Travel, windows: Sequence[Window], *, slowest: float = 0.0) -> Travel:
    """One matrix in place of several: the mean over the periods, weighted by how long `windows` cover each.

    `windows` are the shifts. `slowest` (0 to 1) moves the mean towards the slowest period that they cover:
    for a solver whose plan was late when driven at the hours it fell in. Without any cover all periods count
    alike.
    """
    if len(travel.periods) == 1:
        return travel
    begins = np.array(travel.periods)
    ends = np.append(begins[1:], FOREVER)
    covered = sum(
        (np.clip(np.minimum(ends, w.closes) - np.maximum(begins, w.opens), 0, None) for w in windows),
        start=np.zeros(len(begins)),
    )
    weights = covered if covered.any() else np.ones(len(begins))
    seconds = np.tensordot(weights / weights.sum(), travel.seconds, axes=1)
    if slowest:
        seconds = (1 - slowest) * seconds + slowest * travel.seconds[weights > 0].max(axis=0)
    return Travel(travel.metres, seconds[None], travel.source, notes=travel.notes)
