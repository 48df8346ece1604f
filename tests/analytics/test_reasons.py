"""Reasons and importance: features and events together, summed the right way, told in words."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics.calibration import Calibration
from analytics.cases import Cases
from analytics.events import events_of, learn_event_book
from analytics.importance import importance
from analytics.matrix import learn_code_book
from analytics.model import Model
from analytics.models.learner import Contributions, Inputs
from analytics.reasons import moved, strongest_reasons
from analytics.venn_abers import venn_abers

DAY = datetime(2026, 3, 1)
HAPPENED = [("a", 10, "debit", 35.0), ("a", 2, "salary", -4.0), ("c", 1, "debit", 5.0)]


@dataclass(frozen=True)
class Sums:
    """A known scorer: x + 2 * (month of birth) + each event by its type; several classes scale it."""

    classes: int = 1
    family: str = "sums"

    def margins(self, inputs: Inputs) -> np.ndarray:
        found = self.contributions(inputs)
        total = found.base + found.columns.sum(axis=-1)
        assert inputs.events is not None
        np.add.at(total, np.repeat(np.arange(len(inputs)), inputs.events.lengths), found.events)
        return np.asarray(total)

    def contributions(self, inputs: Inputs) -> Contributions:
        assert inputs.events is not None
        columns = np.nan_to_num(inputs.matrix.astype(float)) * [1, 0, 2, 0, 0]
        events = np.where(inputs.events.kinds == 1, 100.0, -7.0)
        base = np.full(len(inputs), 0.5)
        if self.classes == 1:
            return Contributions(columns, base, events)
        scale = np.arange(1.0, self.classes + 1) - 2
        return Contributions(
            columns[:, None] * scale[:, None], base[:, None] * scale, events[:, None] * scale
        )

    def save(self, folder: Path) -> dict[str, Any]:
        raise NotImplementedError


def cases() -> Cases:
    """Three cases: one with two events, one with none, one with one."""
    keys = pl.DataFrame({"entity_id": ["a", "b", "c"], "as_of": [DAY] * 3})
    features = pl.DataFrame(
        {"x": [3.0, -1.0, None], "born": [datetime(1990, month, 1) for month in (1, 9, 4)]}
    )
    table = pl.DataFrame(
        [(who, DAY - timedelta(days=ago), DAY - timedelta(days=ago), what, value, None)
         for who, ago, what, value in HAPPENED],
        schema=["entity_id", "known_at", "event_time", "event_type", "value", "text"],
        orient="row",
    )  # fmt: skip
    return Cases(keys, features, events=events_of(keys, table))


def model(classes: int = 1) -> Model:
    given = cases()
    assert given.events is not None
    book = replace(learn_event_book(given.events), types=("debit", "salary"), means=(0, 0), spreads=(1, 1))
    codes = learn_code_book(given.features, given.keys["as_of"])
    bounds = venn_abers(np.linspace(-1, 1, 50), np.arange(50) % 2.0)
    kind = "binary" if classes == 1 else "multiclass"
    names = tuple(map(str, range(max(classes, 2))))
    return Model(kind, names, codes, Sums(classes), Calibration(), bounds, (("all", 1.0),), book)  # type: ignore[arg-type]


def test_events_are_reasons_beside_features_with_the_days_before() -> None:
    first, second, third = strongest_reasons(model(), cases())
    assert first == [
        {"feature": "debit", "value": 35.0, "days_before": 10.0, "contribution": 100.0},
        {"feature": "salary", "value": -4.0, "days_before": 2.0, "contribution": -7.0},
        {"feature": "x", "value": 3.0, "contribution": 3.0},
        {"feature": "born", "value": "1990-01-01", "contribution": 2.0},
    ]
    assert second == [
        {"feature": "born", "value": "1990-09-01", "contribution": 18.0},
        {"feature": "x", "value": -1.0, "contribution": -1.0},
    ]
    assert [entry["feature"] for entry in third] == ["debit", "born"]
    assert [len(entries) for entries in strongest_reasons(model(), cases(), most=1)] == [1, 1, 1]


@pytest.mark.parametrize("classes", [1, 3])
def test_features_events_and_base_sum_to_the_raw_score(classes: int) -> None:
    given = model(classes)
    found = moved(given, cases())
    total = found.base + found.features.sum(axis=-1)
    np.add.at(total, found.case, found.events)
    margins = given.scorer.margins(given.inputs(cases()))
    assert total == pytest.approx(margins)
    one = found.of_likeliest_class()
    summed = one.base + one.features.sum(axis=1) + np.bincount(one.case, one.events, minlength=3)
    assert summed == pytest.approx(margins.max(axis=1) if classes > 1 else margins)


def test_importance_counts_events_of_a_type_together_and_sums_to_one() -> None:
    found = importance(model(), cases())
    assert sum(entry["share"] for entry in found) == pytest.approx(1)
    sizes = {"debit": 200, "born": 2 + 18 + 8, "salary": 7, "x": 3 + 1}
    assert [entry["feature"] for entry in found] == list(sizes)
    assert [entry["share"] for entry in found] == pytest.approx([s / 239 for s in sizes.values()])
    assert [entry.get("event", False) for entry in found] == [True, False, True, False]
    assert {entry["feature"] for entry in importance(model(3), cases(), most=1)} == {
        "debit", "salary", "x", "born"
    }  # fmt: skip
