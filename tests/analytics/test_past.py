"""Which settled case a prediction was about."""

from datetime import datetime

import polars as pl
import pytest

from analytics.past import matched
from analytics.task import Meaning, Task


def said_and_settled(days: list[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A prediction on each of these days of March, and a settled case of the first."""
    said = pl.DataFrame({"entity_id": "V1", "as_of": [datetime(2026, 3, day) for day in days]})
    return said, pl.DataFrame({"entity_id": ["V1"], "as_of": [datetime(2026, 3, 1, 8)], "label": [1]})


@pytest.mark.parametrize(("horizon", "meant"), [(14, [1, 4]), (90, [1, 4, 12]), (0, [1, 4, 12, 28])])
def test_a_prediction_means_a_case_only_while_the_outcome_still_lies_ahead(
    horizon: int, meant: list[int]
) -> None:
    task = Task("t", "binary", Meaning({}, {}, {}, horizon_days=horizon), "", "", "", "")
    found = matched(task, *said_and_settled([1, 4, 12, 28]))
    assert found["as_of"].dt.day().to_list() == meant
