"""The words of events: read offline by the packaged model, each once, and of use to the transformer."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.evaluation import auroc
from analytics.events import events_of, learn_event_book
from analytics.matrix import CodeBook, CodedColumn
from analytics.models import sentences, transformer
from analytics.models.learner import Effort, Inputs, Problem
from analytics.models.transformer_inputs import layout_of

CALM = (
    "The parcel arrived on time.",
    "Everything works, many thanks.",
    "I am happy with the service.",
    "Great quality, I will order again.",
    "Thank you for the quick help.",
    "All is well with my order.",
    "A friendly driver and a perfect delivery.",
)
ANGRY = (
    "The parcel is damaged!",
    "Nobody answers my complaint.",
    "I am angry about the service.",
    "Terrible quality, I want my money back.",
    "Still waiting for any help.",
    "Everything is wrong with my order.",
    "A rude driver and a broken delivery.",
)


def test_like_meanings_are_near_and_each_sentence_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "_kept", {})
    vectors = sentences.embedded(
        ["The parcel came late.", "The delivery was delayed.", "A sunny day.", "A sunny day."]
    )
    assert vectors.shape == (4, sentences.WIDTH)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert vectors[2].tolist() == vectors[3].tolist()
    monkeypatch.setattr(sentences, "_model", lambda: pytest.fail("read twice"))
    assert sentences.embedded(["A sunny day."])[0].tolist() == vectors[2].tolist()
    assert sentences.embedded([]).shape == (0, sentences.WIDTH)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Model:
        def encode(self, texts: list[str], **how: object) -> np.ndarray:
            return np.array([[float(text)] * sentences.WIDTH for text in texts])

    monkeypatch.setattr(sentences, "_kept", {})
    monkeypatch.setattr(sentences, "_model", Model)
    monkeypatch.setattr(sentences, "MOST_KEPT", 3)
    for first in range(5):
        wanted = [str(first), str(first + 1), str(first)]
        assert sentences.embedded(wanted)[:, 0].tolist() == [first, first + 1, first]
        assert len(sentences._kept) <= 3


def test_what_another_thread_forgets_meanwhile_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Model:
        def encode(self, texts: list[str], **how: object) -> np.ndarray:
            sentences._kept.clear()  # as another thread does that makes room
            return np.array([[float(text)] * sentences.WIDTH for text in texts])

    monkeypatch.setattr(sentences, "_kept", {"1": np.ones(sentences.WIDTH, np.float32)})
    monkeypatch.setattr(sentences, "_model", Model)
    assert sentences.embedded(["1", "2"])[:, 0].tolist() == [1, 2]


def test_what_was_said_tells_the_outcome() -> None:
    """The signal is in the meaning alone: the judged rows have sentences never seen in training."""
    random = np.random.default_rng(0)
    angry = random.random(300) < 0.5
    as_of = datetime(2026, 1, 1)
    said = [str(random.choice(ANGRY[:5] if bad else CALM[:5])) for bad in angry[:240]]
    said += [str(random.choice(ANGRY[5:] if bad else CALM[5:])) for bad in angry[240:]]
    table = pl.DataFrame(
        {
            "entity_id": [f"E{case:03d}" for case in range(300)],
            "known_at": [as_of - timedelta(days=float(random.uniform(1, 9))) for _ in range(300)],
            "event_type": "message",
            "value": 1.0,
            "text": said,
        }
    ).with_columns(event_time="known_at")
    events = events_of(table.select("entity_id").with_columns(as_of=pl.lit(as_of)), table)
    book = learn_event_book(events)
    assert book.reads_text
    matrix = random.normal(size=(300, 1)).astype(np.float32)
    problem = Problem(
        "binary", 2, Inputs(matrix, book.encode(events)), angry.astype(float),
        CodeBook((CodedColumn("x", "number"),)), book,
    )  # fmt: skip
    folds = np.where(np.arange(300) < 240, -1, 0)
    small = replace(layout_of(problem), width=16, heads=2)
    fitted = transformer.fit(problem, folds, Effort(), layout=small)
    assert auroc(problem.labels[fitted.held_out], fitted.margins) > 0.95
