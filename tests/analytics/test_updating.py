"""A model goes on with what is new: honestly held out, judged like any other, faster than from scratch."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from analytics import registry, training, updating
from analytics.flat import Flat
from analytics.scoring import score
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from tests.analytics.conftest import Ingested, made_task, patients


def table(rows: int) -> pl.DataFrame:
    return patients(rows, seed=3).drop("truth")


@pytest.fixture
def served(home: Settings, ingested: Ingested) -> Task:
    """A model of 600 patients in service, of boosted trees alone."""
    ingested("clinic.patients", table(600))
    task = made_task(home, "clinic.patients", Flat("ill", entity="patient no"))
    training.train(home, task, seconds=1)
    return task


def test_an_update_learns_from_what_is_new_and_says_where_it_comes_from(
    home: Settings, served: Task, ingested: Ingested
) -> None:
    first = registry.required(home, served)
    assert updating.update(home, served).skipped
    grown = patients(3_600, seed=3)
    ingested("clinic.patients", pl.concat([table(600), grown.drop("truth")[600:]]))
    result = updating.update(home, served, seconds=5)
    said = result.metrics["updated_from"]
    # A fifth of the new patients are held out for good, by their number.
    assert said["version"] == first.version
    assert 2_300 < said["fresh"] < 2_500
    assert 0 < said["replayed"] <= 500
    row = registry.named(home, served, result.model_version)
    assert registry.card(home, row)["updated_from"] == first.version
    assert result.promoted
    assert f"better than version {first.version}" in result.note
    assert score(home, served).model_version == result.model_version
    assert updating.update(home, served).skipped
    assert registry.load(home, row).bands == registry.load(home, first).bands
    assert registry.rollback(home, served).version == first.version


def test_a_model_does_not_judge_itself_on_rows_it_has_learned(
    home: Settings, served: Task, ingested: Ingested, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labels of new rows are noise, so every honest held-out score of them must be worthless."""
    random = np.random.default_rng(0)
    noise = patients(2_000, seed=9).with_columns(
        ill=pl.Series(np.where(random.random(2_000) < 0.5, "yes", "no")),
        **{"patient no": pl.Series([f"N{number:05d}" for number in range(2_000)])},
    )
    ingested("clinic.patients", pl.concat([table(600), noise.drop("truth")]))
    seen: dict[str, np.ndarray] = {}
    calibrated = updating.model_of

    def watched(task, problem, classes, fitted, folds, effort):  # type: ignore[no-untyped-def]
        seen["labels"], seen["margins"] = problem.labels[fitted.held_out], fitted.margins
        return calibrated(task, problem, classes, fitted, folds, effort)

    monkeypatch.setattr(updating, "model_of", watched)
    updating.update(home, served, seconds=5)
    assert len(seen["labels"]) > 1_500  # the new ones and none of those it had learned
    apart = seen["margins"][seen["labels"] == 1].mean() - seen["margins"][seen["labels"] == 0].mean()
    assert abs(apart) < 0.1 * seen["margins"].std() + 0.02


def test_days_a_version_was_trained_on_do_not_judge_it_when_old_records_move_them_into_the_test(
    home: Settings, ingested: Ingested
) -> None:
    days = pl.date_range(date(2025, 1, 1), date(2025, 12, 31), eager=True).gather_every(2)
    rows = table(1_600).with_columns(seen=pl.Series([days[n % len(days)] for n in range(1_600)]))
    ingested("clinic.patients", rows[:800])
    task = made_task(home, "clinic.patients", Flat("ill", time="seen", drop=("patient no",)))
    first = training.train(home, task, seconds=1)
    start = date.fromisoformat(first.rows["test_from"])
    judging = rows[:800].filter(pl.col("seen") >= start).height
    assert first.rows["test"] == judging
    old = rows[800:].with_columns(pl.col("seen").dt.offset_by("-2y"))
    ingested("clinic.patients", pl.concat([rows[:800], old]))
    updated = updating.update(home, task, seconds=1)
    assert updated.rows["test"] == judging  # not the 320 latest of 1,600
    assert updated.rows["test_from"] == first.rows["test_from"]
    assert f"on {judging} held-out cases" in training.train(home, task, seconds=1).note


def test_too_little_or_the_wrong_thing_is_refused(home: Settings, served: Task, ingested: Ingested) -> None:
    ingested("clinic.patients", table(620))
    with pytest.raises(AssistantError, match="have become known since version"):
        updating.update(home, served)
    with pytest.raises(AssistantError, match="has changed its kind or classes"):
        updating.update(home, replace(served, classes=("yes", "no")))
    ingested("clinic.patients", table(3_000).drop("smoker"))
    with pytest.raises(AssistantError, match="«smoker» is missing"):
        updating.update(home, served)
    with pytest.raises(AssistantError, match="no model in service to continue"):
        updating.update(home, replace(served, name="other"))
