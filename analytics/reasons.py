"""What moved the score of each case, strongest first, feature by feature."""

from decimal import Decimal
from typing import Any

import numpy as np

from analytics.cases import Cases
from analytics.model import Model


def strongest_reasons(model: Model, cases: Cases, most: int = 5) -> list[list[dict[str, Any]]]:
    """For each case its strongest reasons: `feature`, `value`, signed `contribution`, strongest first.

    Contributions are in log-odds (several classes: of the likeliest class), or in the unit of the value.
    Those of the parts of a date are added up; all of them and the base sum to the raw score.
    """
    exact = model.scorer.contributions(model.inputs(cases))
    columns = exact.columns
    if columns.ndim == 3:
        likeliest = (exact.base + columns.sum(axis=2)).argmax(axis=1)
        columns = columns[np.arange(len(columns)), likeliest]
    names = model.code_book.names
    place = {name: number for number, name in enumerate(names)}
    owner = np.array([place[source] for source in model.code_book.sources])
    total = np.zeros((len(columns), len(names)))
    np.add.at(total.T, owner, columns.T)
    order = np.argsort(-np.abs(total), axis=1, kind="stable")[:, :most]
    values = cases.features.select(names).rows()
    return [
        [
            {
                "feature": names[c],
                "value": _plain(values[row][c]),
                "contribution": round(float(total[row, c]), 6),
            }
            for c in chosen
            if total[row, c]
        ]
        for row, chosen in enumerate(order)
    ]


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value)
    return str(value).removesuffix(" 00:00:00")  # dates and times
