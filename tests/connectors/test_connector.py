"""Batches carry their origin, through slices and filters."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from connectors.connector import Origin, Rejected, origin_of, record_numbers, rejected, with_origin
from connectors.source import plain

BATCH = pa.table({"a": ["x", "y", "z"]})


def test_an_unmarked_batch_counts_from_one() -> None:
    assert origin_of(BATCH) == Origin("", 1, ".")
    assert record_numbers(BATCH).to_pylist() == [1, 2, 3]


def test_the_origin_comes_back_as_written() -> None:
    origin = Origin("订单/März.csv", 41, ",")
    assert origin_of(with_origin(BATCH, origin)) == origin
    assert record_numbers(with_origin(BATCH, origin)).to_pylist() == [41, 42, 43]


@given(st.lists(st.integers(1, 2**60), min_size=1), st.integers(0, 5))
def test_record_numbers_come_back_whatever_they_were(numbers: list[int], offset: int) -> None:
    sliced = pa.array([*range(offset), *numbers], pa.int64()).slice(offset)
    batch = pa.table({"a": ["x"] * len(numbers)})
    assert record_numbers(with_origin(batch, Origin("f", numbers[0]), sliced)).to_pylist() == numbers


def test_rejected_pieces_become_a_marked_table() -> None:
    marked = rejected([Rejected("f.csv", 7, "cut off", "{", "patients")])
    assert marked.meta.table_name == "rejected_records"
    assert marked.data.to_pylist() == [
        {"file": "f.csv", "position": 7, "reason": "cut off", "record": "{", "table": "patients"}
    ]


def test_string_views_become_plain_for_dlt_alone() -> None:
    batch = with_origin(pa.table({"a": pa.array(["x", None], pa.string_view())}), Origin("f", 3))
    assert plain(batch).schema.field("a").type == pa.string()
    assert plain(batch).column("a").to_pylist() == ["x", None]
    assert origin_of(plain(batch)) == Origin("f", 3)
