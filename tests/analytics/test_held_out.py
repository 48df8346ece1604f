"""The cases that a version never learned from, scored by it: those it was judged on, and later ones."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from analytics import registry
from analytics.cases import Cases
from analytics.held_out import held_out
from analytics.model import Predictions
from analytics.splits import split
from analytics.task import Meaning, Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.store import ModelVersion
from pipelines.warehouse import Warehouse
from tests.analytics.conftest import Ingested

TASK = Task(
    "made",
    "binary",
    Meaning({}, {}, {}),
    population="SELECT id AS entity_id, day AS as_of, label FROM bank.loans",
    features="SELECT p.entity_id, p.as_of, loans.amount FROM population p "
    "JOIN bank.loans ON CAST(loans.id AS VARCHAR) = p.entity_id",
    candidates="SELECT id AS entity_id, day AS as_of FROM bank.loans WHERE day = $as_of",
    last_day="SELECT max(day) AS last_day FROM bank.loans",
)
FIRST = datetime(2026, 1, 1)


def loans(count: int, days: int) -> pl.DataFrame:
    chance = np.random.default_rng(3)
    amount = chance.normal(0, 1, count)
    return pl.DataFrame(
        {
            "id": np.arange(count),
            "day": [FIRST + timedelta(days=n * days // count) for n in range(count)],
            "amount": amount,
            "label": (chance.random(count) < 1 / (1 + np.exp(-2 * amount))).astype(int),
        }
    )


class Parrot:
    """Says the amount of a loan."""

    classes = ("0", "1")
    event_book = None

    def predict(self, cases: Cases) -> Predictions:
        amount = cases.features["amount"].to_numpy()
        return Predictions(amount, amount, amount, [""] * len(cases))


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts the parrot into service, as a version with these `rows`, trained on the snapshot `snapshot_id`."""

    def put(snapshot_id: int, **rows: object) -> None:
        version = ModelVersion(task="made", version="v1", snapshot_id=snapshot_id, rows=rows)
        monkeypatch.setattr(registry, "serving", lambda _settings, _task: (version, Parrot()))

    return put


def test_where_nothing_is_divided_by_time_they_are_the_entities_that_training_left_out(
    home: Settings, ingested: Ingested, serve: Callable[..., None]
) -> None:
    everything = loans(400, days=1).with_columns(pl.col("id").cast(pl.String)).sort("id")
    ingested("bank.loans", everything)
    keys = everything.select(entity_id="id", as_of="day")
    left_out = split(keys, everything["label"].cast(pl.Float64).to_numpy()).test
    snapshot = Warehouse(home).snapshot()
    ingested("bank.loans", everything.with_columns(label=1 - pl.col("label")))  # what came later is not asked
    serve(snapshot, test=len(left_out))

    _version, cases = held_out(home, TASK)

    expected = everything[left_out].sort("id").select("id", "amount", "label").rows()
    assert cases.sort("entity_id").select("entity_id", "score", "label").rows() == expected
    serve(snapshot, test=len(left_out) + 1)
    with pytest.raises(AssistantError, match="tested on"):
        held_out(home, TASK)


def test_where_time_divides_all_later_cases_belong_to_them(
    home: Settings, ingested: Ingested, serve: Callable[..., None]
) -> None:
    everything = loans(400, days=60)
    ingested("bank.loans", everything)
    serve(1, test_from="2026-02-15")

    _version, cases = held_out(home, TASK)

    later = everything.filter(pl.col("day") >= datetime(2026, 2, 15)).sort(pl.col("id").cast(pl.String))
    assert cases.sort("entity_id").select("score", "label").rows() == later.select("amount", "label").rows()


def test_without_a_model_it_is_said_what_to_do(home: Settings, ingested: Ingested) -> None:
    ingested("bank.loans", loans(40, 60))

    with pytest.raises(AssistantError, match="no model in service"):
        held_out(home, TASK)
