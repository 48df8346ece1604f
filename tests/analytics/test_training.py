"""Train, judge, promote, roll back: through the public functions, on a lake whose truth is known."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analytics import registry
from analytics.evaluation import auroc
from analytics.flat import flat_cases
from analytics.scoring import score
from analytics.task import Band, Flat, Task
from analytics.training import train
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.conftest import Ingested, made_task, patients


def test_a_trained_model_ranks_like_the_truth_and_is_calibrated(home: Settings, ingested: Ingested) -> None:
    rows = patients(6_000)
    ingested("clinic.patients", rows.drop("truth"))
    task = made_task(home, "clinic.patients", Flat("ill", entity="patient no"))
    result = train(home, task)
    found = result.as_json()
    assert found["task"] == "made"
    assert found["promoted"]
    assert found["rows"]["train"] + found["rows"]["test"] == 6_000
    assert set(found["metrics"]["test"]) == {"auroc", "auprc", "ks", "brier", "log_loss", "ece"}
    json.dumps(found)
    fresh = patients(4_000, seed=9)
    model = registry.load(home, registry.required(home, task))
    predictions = model.predict(flat_cases(task, fresh))
    labels = (fresh["ill"] == "yes").cast(pl.Float64).to_numpy()
    truth = fresh["truth"].to_numpy()
    seen = fresh["dose [mg/l]"].is_not_null().to_numpy()  # where the dose is missing nobody can know
    assert auroc(labels[seen], predictions.score[seen]) > auroc(labels[seen], truth[seen]) - 0.015
    assert np.abs(predictions.score - truth)[seen].mean() < 0.05
    assert (predictions.lower <= predictions.score).all()
    assert (predictions.score <= predictions.upper).all()
    assert set(predictions.band) == {"low", "medium", "high"}


def test_several_classes_and_values_are_trained_and_scored(home: Settings, ingested: Ingested) -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=(1_500, 3))
    rows = pl.DataFrame(
        {
            "a": x[:, 0],
            "b": x[:, 1],
            "c": x[:, 2],
            "grade": np.array(["低", "mid", "high"])[(x + random.gumbel(size=x.shape) / 2).argmax(axis=1)],
            "price": 100 + 20 * x[:, 0] + random.normal(size=1_500) * 5,
        }
    )
    ingested("shop.goods", rows)
    grade = replace(made_task(home, "shop.goods", Flat("grade", drop=("price",))), name="grade")
    found = train(home, grade)
    assert found.metrics["test"]["accuracy"] > 0.6
    assert set(found.metrics["test"]) == {"log_loss", "accuracy", "macro_f1", "auroc_ovr"}
    score(home, grade)
    scored = Warehouse(home).query("SELECT * FROM predictions.grade")
    shares = scored.select("p_high", "p_mid", "p_低")
    assert shares.sum_horizontal().to_list() == pytest.approx([1.0] * 1_500)
    assert scored["score"].to_list() == pytest.approx(shares.max_horizontal().to_list())
    assert set(scored["band"]) == {"high", "mid", "低"}
    price = replace(made_task(home, "shop.goods", Flat("price", drop=("grade",))), name="price")
    found = train(home, price)
    assert found.metrics["test"]["r2"] > 0.85
    assert found.metrics["coverage"]["overall"] == pytest.approx(0.9, abs=0.06)


def test_the_same_again_is_not_promoted(home: Settings, ill: Task) -> None:
    first = train(home, ill)
    again = train(home, ill)
    assert not again.promoted
    assert "no better than version " + first.model_version in again.note
    assert registry.required(home, ill).version == first.model_version
    assert [row.state for row in registry.history(home, ill)] == ["rejected", "in_service"]


def test_reuse_trains_nothing_until_data_or_task_change(
    home: Settings, ill: Task, ingested: Ingested
) -> None:
    loads = pl.DataFrame({"load_id": ["replay-1"], "rows_changed": [1_200]})
    ingested("meta.loads", loads)
    first = train(home, ill)
    score(home, ill)  # a new snapshot, but no new data
    skipped = train(home, ill, reuse=True)
    assert skipped.skipped
    assert skipped.model_version == first.model_version
    assert skipped.metrics == first.metrics
    assert not train(home, replace(ill, bands=(Band("all", 1.0, {}),)), reuse=True).skipped
    ingested("meta.loads", pl.DataFrame({"load_id": ["replay-1", "2"], "rows_changed": [1_200, 5]}))
    assert not train(home, ill, reuse=True).skipped


def test_a_better_model_takes_over_and_rollback_brings_the_old_one_back(
    home: Settings, ingested: Ingested
) -> None:
    rows = patients(4_000)
    ingested("clinic.patients", rows.drop("truth").head(200))
    task = made_task(home, "clinic.patients", Flat("ill", entity="patient no"))
    small = train(home, task)
    ingested("clinic.patients", rows.drop("truth"))
    large = train(home, task)
    assert large.promoted
    assert [row.state for row in registry.history(home, task)] == ["in_service", "retired"]
    assert registry.rollback(home, task).version == small.model_version
    assert [row.state for row in registry.history(home, task)] == ["retired", "in_service"]
    with pytest.raises(UsageError, match="no version «x»"):
        registry.rollback(home, task, "x")


def test_noise_beats_no_base_rate_and_is_not_promoted(home: Settings, ingested: Ingested) -> None:
    random = np.random.default_rng(4)
    rows = pl.DataFrame({"x": random.normal(size=300), "y": random.integers(0, 2, 300)})
    ingested("a.noise", rows)
    task = made_task(home, "a.noise", Flat("y"))
    result = train(home, task)
    assert result.promoted == result.note.startswith("Promoted: better than the base rate")
    if not result.promoted:
        with pytest.raises(AssistantError, match="no model in service"):
            score(home, task)


def test_a_first_version_that_ranks_serves_where_the_rate_has_changed(
    home: Settings, ingested: Ingested
) -> None:
    """The event has become ten times as rare: no probability can be right, the order still is."""
    random = np.random.default_rng(5)
    days = np.sort(random.integers(0, 700, 3_000))
    x = random.normal(size=3_000)
    rare = np.where(days < 540, 0.0, -2.5)
    ill = random.random(3_000) < 1 / (1 + np.exp(-(1.2 * x - 0.2 + rare)))
    day = pl.Series(days).cast(pl.Int32)
    rows = pl.DataFrame({"x": x, "ill": ill.astype(int)}).with_columns(
        seen=pl.date(2023, 1, 1) + pl.duration(days=day)
    )
    ingested("a.rarer", rows)
    result = train(home, made_task(home, "a.rarer", Flat("ill", time="seen")))
    assert result.promoted
    assert result.note.startswith("Promoted: ranks better than chance")
    assert result.metrics["intervals"]["auroc"][0] > 0.5
    assert result.metrics["only_ranks"]


@pytest.mark.parametrize("damage", ["card.json", "checksums.json"])
def test_a_damaged_model_is_refused(home: Settings, ill: Task, damage: str) -> None:
    train(home, ill)
    row = registry.required(home, ill)
    registry._load.cache_clear()
    path = home.home / row.path / damage
    path.write_text(path.read_text() + " ")  # still JSON, and of the same meaning
    with pytest.raises(AssistantError, match=f"is damaged: {damage} is not the file that was written"):
        registry.load(home, row)
    path.unlink()
    with pytest.raises(AssistantError, match=f"is damaged: {damage} is missing"):
        registry.load(home, row)


def test_a_version_is_text_and_json_only(home: Settings, ill: Task) -> None:
    train(home, ill)
    folder = home.home / registry.required(home, ill).path
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert path.suffix == ".txt" or json.loads(text)


def test_what_a_killed_training_left_behind_is_removed(
    home: Settings, ill: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(registry, "_flush", killed)
    with pytest.raises(KeyboardInterrupt):
        train(home, ill)
    assert registry.history(home, ill) == []
    monkeypatch.undo()
    train(home, ill)
    assert len([path for path in (home.home / "models" / "made").iterdir() if path.is_dir()]) == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (patients(49), "only 49 rows have a known outcome; at least 50"),
        (patients(80).with_columns(ill=pl.lit("no")), "every known outcome is the same"),
    ],
)
def test_tables_that_cannot_teach_are_refused(
    home: Settings, ingested: Ingested, rows: pl.DataFrame, words: str
) -> None:
    ingested("clinic.patients", patients(80))
    task = made_task(home, "clinic.patients", Flat("ill"))
    ingested("clinic.patients", rows)
    with pytest.raises(AssistantError, match=words):
        train(home, task)


def test_the_card_tells_the_candidates_and_what_was_left_out(home: Settings, ingested: Ingested) -> None:
    rows = patients(400).drop("truth")
    twice = rows.head(3).with_columns(ill=pl.Series(["yes", "yes", "yes"]))
    ingested("clinic.patients", pl.concat([rows, twice]))
    result = train(home, made_task(home, "clinic.patients", Flat("ill", entity="patient no")))
    same = (rows.head(3)["ill"] == "yes").sum()
    wrong = 2 * (3 - same)
    assert [note for note in result.notes if "repeat" in note] == (
        [f"{same} cases that repeat another left out"] if same else []
    )
    assert f"{wrong} cases with contradicting outcomes left out" in result.notes
    board = result.metrics["leaderboard"]
    assert {entry["name"] for entry in board} == {"linear", "boosting", "transformer", "blend"}
    assert [entry["chosen"] for entry in board].count(True) == 1
    assert result.metrics["choice"]["validation"] == "5 folds"
    assert result.metrics["choice"]["rows"] == result.rows["train"]
    assert sum(entry["share"] for entry in result.metrics["importance"]) == pytest.approx(1.0)


def test_the_time_budget_is_given_to_the_fit(home: Settings, ill: Task) -> None:
    told: list[str] = []
    train(home, ill, seconds=0.001, progress=told.append)
    grown = [int(line.split(": ")[-1].split()[0]) for line in told if line.endswith("trees")]
    assert len(grown) == 15
    assert max(grown) <= 6  # of three models
