"""Cases that come twice: once is enough, and contradictions teach nothing."""

from datetime import datetime

import polars as pl

from analytics.cases import Cases
from analytics.duplicates import without_repeats


def cases(rows: list[tuple[str, int, float | None, int]]) -> Cases:
    entities, days, values, labels = zip(*rows, strict=True)
    keys = pl.DataFrame({"entity_id": entities, "as_of": [datetime(2026, 1, day) for day in days]})
    return Cases(keys, pl.DataFrame({"x": values, "tags": [["a"]] * len(rows)}), pl.Series(labels))


def test_repeats_count_once_and_contradictions_not_at_all() -> None:
    given = cases(
        [
            ("a", 1, 0.5, 1),
            ("a", 1, 0.5, 1),  # the same again
            ("b", 1, 0.5, 0),
            ("b", 1, 0.5, 1),  # who is right?
            ("c", 1, None, 0),
            ("c", 1, None, 0),
            ("c", 2, None, 1),  # another day
            ("d", 1, 1.0, 0),
            ("d", 1, 2.0, 1),  # two orders of one customer
        ]
    )
    kept = without_repeats(given)
    assert kept.keys["entity_id"].to_list() == ["a", "c", "c", "d", "d"]
    assert kept.labels is not None
    assert kept.labels.to_list() == [1, 0, 1, 0, 1]
    assert kept.notes == (
        "2 cases that repeat another left out",
        "2 cases with contradicting outcomes left out",
    )


def test_cases_that_are_all_different_are_left_as_they_are() -> None:
    given = cases([("a", 1, 0.5, 1), ("b", 1, 0.5, 0)])
    assert without_repeats(given) is given
