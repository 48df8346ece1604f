"""The figures of a version: what each says is counted here once more, from data whose truth is known."""

import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from analytics.calibration import Calibration, sigmoid, softmax
from analytics.cases import Cases
from analytics.conformal import conformal
from analytics.coverage import agreement_of_bounds
from analytics.judgement import judged
from analytics.label_sets import label_sets
from analytics.matrix import learn_code_book
from analytics.model import Model
from analytics.models.learner import Contributions, Inputs
from analytics.task import Costs, Feature, Meaning, Task
from analytics.venn_abers import venn_abers

LABEL = {"en": "", "zh": ""}
TASK = Task(
    name="t",
    kind="binary",
    meaning=Meaning({}, {}, {}),
    population="",
    features="",
    candidates="",
    last_day="",
    feature_info={"sex": Feature(LABEL, protected=True), "dose": Feature(LABEL)},
    costs=Costs(miss=4, false_alarm=1),
)


class Dose:
    """A scorer that knows the truth: the log-odds are the first column."""

    family = "dose"

    def margins(self, inputs: Inputs) -> np.ndarray:
        return inputs.matrix[:, 0].astype(float)

    def contributions(self, inputs: Inputs) -> Contributions:
        raise NotImplementedError

    def save(self, folder: object) -> dict[str, object]:
        raise NotImplementedError


class Columns(Dose):
    """A scorer of two classes: the first two columns are their raw scores."""

    def margins(self, inputs: Inputs) -> np.ndarray:
        return inputs.matrix[:, :2].astype(float)


def cases(rows: int, seed: int) -> Cases:
    random = np.random.default_rng(seed)
    features = pl.DataFrame({"dose": random.normal(-1, 1.5, rows), "sex": random.choice(["f", "m"], rows)})
    keys = pl.DataFrame({"entity_id": [str(n) for n in range(rows)], "as_of": [datetime(2026, 1, 1)] * rows})
    ill = random.random(rows) < sigmoid(features["dose"].to_numpy())
    return Cases(keys, features, pl.Series(ill).cast(pl.Float64))


def truths_of(given: Cases) -> np.ndarray:
    assert given.labels is not None
    return given.labels.to_numpy()


@pytest.fixture(scope="module")
def known() -> tuple[Model, Cases]:
    """A model that knows the truth, calibrated on cases that the others follow."""
    held_out = cases(8_000, 0)
    book = learn_code_book(held_out.features)
    margins, labels = held_out.features["dose"].to_numpy(), truths_of(held_out)
    model = Model(
        kind="binary",
        classes=(),
        code_book=book,
        scorer=Dose(),  # type: ignore[arg-type]
        calibration=Calibration(losses={"none": 0.5}),
        bounds=venn_abers(margins, labels),
        bands=(("low", 0.2), ("high", 1.0)),
        label_sets=label_sets(margins, labels),
    )
    return model, cases(8_000, 1)


def test_the_figures_of_two_classes_hold_on_fresh_cases(known: tuple[Model, Cases]) -> None:
    model, test = known
    truths, predictions = truths_of(test), model.predict(test)
    found = judged(TASK, test, truths, predictions, model)
    json.dumps(found, allow_nan=False)
    assert found["test"]["ece"] < 0.02
    assert found["calibration"]["method"] == "none"
    parts = found["calibration"]["brier"]
    total = parts["reliability"] - parts["resolution"] + parts["uncertainty"]
    assert total == pytest.approx(found["test"]["brier"])
    coverage = found["coverage"]
    assert (coverage["nominal"], coverage["rows"]) == (0.9, 8_000)
    assert coverage["overall"] == pytest.approx(0.9, abs=0.01)
    assert coverage["by_class"]["yes"] == pytest.approx(0.9, abs=0.02)
    assert 1 <= coverage["mean_size"] <= 2
    women = next(row for row in coverage["by_group"]["sex"] if row["group"] == "f")
    sets, sex = predictions.label_sets, test.features["sex"].to_numpy()
    assert sets is not None
    assert women["coverage"] == pytest.approx(sets[np.arange(8_000), truths.astype(int)][sex == "f"].mean())
    assert found["bounds"]["agreeing"] >= 9
    assert found["decision"]["threshold"] == pytest.approx(0.2)
    assert [row["group"] for row in found["fairness"]["sex"]] == ["f", "m"]
    assert found["fairness"]["sex"][0]["selection_rate"][0] == pytest.approx(
        (predictions.score >= 0.2)[sex == "f"].mean()
    )


