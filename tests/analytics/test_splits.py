"""No case of the test is ever seen in training: not its entity, not its time, not its event."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import splits
from analytics.splits import Split, entity_folds, split


def keys(entities: list[str], moments: list[datetime | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"entity_id": entities, "as_of": moments}, schema={"entity_id": pl.String, "as_of": pl.Datetime("us")}
    )


def whole(parts: Split, rows: int) -> bool:
    used = np.concatenate([parts.learning, parts.test])
    return sorted(used.tolist()) == list(range(rows))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=60, max_size=200), st.booleans())
def test_an_entity_is_on_one_side_only(names: list[int], few: bool) -> None:
    entities = [f"e{name}" for name in names]
    labels = np.arange(len(names)) % (17 if few else 2) == 0
    parts = split(keys(entities, [None] * len(names)), labels.astype(float))
    owners = np.array(entities)
    assert whole(parts, len(names))
    if len(set(entities)) > 1:
        assert not set(owners[parts.test]) & set(owners[parts.learning])
    learned = set(owners[parts.learning])
    if len(learned) > 1:
        assert all(len(set(parts.folds[owners[parts.learning] == name])) == 1 for name in learned)


def test_held_out_entities_stay_held_out_when_rows_are_added() -> None:
    first = [f"e{n}" for n in range(500)]
    later = first + [f"new{n}" for n in range(700)]
    before = split(keys(first, [None] * 500), np.arange(500) % 2.0)
    after = split(keys(later, [None] * 1200), np.arange(1200) % 2.0)
    assert {first[n] for n in before.test} == {later[n] for n in after.test} & set(first)


def test_the_test_is_the_future_in_whole_days() -> None:
    start = datetime(2024, 1, 1)
    moments = [start + timedelta(hours=5 * n) for n in range(1000)]
    parts = split(keys([f"e{n}" for n in range(1000)], moments), np.arange(1000) % 2.0)
    days = np.array([moment.date() for moment in moments])
    assert parts.by_time
    assert whole(parts, 1000)
    assert days[parts.learning].max() < days[parts.test].min()
    assert 0.15 < len(parts.test) / 1000 < 0.25


def test_one_event_is_never_the_answer_on_both_sides() -> None:
    start = datetime(2024, 1, 1)
    moments = [start + timedelta(days=30 * (n // 100)) for n in range(1000)]
    entities = [f"e{n % 100}" for n in range(1000)]  # everyone comes back every month
    parts = split(keys(entities, moments), np.arange(1000) % 3.0 % 2, horizon_days=90)
    first_test = min(moments[n] for n in parts.test)
    assert max(moments[n] for n in parts.learning) <= first_test - timedelta(days=90)


def test_many_rows_have_a_calibration_part_between_train_and_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "MOST_CROSS_FITTED", 100)
    start = datetime(2024, 1, 1)
    moments = [start + timedelta(days=n) for n in range(1000)]
    parts = split(keys([f"e{n}" for n in range(1000)], moments), np.arange(1000) % 2.0)
    assert not parts.cross_fitted
    assert parts.train.max() < parts.calibration.min() <= parts.calibration.max() < parts.test.min()
    assert (parts.folds == 0).sum() == len(parts.calibration)
    by_entity = split(keys([f"e{n}" for n in range(1000)], [None] * 1000), np.arange(1000) % 2.0)
    assert whole(by_entity, 1000)
    assert not by_entity.by_time
    assert set(by_entity.folds) == {-1, 0}


def test_folds_share_out_a_rare_class() -> None:
    labels = np.zeros(500)
    labels[:10] = 1
    folds = entity_folds(pl.Series([f"e{n}" for n in range(500)]), labels)
    assert [labels[folds == fold].sum() for fold in range(5)] == [2, 2, 2, 2, 2]


def test_candidates_are_compared_on_later_rows_of_the_learning_part() -> None:
    start = datetime(2024, 1, 1)
    moments = [start + timedelta(days=7 * (n // 10)) for n in range(1000)]
    entities = [f"e{n % 300}" for n in range(1000)]
    parts = split(keys(entities, moments), np.arange(1000) % 3.0 % 2, horizon_days=30)
    assert parts.choice is not None
    assert parts.compared_on == "forward in time"
    days = np.array(moments)[parts.learning][parts.choice.rows]
    owners = np.array(entities)[parts.learning][parts.choice.rows]
    early, late = parts.choice.folds < 0, parts.choice.folds == 0
    assert days[early].max() < days[late].min()
    assert 0.1 < late.mean() < 0.3
    again = np.isin(owners[early], owners[late])
    assert days[early][again].max() <= days[late].min() - timedelta(days=30)


def test_without_time_or_with_too_little_before_folds_of_entities_are_compared_on() -> None:
    entities = [f"e{n}" for n in range(600)]
    parts = split(keys(entities, [None] * 600), np.arange(600) % 2.0)
    assert (parts.choice, parts.compared_on) == (None, "5 folds")
    start = datetime(2024, 1, 1)
    moments = [start + timedelta(days=n // 20) for n in range(600)]
    parts = split(keys(["one", "two"] * 300, moments), np.arange(600) // 2 % 2.0, horizon_days=20)
    assert parts.choice is None


def test_few_rows_are_folded_three_times_each_time_otherwise() -> None:
    names = [f"e{n // 2}" for n in range(800)]
    parts = split(keys(names, [None] * 800), np.arange(800) // 2 % 2.0, repeats=3)
    assert parts.compared_on == "3 x 5 folds"
    assert parts.folds.shape == (len(parts.learning), 3)
    owners = np.array(names)[parts.learning]
    for column in parts.folds.T:
        assert all(len(set(column[owners == name])) == 1 for name in set(owners))
    assert (parts.folds[:, 0] != parts.folds[:, 1]).mean() > 0.5
    many = split(keys([f"e{n}" for n in range(3000)], [None] * 3000), np.arange(3000) % 2.0, repeats=3)
    assert many.folds.ndim == 1


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("timed", [True, False])
def test_few_entities_still_give_every_part_rows(count: int, timed: bool) -> None:
    days = [datetime(2025, 1, 1) + timedelta(days=n) if timed else None for n in range(120)]
    keys = pl.DataFrame(
        {
            "entity_id": [f"E{n % count}" for n in range(120)],
            "as_of": pl.Series(days, dtype=pl.Datetime("us")),
        }
    )
    parts = split(keys, np.arange(120) // 3 % 2.0)
    assert min(len(parts.train), len(parts.test)) >= 24
    assert len(np.unique(parts.folds)) >= 2
    assert not np.isin(parts.learning, parts.test).any()
