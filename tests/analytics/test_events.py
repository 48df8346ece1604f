"""Events of a case: nothing from the future, the newest kept, batches that agree with each other."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from analytics.events import COLUMNS, EventBatch, EventBook, events_of, learn_event_book

START = datetime(2025, 1, 1)
SCHEMA = {
    "entity_id": pl.String,
    "known_at": pl.Datetime("us"),
    "event_time": pl.Datetime("us"),
    "event_type": pl.String,
    "value": pl.Float64,
    "text": pl.String,
}
KEYS = {"entity_id": pl.String, "as_of": pl.Datetime("us")}


def table(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Events given as (entity, day it was known, day it happened, type, value, text)."""
    moments = [
        (who, START + timedelta(days=known), START + timedelta(days=happened), kind, value, text)
        for who, known, happened, kind, value, text in rows
    ]
    return pl.DataFrame(moments, schema=SCHEMA, orient="row")


def keys(*rows: tuple[str, float]) -> pl.DataFrame:
    moments = [(who, START + timedelta(days=day)) for who, day in rows]
    return pl.DataFrame(moments, schema=KEYS, orient="row")


def a_book(*types: str, reads_text: bool = False) -> EventBook:
    return EventBook(types, (0.0,) * len(types), (1.0,) * len(types), reads_text)


days = some.integers(0, 6)
happenings = some.lists(
    some.tuples(
        some.sampled_from("abc"),
        days,
        days,
        some.sampled_from(["x", "y"]),
        some.one_of(some.none(), some.floats()),
        some.one_of(some.none(), some.text(max_size=3)),
    ),
    max_size=30,
)
asked = some.lists(some.tuples(some.sampled_from("abcd"), days), max_size=8)


@given(happenings, asked, some.integers(1, 5))
@settings(max_examples=80)
def test_a_case_sees_the_newest_events_known_by_then_and_no_other(
    rows: list[tuple[object, ...]], cases: list[tuple[str, float]], most: int
) -> None:
    seen = events_of(keys(*cases), table(*rows), most)
    for number, (who, day) in enumerate(cases):
        known = sorted(row[1] for row in rows if row[0] == who and row[1] <= day)
        own = seen.table[int(seen.starts[number]) : int(seen.stops[number])]
        assert set(own["entity_id"]) <= {who}
        assert [(at - START).days for at in own["known_at"]] == known[-most:]


@given(happenings, asked.filter(bool), some.randoms(use_true_random=False))
@settings(max_examples=60)
def test_cases_in_any_order_have_the_same_events_as_one_by_one(
    rows: list[tuple[object, ...]], cases: list[tuple[str, float]], random: object
) -> None:
    order = random.sample(range(len(cases)), len(cases))  # type: ignore[attr-defined]
    seen, book = events_of(keys(*cases), table(*rows)), a_book("x", "y", reads_text=True)
    batch = book.encode(seen)
    turned = batch.rows(np.array(order))
    for place, case in enumerate(order):
        alone = book.encode(seen.rows(np.array([case])))
        assert case_of(turned, place) == case_of(batch, case) == case_of(alone, 0)


def case_of(batch: EventBatch, case: int) -> list[tuple[object, ...]]:
    entries = range(int(batch.offsets[case]), int(batch.offsets[case + 1]))
    words = [batch.sentences[number] if number >= 0 else None for number in batch.texts]
    return [
        (batch.kinds[e], str(batch.values[e]), float(batch.ages[e]), float(batch.gaps[e]), words[e])
        for e in entries
    ]


def test_rows_in_any_order_give_the_same_sequence_even_with_ties() -> None:
    rows = [("a", 1, 1, "x", 2.0, "one"), ("a", 1, 1, "x", 2.0, "two"), ("a", 1, 1, "w", None, None)]
    first, second = (events_of(keys(("a", 2)), table(*some)) for some in (rows, rows[::-1]))
    assert first.table.equals(second.table)


def test_gaps_and_ages_are_days_within_the_case() -> None:
    rows = (("a", 1, 1, "x", 1, None), ("a", 4, 3.5, "x", 2, None), ("b", 2, 2, "y", None, None))
    batch = a_book("x", "y").encode(events_of(keys(("a", 5), ("c", 5), ("b", 3)), table(*rows)))
    assert batch.lengths.tolist() == [2, 0, 1]
    assert batch.gaps.tolist() == [0.0, 2.5, 0.0]
    assert batch.ages.tolist() == [4.0, 1.5, 1.0]
    assert batch.kinds.tolist() == [1, 1, 2]


def test_without_an_event_is_as_if_it_had_not_been_loaded() -> None:
    rows = [
        ("a", 1, 1, "x", 1, None),
        ("a", 2, 2, "y", 2, "words"),
        ("a", 5, 4, "x", 3, None),
        ("b", 1, 1, "x", 4, None),
    ]
    cases, book = keys(("a", 6), ("b", 6)), a_book("x", "y", reads_text=True)
    whole = book.encode(events_of(cases, table(*rows)))
    for place in range(4):
        fewer = book.encode(events_of(cases, table(*rows[:place], *rows[place + 1 :])))
        deleted = whole.without(place)
        assert [case_of(deleted, case) for case in (0, 1)] == [case_of(fewer, case) for case in (0, 1)]


def test_a_time_zone_is_the_same_moment() -> None:
    plain = table(("a", 1, 1, "x", 1, None))
    zoned = plain.with_columns(
        pl.col("known_at", "event_time").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Shanghai")
    )
    assert events_of(keys(("a", 2)), zoned).table.equals(events_of(keys(("a", 2)), plain).table)
    as_of = pl.DataFrame({"entity_id": ["a"], "as_of": [datetime(2025, 1, 2, tzinfo=UTC)]})
    assert events_of(as_of, plain).stops.tolist() == [1]


def test_no_events_no_cases_and_no_moment_are_no_error() -> None:
    nothing = table()
    assert nothing.columns == list(COLUMNS)
    seen = events_of(keys(("a", 1)), nothing)
    book = learn_event_book(seen)
    assert book == EventBook((), (), ())
    assert book.encode(seen).lengths.tolist() == [0]
    rows = table(("a", 1, 1, "x", 1, None))
    assert len(book.encode(events_of(keys(), rows))) == 0
    timeless = pl.DataFrame({"entity_id": ["a"], "as_of": [None]}, schema=KEYS)
    assert events_of(timeless, rows).stops.tolist() == [0]


def test_the_book_learns_from_what_the_cases_see() -> None:
    past = [("a", day, day, "x", float(day), None) for day in range(6)]
    future = [("a", 20 + day, 20 + day, "later", 1e9, "words") for day in range(6)]
    book = learn_event_book(events_of(keys(("a", 10), ("b", 10)), table(*past, *future)))
    assert book.types == ("x",)
    assert book.means == pytest.approx((2.5,))
    assert not book.reads_text
    assert EventBook.from_json(book.as_json()) == book


def test_unknown_types_and_values_that_are_no_numbers_are_missing() -> None:
    values = [1.0, float("inf"), float("nan"), None, 1e300]
    rows = [("a", day, day, "x", value, None) for day, value in enumerate(values)]
    batch = a_book("x").encode(events_of(keys(("a", 9)), table(*rows, ("a", 8, 8, "new", 5.0, None))))
    assert batch.kinds.tolist() == [1, 1, 1, 1, 1, 0]
    assert np.isnan(batch.values).tolist() == [False, True, True, True, False, True]
    assert np.nanmax(batch.values) == 10
