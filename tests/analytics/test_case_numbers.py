"""What is told of one case: steps that add up to its score, shares of changes, its nearest past cases."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics import what_if
from analytics.calibration import Calibration, sigmoid
from analytics.cases import Cases
from analytics.conformal import conformal
from analytics.matrix import learn_code_book
from analytics.model import Model
from analytics.models.learner import Contributions, Inputs
from analytics.neighbours import distances, nearest
from analytics.steps import way_of
from analytics.task import Derived, Feature, Kind, Meaning, Stress, Task
from analytics.venn_abers import venn_abers
from analytics.what_if import controls, tried

WORDS = {"en": "x", "zh": "x"}
ROWS = 300
CLASSES = ("red", "green", "blue")


@dataclass(frozen=True)
class Additive:
    """Each column times its weight(s), and a bend that no single column has."""

    weights: np.ndarray  # (columns,) or (columns, classes)
    bend: float = 0.0
    family: str = "planted"
    reads_events: bool = False

    def margins(self, inputs: Inputs) -> np.ndarray:
        matrix = np.nan_to_num(inputs.matrix.astype(float))
        return np.asarray(
            matrix @ self.weights + self.bend * (matrix[:, 0] * matrix[:, 1] if self.bend else 0)
        )

    def contributions(self, inputs: Inputs) -> Contributions:
        matrix = np.nan_to_num(inputs.matrix.astype(float))
        mean = np.full(matrix.shape[1], 0.5)
        parts = (matrix - mean)[..., None] * self.weights.reshape(matrix.shape[1], -1)
        base = np.tile(mean @ self.weights.reshape(matrix.shape[1], -1), (len(matrix), 1))
        if self.weights.ndim == 1:
            return Contributions(parts[..., 0], base[:, 0])
        return Contributions(parts.transpose(0, 2, 1), base)

    def save(self, folder: Path) -> dict[str, Any]:
        raise NotImplementedError


def some_cases(rows: int = ROWS, seed: int = 0) -> Cases:
    random = np.random.default_rng(seed)
    features = pl.DataFrame(
        {
            "amount": random.integers(0, 50, rows),
            "income": random.uniform(0.5, 4, rows),
            "colour": random.choice(["a", "b", "c"], rows),
            "old": random.random(rows) < 0.4,
            "lonely": pl.Series([None] * rows, dtype=pl.Float64),
            "ratio": random.uniform(0, 1, rows),
            "gap": pl.Series(np.where(random.random(rows) < 0.3, np.nan, random.normal(size=rows))).fill_nan(
                None
            ),
        }
    )
    days = [datetime(2026, 1, 1) + timedelta(days=int(day)) for day in random.integers(0, 300, rows)]
    keys = pl.DataFrame({"entity_id": [f"T{n // 3}/{n % 3}" for n in range(rows)], "as_of": days})
    return Cases(keys, features, pl.Series((random.random(rows) < 0.3).astype(int)))


POOL = some_cases()
ONE = some_cases(rows=1, seed=7).rows(np.array([0]))
CODES = learn_code_book(POOL.features.drop("lonely"))


def task(kind: Kind = "binary", stress: Stress | None = None, info: dict[str, Feature] | None = None) -> Task:
    return Task(
        "t.t", kind, Meaning(WORDS, WORDS, WORDS), "", "", "", "",
        feature_info=info or {}, shared_before="/", stress=stress or Stress(),
        classes=CLASSES if kind == "multiclass" else (),
    )  # fmt: skip


def model(kind: Kind, calibration: Calibration | None = None, bend: float = 0.0) -> Model:
    width = sum(column.width for column in CODES.columns)
    random = np.random.default_rng(1)
    weights = random.normal(size=(width, 3) if kind == "multiclass" else width) * 0.4
    scores, labels = np.linspace(-3, 3, 100), (np.arange(100) % 2).astype(np.float64)
    bounds = conformal(scores, scores + labels) if kind == "regression" else venn_abers(scores, labels)
    bands = (("low", 0.3), ("high", 1.0))
    classes = {"binary": ("0", "1"), "multiclass": CLASSES, "regression": ()}[kind]
    return Model(kind, classes, CODES, Additive(weights, bend), calibration or Calibration(), bounds, bands)


@pytest.mark.parametrize("most", [1, 3, 20])
@pytest.mark.parametrize(
    ("kind", "calibration"),
    [
        ("binary", Calibration("beta", low_slope=0.8, high_slope=1.4, intercept=-0.3)),
        ("binary", Calibration("isotonic", knots=(-4, -1, 0, 4), values=(0.01, 0.2, 0.2, 0.97))),
        ("multiclass", Calibration("temperature", low_slope=0.6)),
        ("regression", Calibration()),
    ],
    ids=["beta", "isotonic", "classes", "values"],
)
def test_the_steps_lead_from_the_average_case_to_the_score(
    kind: Kind, calibration: Calibration, most: int
) -> None:
    made = model(kind, calibration)
    for place in range(5):
        case = POOL.rows(np.array([place]))
        way = way_of(made, case, most)
        assert way.score == pytest.approx(made.predict(case).score[0], abs=1e-12)
        begins = [way.place, *(step.ends for step in way.steps)]
        assert begins[:-1] == [step.begins for step in way.steps]  # each where the one before ended
        named = [step for step in way.steps if step.feature]
        sizes = [abs(step.ends - step.begins) for step in named]
        if kind != "multiclass":
            assert sizes == sorted(sizes, reverse=True)
        assert len(named) <= max(most + 1, 2)
        assert (way.steps[-1].feature == "") == (way.others > 0)


def test_the_way_begins_at_the_base_and_its_steps_are_the_contributions() -> None:
    made = model("binary")
    way = way_of(made, ONE)
    exact = made.scorer.contributions(made.inputs(ONE))
    assert way.base == pytest.approx(sigmoid(exact.base)[0])
    by_name = {step.feature: step.ends - step.begins for step in way.steps}
    wanted = dict(zip(CODES.sources, exact.columns[0], strict=True))
    assert {name: size for name, size in by_name.items() if name} == pytest.approx(
        {name: size for name, size in wanted.items() if name in by_name}
    )
    assert sum(by_name.values()) == pytest.approx(sum(wanted.values()))


def test_the_marks_of_the_axis_stand_where_the_score_is_so_high() -> None:
    made = model("binary", Calibration("platt", low_slope=0.7, high_slope=0.7, intercept=0.2))
    way = way_of(made, ONE)
    assert way.marks
    for place, share in way.marks:
        assert made.calibration.probabilities(np.array([place]))[0] == pytest.approx(share, abs=2e-3)


CHANGES: dict[str, Any] = {"amount": 3.0, "income": 3.9, "old": True, "colour": "b"}


def score_of(made: Model, case: Cases, some: dict[str, Any]) -> float:
    columns = [pl.lit(value).alias(name) for name, value in some.items()]
    return float(made.predict(replace(case, features=case.features.with_columns(columns))).score[0])


def test_shares_of_changes_are_their_mean_gains_over_all_orders() -> None:
    made = model("binary", bend=0.02)
    gains: dict[str, list[float]] = {name: [] for name in CHANGES}
    for order in permutations(CHANGES):
        done: dict[str, Any] = {}
        for name in order:
            before = score_of(made, ONE, done)
            done[name] = CHANGES[name]
            gains[name].append(score_of(made, ONE, done) - before)
    found = tried(task(), made, ONE, CHANGES)
    assert found.shares == pytest.approx({name: float(np.mean(each)) for name, each in gains.items()})
    assert found.scores == pytest.approx((made.predict(ONE).score[0], score_of(made, ONE, CHANGES)))
    assert sum(found.shares.values()) == pytest.approx(found.scores[1] - found.scores[0])


def test_shares_of_many_changes_are_estimated_and_sum_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    made = model("multiclass")
    exact = tried(task("multiclass"), made, ONE, CHANGES)
    monkeypatch.setattr(what_if, "EXACT", 2)
    found = tried(task("multiclass"), made, ONE, CHANGES)
    assert sum(found.shares.values()) == pytest.approx(found.scores[1] - found.scores[0])
    assert found.shares == pytest.approx(exact.shares, abs=0.05)


def test_nothing_moved_changes_nothing() -> None:
    found = tried(task(), model("binary"), ONE, {})
    assert found.shares == {}
    assert found.scores[0] == found.scores[1]


def test_what_is_derived_follows_unless_it_is_moved_itself() -> None:
    made, derived = model("binary"), {"ratio": Derived("amount / income")}
    of = task(stress=Stress(derived=derived))
    now = ONE.features.row(0, named=True)
    follows = now["ratio"] * (2 * now["amount"]) / now["amount"]
    found = tried(of, made, ONE, {"amount": 2.0 * now["amount"]})
    assert found.followed["ratio"] == pytest.approx((now["ratio"], follows))
    both = {"amount": 2.0 * now["amount"], "ratio": follows}
    assert found.scores[1] == pytest.approx(score_of(made, ONE, both))
    own = tried(of, made, ONE, {"amount": 2.0 * now["amount"], "ratio": 0.5})
    assert own.followed == {}
    assert own.scores[1] == pytest.approx(score_of(made, ONE, {**both, "ratio": 0.5}))


def test_controls_offer_what_is_usual_in_the_directions_that_are_allowed() -> None:
    info = {
        "amount": Feature(WORDS, actionable=True, change=-1),
        "income": Feature(WORDS, actionable=True, change=1),
        "old": Feature(WORDS, actionable=True, change=1),
    }
    case = replace(ONE, features=ONE.features.with_columns(amount=pl.lit(20), old=pl.lit(value=True)))
    found = {each.feature: each for each in controls(task(info=info), model("binary"), case, POOL, [])}
    low = float(np.quantile(POOL.features["amount"], 0.01, method="nearest"))
    assert (found["amount"].low, found["amount"].high, found["amount"].step) == (low, 20, 1)
    assert found["income"].low == case.features["income"][0]
    assert "old" not in found  # it may only become true, and is
    assert found["colour"].choices == ("a", "b", "c")
    assert found["gap"].now == case.features["gap"][0]
    assert "lonely" not in found  # nothing but nulls: no model reads it
    assert [each.actionable for each in found.values()] == sorted(
        (each.actionable for each in found.values()), reverse=True
    )


def by_hand(past: Cases, case: Cases, weights: dict[str, float]) -> list[float]:
    """Gower's distance, feature by feature and case by case."""
    one, found = case.features.row(0, named=True), []
    numbers: dict[str, list[float]] = {}
    for name in weights:
        numbers[name] = [value for value in past.features[name].to_list() if isinstance(value, int | float)]

    def rank(name: str, value: float) -> float:
        below = sum(each < value for each in numbers[name]) + sum(each <= value for each in numbers[name])
        return below / 2 / len(numbers[name])

    for row in past.features.iter_rows(named=True):
        total = 0.0
        for name, weight in weights.items():
            here, there = row[name], one[name]
            if here is None or there is None:
                apart = float((here is None) != (there is None))
            elif isinstance(here, bool | str):
                apart = float(here != there)
            else:
                apart = abs(rank(name, here) - rank(name, there))
            total += weight * apart
        found.append(total / sum(weights.values()))
    return found


