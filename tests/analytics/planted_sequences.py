"""Cases whose risk lies in the order and timing of their events: counts of any kind tell nothing."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analytics.calibration import sigmoid
from analytics.events import events_of, learn_event_book
from analytics.matrix import CodeBook, CodedColumn
from analytics.models.learner import Inputs, Problem

AS_OF = datetime(2026, 1, 1)
QUICK_DAYS = 2.0


def planted_events(cases: int, seed: int = 0, mean_events: int = 12) -> tuple[pl.DataFrame, np.ndarray]:
    """Events of `cases` entities and how often in each an «alarm» was followed by a «stop» within two days.

    Every entity has as many alarms as stops, at days drawn alike; only which comes after which, and how soon,
    differs.
    """
    random = np.random.default_rng(seed)
    rows: list[tuple[str, datetime, str, float | None]] = []
    quick = np.zeros(cases)
    for case in range(cases):
        pairs = int(random.integers(1, 4))
        for _ in range(pairs):
            start = random.uniform(5, 90)
            apart = random.choice([random.uniform(0.1, QUICK_DAYS), random.uniform(6, 12)])
            first, second = ("alarm", "stop") if random.random() < 0.5 else ("stop", "alarm")
            quick[case] += first == "alarm" and apart < QUICK_DAYS
            rows.append((f"E{case:05d}", AS_OF - timedelta(days=start), first, None))
            rows.append((f"E{case:05d}", AS_OF - timedelta(days=start - apart), second, None))
        for _ in range(int(random.poisson(mean_events - 2 * pairs))):
            kind = str(random.choice(["visit", "call", "order"]))
            day = AS_OF - timedelta(days=random.uniform(0, 90))
            rows.append((f"E{case:05d}", day, kind, float(random.normal())))
    table = pl.DataFrame(rows, schema=["entity_id", "event_time", "event_type", "value"], orient="row")
    seen = table.with_columns(known_at="event_time", text=pl.lit(None, pl.String))
    return seen.filter(pl.col("event_time") <= AS_OF), quick


def planted_problem(
    cases: int, seed: int = 0, strength: float = 2.5, mean_events: int = 12
) -> tuple[Problem, np.ndarray]:
    """A binary problem over planted events with two static features, and the true probabilities."""
    random = np.random.default_rng(seed + 1)
    table, quick = planted_events(cases, seed, mean_events)
    keys = pl.DataFrame({"entity_id": [f"E{case:05d}" for case in range(cases)]}).with_columns(
        as_of=pl.lit(AS_OF)
    )
    events = events_of(keys, table)
    book = learn_event_book(events)
    matrix = np.stack([random.normal(size=cases), random.integers(0, 3, cases)], axis=1).astype(np.float32)
    truth = np.asarray(sigmoid(strength * (quick > 0) - strength / 2 + 0.5 * matrix[:, 0]))
    labels = (random.random(cases) < truth).astype(float)
    columns = CodeBook((CodedColumn("age", "number"), CodedColumn("group", "category", ("a", "b"))))
    return Problem("binary", 2, Inputs(matrix, book.encode(events)), labels, columns, book, seed=7), truth
