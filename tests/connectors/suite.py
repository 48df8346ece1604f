"""The contract of every connector, as tests: a connector's test class inherits it and says how to be fed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from connectors.connector import Connector, origin_of, record_numbers
from connectors.try_out import try_out
from tests.connectors.extracting import extract


class ConnectorContract:
    """Subclasses give `connector`, `expected` and the fixture `options` (something good to read)."""

    connector: Connector
    key: tuple[str, ...] = ()
    expected: dict[str, int]  # rows per table that `options` must yield
    marks_origin = True

    @pytest.fixture
    def options(self, tmp_path: Path) -> Iterator[BaseModel]:
        raise NotImplementedError

    def test_it_keeps_the_contract_when_tried_out(self, options: BaseModel) -> None:
        findings = {finding.check: finding for finding in try_out(self.connector, options, self.key)}
        assert [finding for finding in findings.values() if finding.passed is False] == []
        assert findings["keys are unique"].passed is (True if self.key else None)
        assert findings["bad input gives a clear error"].passed

    def test_it_loads_every_record_once(self, options: BaseModel, tmp_path: Path) -> None:
        first = extract(self.connector.source(options), tmp_path / "first")
        counts = {table: sum(b.num_rows for b in parts) for table, parts in first.batches.items()}
        assert {table: rows for table, rows in counts.items() if rows} == self.expected
        again = extract(self.connector.source(options), tmp_path / "again", first.state)
        assert again.total == 0

    def test_a_run_that_lost_its_state_reads_everything_again(
        self, options: BaseModel, tmp_path: Path
    ) -> None:
        first = extract(self.connector.source(options), tmp_path / "first")
        second = extract(self.connector.source(options), tmp_path / "second")
        assert second.total == first.total

    def test_every_batch_says_where_it_came_from(self, options: BaseModel, tmp_path: Path) -> None:
        if not self.marks_origin:
            pytest.skip("records of this source have no place in a file")
        for batches in extract(self.connector.source(options), tmp_path / "run").batches.values():
            assert all(origin_of(batch).file for batch in batches)
            assert all(len(record_numbers(batch)) == batch.num_rows for batch in batches)

    def test_an_unknown_option_is_refused(self, options: BaseModel) -> None:
        with pytest.raises(ValidationError, match="not permitted"):
            type(options).model_validate({**options.model_dump(), "colour": "red"})
