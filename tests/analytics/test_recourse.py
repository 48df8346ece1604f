"""The smallest change: it moves the band, nothing smaller does, and nothing else is touched."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import registry
from analytics.calibration import Calibration
from analytics.cases import Cases
from analytics.matrix import learn_code_book
from analytics.model import Model
from analytics.models.learner import Contributions, Inputs
from analytics.recourse import Step, plausible, smallest_change, smallest_change_of
from analytics.rescoring import case_of
from analytics.task import Derived, Feature, Stress, Task
from analytics.training import train
from analytics.venn_abers import venn_abers
from connectors.errors import AssistantError
from pipelines.settings import Settings

WORDS = {"en": "x", "zh": "x"}
FREE = Feature(WORDS, actionable=True)
BANDS = (("low", 0.3), ("high", 1.0))


@dataclass(frozen=True)
class Planted:
    """A scorer that is known: log-odds as a function of the matrix."""

    score: Callable[[np.ndarray], np.ndarray]
    family: str = "planted"

    def margins(self, inputs: Inputs) -> np.ndarray:
        return np.asarray(self.score(inputs.matrix), dtype=float)

    def contributions(self, inputs: Inputs) -> Contributions:
        raise NotImplementedError

    def save(self, folder: Path) -> dict[str, Any]:
        raise NotImplementedError


def training_cases(rows: int = 400) -> Cases:
    random = np.random.default_rng(0)
    features = pl.DataFrame(
        {
            "debits": random.integers(0, 6, rows),
            "term": random.integers(1, 7, rows) * 12,
            "spending": random.uniform(0.1, 1.5, rows),
            "plan": random.choice(["basic", "plus", "old"], rows),
            "fixed": random.normal(size=rows),
        }
    )
    keys = pl.select(entity_id=pl.int_range(rows).cast(pl.String), as_of=pl.lit(None, pl.Datetime("us")))
    return Cases(keys, features)


CASES = training_cases()
CODES = learn_code_book(CASES.features)


def planted(score: Callable[[np.ndarray], np.ndarray]) -> Model:
    margins, labels = np.linspace(-3, 3, 100), np.arange(100) % 2.0
    bounds = venn_abers(margins, labels)
    return Model("binary", ("0", "1"), CODES, Planted(score), Calibration(), bounds, BANDS)


def task_of(**info: Feature) -> Task:
    from analytics.task import Meaning

    meaning = Meaning(WORDS, WORDS, WORDS)
    return Task("t", "binary", meaning, "", "", "", "", feature_info=info)


def one(**values: Any) -> Cases:
    given = {"debits": 5, "term": 72, "spending": 1.4, "plan": "old", "fixed": 2.0} | values
    return Cases(CASES.keys.head(1), pl.DataFrame(given, schema=CASES.features.schema))


def linear(matrix: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * matrix[:, 0] + 0.02 * matrix[:, 1] + 0.6 * (matrix[:, 3] == 1) - 2.4)


def test_the_change_moves_the_band_and_nothing_smaller_does() -> None:
    info = {"debits": FREE, "term": FREE, "plan": FREE}
    known, model, case = plausible(CASES, task_of(**info)), planted(linear), one()
    found = smallest_change_of(model, case, known, task_of(**info))
    assert found is not None
    assert (found.band_now, found.band_then) == ("high", "low")
    after = case.features.with_columns(
        pl.lit(step.after).cast(case.features.schema[step.feature]).alias(step.feature)
        for step in found.steps
    )
    again = model.predict(replace(case, features=after))
    assert (again.band[0], again.score[0]) == ("low", found.score_then)
    assert found.score_now == model.predict(case).score[0]
    assert found.size == pytest.approx(brute_force(model, case, known))


def brute_force(model: Model, case: Cases, known: dict[str, Any]) -> float:
    """The least size over every combination of plausible values."""
    before = case.features.row(0, named=True)
    best = np.inf
    for values in product(*([before[name], *entry["values"]] for name, entry in known.items())):
        size = 0.0
        for (name, entry), value in zip(known.items(), values, strict=True):
            if value != before[name] and "ranks" in entry:
                size += abs(np.diff(np.interp([before[name], value], entry["values"], entry["ranks"]))[0])
            elif value != before[name]:
                size += 1.0
        row = case.features.with_columns(
            pl.lit(value).cast(case.features.schema[name]).alias(name)
            for name, value in zip(known, values, strict=True)
        )
        if size < best and model.predict(replace(case, features=row)).band[0] == "low":
            best = size
    return float(best)


@given(
    st.integers(0, 5),
    st.sampled_from([12, 36, 72]),
    st.floats(0.1, 1.5),
    st.tuples(*[st.sampled_from([-1, 0, 1])] * 3),
    st.tuples(*[st.booleans()] * 4),
)
@settings(max_examples=25)
def test_only_actionable_features_change_in_the_allowed_direction_to_plausible_values(
    debits: int, term: int, spending: float, directions: tuple[Any, ...], actionable: tuple[bool, ...]
) -> None:
    directed = zip(("debits", "term", "spending"), directions, strict=True)
    info = {name: Feature(WORDS, change=change) for name, change in directed} | {"plan": Feature(WORDS)}
    info = {
        name: replace(entry, actionable=may)
        for (name, entry), may in zip(info.items(), actionable, strict=True)
    }
    known = plausible(CASES, task_of(**info))
    assert set(known) == {name for name, entry in info.items() if entry.actionable}
    model = planted(lambda matrix: linear(matrix) + matrix[:, 2] - 0.5)
    found = smallest_change_of(
        model, one(debits=debits, term=term, spending=spending), known, task_of(**info)
    )
    if found is None:
        return
    assert 1 <= len(found.steps) <= 3
    for step in found.steps:
        assert info[step.feature].actionable
        assert step.after in known[step.feature]["values"]
        assert step.after != step.before
        if info[step.feature].change:
            assert np.sign(step.after - step.before) == info[step.feature].change
        if step.feature in ("debits", "term"):
            assert isinstance(step.after, int)


def test_thinned_out_values_still_give_a_change_no_step_of_which_is_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = {"spending": FREE, "term": FREE, "debits": FREE}
    known, case = plausible(CASES, task_of(**info)), one(debits=0)
    model = planted(lambda matrix: 4 * matrix[:, 2] - 4)  # low where spending < 0.788
    exact = smallest_change_of(model, case, known, task_of(**info))
    monkeypatch.setattr("analytics.recourse.MOST_TRIED", 200)
    rough = smallest_change_of(model, case, known, task_of(**info))
    assert rough == exact
    assert exact is not None
    [step] = exact.steps
    assert 0.75 < step.after < 0.788


@pytest.mark.parametrize(
    ("model", "case"),
    [
        (planted(lambda matrix: np.full(len(matrix), 2.0)), one()),  # nothing moves it
        (planted(lambda matrix: np.full(len(matrix), -2.0)), one()),  # in the best band already
        (planted(lambda matrix: matrix[:, 0] - 3), one(debits=None)),  # no one knows where it starts
        (planted(lambda matrix: 9 * matrix[:, 4]), one()),  # only what nobody can change
    ],
)
def test_where_no_change_helps_there_is_none(model: Model, case: Cases) -> None:
    info = {"debits": FREE, "term": FREE, "fixed": Feature(WORDS)}
    assert smallest_change_of(model, case, plausible(CASES, task_of(**info)), task_of(**info)) is None


def test_what_is_derived_from_a_feature_moves_along_with_it() -> None:
    task = replace(task_of(debits=FREE), stress=Stress(derived={"spending": Derived("debits")}))
    model = planted(lambda matrix: 4 * matrix[:, 2] - 3)  # the debits themselves do not count
    found = smallest_change_of(model, one(debits=4, spending=1.4), plausible(CASES, task), task)
    assert found is not None
    assert found.steps == (Step("debits", 4, 1),)  # 2 would leave 0.7, on the side of «high»
    assert found.followed == (Step("spending", 1.4, pytest.approx(0.35)),)
    assert found.band_then == "low"


def test_values_rare_in_training_are_not_plausible() -> None:
    features = pl.DataFrame({"a": [*range(1, 200), 10_000], "b": [0.5] * 199 + [float("inf")]})
    cases = Cases(CASES.keys.head(200), features)
    known = plausible(cases, task_of(a=FREE, b=FREE, absent=FREE))
    assert max(known["a"]["values"]) < 200
    assert known["b"] == {"values": [0.5], "ranks": [0.5]}
    assert "absent" not in known


def test_a_change_is_found_by_name_for_a_model_in_service(home: Settings, ill: Task) -> None:
    info = {"dose [mg/l]": replace(FREE, change=-1), "smoker": FREE}
    task = replace(ill, feature_info=info)
    with pytest.raises(AssistantError, match="no model in service"):
        smallest_change(home, task, "P000011")
    train(home, task)
    model = registry.load(home, registry.required(home, task))
    moved = 0
    for number in range(8):
        case = case_of(home, task, f"P{number:06d}", datetime(2026, 1, 2))
        found = smallest_change(home, task, f"P{number:06d}", datetime(2026, 1, 2))
        if found is not None:
            assert found.score_now == pytest.approx(model.predict(case).score[0])
            assert found.score_then < found.score_now
            moved += 1
    assert moved
