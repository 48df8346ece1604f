"""Predictions set aside: in order, within their memory, unreadable where the lake is, gone afterwards."""

from pathlib import Path

import polars as pl
import pytest

from analytics.staging import staging
from connectors.errors import AssistantError
from pipelines.settings import Settings

COLUMNS = {"entity_id": "VARCHAR", "score": "DOUBLE", "reasons": "VARCHAR"}
ROWS = 50_000


def batch(number: int) -> pl.DataFrame:
    names = pl.int_range(number * ROWS, (number + 1) * ROWS, eager=True).cast(pl.String)
    return pl.DataFrame(
        {"score": [number / 10] * ROWS, "entity_id": "customer number " + names, "extra": ["-"] * ROWS}
    ).with_columns(reasons=pl.lit(None, pl.String))


@pytest.mark.parametrize("encrypted", [True, False])
def test_rows_beyond_the_memory_lie_on_disk_in_order(
    home: Settings, monkeypatch: pytest.MonkeyPatch, encrypted: bool
) -> None:
    monkeypatch.setattr("analytics.staging.MEMORY", "20MB")
    settings = home.model_copy(update={"encrypted": encrypted})
    with staging(settings, COLUMNS) as stage:
        for number in range(12):
            stage.add(batch(number))
        stage.explain(pl.Series([3, 7 * ROWS + 1]), pl.Series(["first", "later"]))
        aside = [path for path in (home.home / "tmp").rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in aside) > 1_000_000
        assert any(b"customer" in path.read_bytes() for path in aside) != encrypted
        found = pl.concat([pl.DataFrame(part) for part in stage.reader()])
        assert stage.rows == 12 * ROWS
    expected = "customer number " + pl.int_range(12 * ROWS, eager=True).cast(pl.String)
    assert found["entity_id"].equals(expected.alias("entity_id"))
    told = found.with_row_index("place").filter(pl.col("reasons").is_not_null())
    assert told.select("place", "reasons").rows() == [(3, "first"), (7 * ROWS + 1, "later")]
    assert list((home.home / "tmp").iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_nothing(home: Settings, tmp_path: Path) -> None:
    with staging(home, COLUMNS) as stage:
        stage.add(batch(0).head(3))
        output = tmp_path / "out.csv"
        output.mkdir()  # a folder stands in the way
        with pytest.raises(AssistantError, match=r"out\.csv could not be written"):
            stage.write(output)
    assert list(tmp_path.glob("*.part")) == []
