"""Cases that arrive more than once: the same outcome counts once, contradicting ones teach nothing."""

from dataclasses import replace

import polars as pl

from analytics.cases import Cases
from analytics.matrix import kind_of

_LABEL = "␟label"  # a name no table has a column of


def without_repeats(cases: Cases) -> Cases:
    """The settled cases without those that repeat another, or contradict it; `notes` say how many.

    Cases are the same where entity, `as_of` and all features are. Without features of its own to tell them
    apart, nobody can say which of two different outcomes is right.
    """
    if cases.labels is None or not cases.keys.is_duplicated().any():
        return cases
    readable = [name for name, dtype in cases.features.schema.items() if kind_of(dtype)]
    numbered = {f"feature {place}": cases.features[name] for place, name in enumerate(readable)}
    table = cases.keys.with_columns(**numbered).with_columns(cases.labels.alias(_LABEL))
    same = [name for name in table.columns if name != _LABEL]
    outcomes = table.select(pl.col(_LABEL).n_unique().over(same)).to_series()
    first = table.select(pl.int_range(pl.len()).over(same) == 0).to_series()
    contradicting, repeated = int((outcomes > 1).sum()), int(((outcomes == 1) & ~first).sum())
    if not contradicting and not repeated:
        return cases
    notes = [f"{repeated} cases that repeat another left out"] if repeated else []
    notes += [f"{contradicting} cases with contradicting outcomes left out"] if contradicting else []
    kept = ((outcomes == 1) & first).arg_true().to_numpy()
    return replace(cases.rows(kept), notes=cases.notes + tuple(notes))