def test_without_costs_or_protected_attributes_nothing_is_made_up(known: tuple[Model, Cases]) -> None:
    model, test = known
    plain = replace(TASK, costs=None, feature_info={})
    found = judged(plain, test, truths_of(test), model.predict(test), model)
    assert {"decision", "fairness"} & set(found) == set()
    assert found["coverage"]["by_group"] == {}


def test_values_are_judged_by_their_intervals_also_by_group() -> None:
    learned, test = cases(4_000, 2), cases(4_000, 3)
    random = np.random.default_rng(4)
    wild = np.where(test.features["sex"].to_numpy() == "f", 3.0, 1.0)
    truths = test.features["dose"].to_numpy() + wild * random.normal(size=4_000)
    book = learn_code_book(learned.features)
    bounds = conformal(np.zeros(4_000), np.where(np.arange(4_000) % 2, 3, 1) * random.normal(size=4_000))
    scorer: object = Dose()
    model = Model("regression", (), book, scorer, Calibration(), bounds, (("all", 0.0),))  # type: ignore[arg-type]
    task = replace(TASK, kind="regression")
    found = judged(task, test, truths, model.predict(test), model)
    json.dumps(found, allow_nan=False)
    assert found["coverage"]["overall"] == pytest.approx(0.9, abs=0.02)
    calm = {row["group"]: row["coverage"] for row in found["coverage"]["by_group"]["sex"]}
    assert calm["m"] > 0.97 > 0.85 > calm["f"]
    assert found["fairness"]["sex"][0]["mean_absolute_error"][0] == pytest.approx(3 * 0.8, abs=0.15)


def test_several_classes_are_judged_by_their_sets_and_whether_the_named_one_is_right() -> None:
    random = np.random.default_rng(8)
    features = pl.DataFrame(
        {"a": random.normal(0, 2, 6_000), "b": random.normal(0, 2, 6_000), "sex": ["f", "m"] * 3_000}
    )
    margins = features.select("a", "b").to_numpy()
    truths = (margins + random.gumbel(size=margins.shape)).argmax(axis=1).astype(float)
    keys = pl.DataFrame({"entity_id": map(str, range(6_000)), "as_of": [datetime(2026, 1, 1)] * 6_000})
    chances = softmax(margins)
    right = (chances.argmax(axis=1) == truths).astype(float)
    scorer: object = Columns()
    model = Model(
        kind="multiclass",
        classes=("left", "right"),
        code_book=learn_code_book(features),
        scorer=scorer,  # type: ignore[arg-type]
        calibration=Calibration(),
        bounds=venn_abers(chances.max(axis=1), right),
        bands=(),
        label_sets=label_sets(chances[:3_000], truths[:3_000], ("left", "right")),
    )
    task = replace(TASK, kind="multiclass", classes=("left", "right"), costs=None)
    test = Cases(keys, features).part(3_000, 3_000)
    found = judged(task, test, truths[3_000:], model.predict(test), model)
    json.dumps(found, allow_nan=False)
    assert found["coverage"]["by_class"]["left"] == pytest.approx(0.9, abs=0.03)
    women = found["fairness"]["sex"][0]
    assert women["observed"] == pytest.approx(right[3_000:][::2].mean())
    assert women["mean_score"] == pytest.approx(women["observed"], abs=0.03)


def test_test_cases_without_an_event_are_judged_as_far_as_they_can_be(known: tuple[Model, Cases]) -> None:
    model, test = known
    calm = test.rows(np.flatnonzero(truths_of(test) == 0)[:200])
    found = judged(TASK, calm, truths_of(calm), model.predict(calm), model)
    json.dumps(found, allow_nan=False)
    assert set(found["coverage"]["by_class"]) == {"no"}
    assert found["decision"]["act_on_none"] == 0
    assert all(row["too_small"] for row in found["fairness"]["sex"])


def test_bounds_that_are_off_do_not_agree() -> None:
    random = np.random.default_rng(6)
    scores = random.random(10_000)
    truths = (random.random(10_000) < scores).astype(float)
    right = agreement_of_bounds(scores - 0.01, scores + 0.01, scores, truths)
    wrong = agreement_of_bounds(scores + 0.05, scores + 0.08, scores, truths)
    assert right["agreeing"] >= 9
    assert wrong["agreeing"] <= 4
    assert wrong["mean_width"] == pytest.approx(0.03)
