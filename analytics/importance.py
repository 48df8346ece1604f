"""What a model goes by on the whole: the mean size of what each feature contributes."""

from collections import defaultdict
from typing import Any

import numpy as np

from analytics.cases import Cases
from analytics.model import Model
from analytics.reasons import moved

MOST_CASES = 2_000
MOST_OF_NETWORKS = 200  # integrated gradients cost about a hundred predictions a case and network
_AT_ONCE = 500


def importance(model: Model, cases: Cases, most: int | None = None) -> list[dict[str, Any]]:
    """`feature` and its `share` of all mean |contribution|, largest first; the shares sum to 1.

    Taken over at most `most` cases, evenly spaced; by default fewer where a network takes part. Events of one
    type count together in a case and carry `event`: true; several classes are added up. Empty where nothing
    moves any score.
    """
    usual = MOST_CASES if model.scorer.family in ("linear", "boosting") else MOST_OF_NETWORKS
    count = min(most or usual, len(cases))
    places = np.unique(np.linspace(0, len(cases) - 1, count).astype(np.int64))
    sizes: dict[tuple[str, bool], float] = defaultdict(float)
    for start in range(0, len(places), _AT_ONCE):
        _add(sizes, model, cases.rows(places[start : start + _AT_ONCE]))
    total = sum(sizes.values())
    ranked = sorted(sizes.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        {"feature": name, "share": size / total} | ({"event": True} if is_event else {})
        for (name, is_event), size in ranked
        if size
    ]


def _add(sizes: dict[tuple[str, bool], float], model: Model, cases: Cases) -> None:
    found = moved(model, cases)
    of_features = np.abs(found.features).reshape(-1, found.features.shape[-1]).sum(axis=0)
    for name, size in zip(model.code_book.names, of_features.tolist(), strict=True):
        sizes[name, False] += size
    if cases.events is None or not len(found.case):
        return
    runs = zip(cases.events.starts.tolist(), cases.events.stops.tolist(), strict=True)
    rows = np.concatenate([np.arange(start, stop) for start, stop in runs])
    types = cases.events.table["event_type"].gather(rows).to_numpy()
    for name in np.unique(types).tolist():
        of_type = types == name
        per_case = np.zeros((len(cases), *found.events.shape[1:]))
        np.add.at(per_case, found.case[of_type], found.events[of_type])
        sizes[name, True] += float(np.abs(per_case).sum())