@pytest.mark.parametrize("gap", [None, 0.4])
def test_neighbours_are_those_that_a_search_by_hand_finds(gap: float | None) -> None:
    weights = {"amount": 0.4, "colour": 0.2, "old": 0.1, "gap": 0.25, "income": 0.05}
    importance = [{"feature": name, "share": share} for name, share in weights.items()]
    case = replace(
        ONE,
        keys=pl.DataFrame({"entity_id": ["T5/9"], "as_of": [datetime(2026, 6, 1)]}),
        features=ONE.features.with_columns(gap=pl.lit(gap, pl.Float64)),
    )
    found = nearest(task(), POOL, case, importance, most=12)
    rows = POOL.keys.with_row_index("place").with_columns(
        fate=pl.col("entity_id").str.split("/").list.first(), label=POOL.labels
    )
    allowed = rows.filter((pl.col("fate") != "T5") & (pl.col("as_of") < datetime(2026, 6, 1)))
    past = POOL.rows(allowed["place"].cast(pl.Int64).to_numpy())
    apart = by_hand(past, case, weights)
    assert distances(past, case, importance).tolist() == pytest.approx(apart)
    ranked = allowed.with_columns(pl.Series("apart", apart)).sort("apart", "entity_id")
    wanted = ranked.unique("fate", keep="first", maintain_order=True).head(12)
    assert found["entity_id"].to_list() == wanted["entity_id"].to_list()
    assert found["label"].to_list() == wanted["label"].to_list()
    assert POOL.keys[found["place"]]["entity_id"].to_list() == found["entity_id"].to_list()


def test_without_weights_all_features_count_and_a_case_is_at_no_distance_to_itself() -> None:
    assert distances(POOL, POOL.rows(np.array([4])), [])[4] == 0
    assert distances(POOL, ONE, []).max() <= 1
