"""The code book: what is learned from training rows is applied the same way to any later rows."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.matrix import CodeBook, infinite_values, learn_code_book
from connectors.errors import UsageError

TEXT = st.one_of(st.none(), st.text(max_size=8))


@given(st.lists(TEXT, min_size=2, max_size=40))
def test_a_category_is_decoded_to_itself(values: list[str | None]) -> None:
    features = pl.DataFrame({"名 称": pl.Series(values, dtype=pl.String), "n": range(len(values))})
    book = learn_code_book(features)
    column = next((c for c in book.columns if c.name == "名 称"), None)
    if column is None:
        assert len(set(values)) == 1
        return
    codes = book.encode(features)[:, 0]
    for value, code in zip(values, codes, strict=True):
        if not value:
            assert np.isnan(code)
        elif value in column.categories:
            assert column.categories[int(code)] == value
        else:
            assert code == len(column.categories)


def test_it_survives_json() -> None:
    features = pl.DataFrame(
        {"a": [1.0, 2.0], "b": ["x", "y"], "c": [date(2024, 1, 1), None], "d": [True, None]}
    )
    book = learn_code_book(features)
    assert CodeBook.from_json(book.as_json()) == book


def test_unseen_categories_share_one_code_and_infinities_are_missing() -> None:
    learned = pl.DataFrame({"city": ["Brno"] * 5 + ["Köln"] * 5, "size": [float(n) for n in range(10)]})
    book = learn_code_book(learned)
    matrix = book.encode(pl.DataFrame({"city": ["Oslo", "Rom", None], "size": [np.inf, -np.inf, 1e300]}))
    assert matrix[:2, 0].tolist() == [2.0, 2.0]
    assert np.isnan(matrix[2, 0])
    assert np.isnan(matrix[:, 1]).all()
    assert infinite_values(pl.DataFrame({"size": [np.inf, 1.0], "n": [1, 2]})) == {"size": 1}


def test_a_date_becomes_its_parts_and_the_days_before() -> None:
    features = pl.DataFrame({"born": [date(2024, 2, 29), date(2020, 1, 1)]})
    as_of = pl.Series("as_of", [datetime(2024, 3, 1, 12), datetime(2020, 1, 1)])
    anchored = learn_code_book(features, as_of).encode(features, as_of)
    assert anchored[0].tolist() == [2024, 2, 4, 1.5]
    assert learn_code_book(features).encode(features)[1].tolist() == [2020, 1, 3, 18262]


def test_what_has_changed_its_type_since_training_is_read_or_missing() -> None:
    days = [date(2024, 1, 2), date(2024, 3, 4)]
    book = learn_code_book(pl.DataFrame({"paid": [True, False], "day": days, "town": ["a", "b"]}))
    changed = {"paid": ["yes", "?"], "day": ["2024-03-04", "soon"], "town": [["a"], ["b"]]}
    found = book.encode(pl.DataFrame(changed))
    assert found[0, :3].tolist() == [1.0, 2024.0, 3.0]
    assert np.isnan(found[1]).all()
    assert np.isnan(found[:, -1]).all()


def test_constant_empty_and_nested_columns_are_left_out() -> None:
    features = pl.DataFrame({"same": [1, 1], "none": [None, None], "list": [[1], [2]], "kept": [1, None]})
    assert learn_code_book(features).names == ["kept"]


def test_a_missing_column_is_named() -> None:
    book = learn_code_book(pl.DataFrame({"income": [1, 2]}))
    with pytest.raises(UsageError, match="«income» is missing.*Did you mean incme"):
        book.encode(pl.DataFrame({"incme": [1]}))
