"""Trying a connector out finds what is wrong with it."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from connectors.connector import Connector
from connectors.errors import AssistantError
from connectors.source import dlt_source, memory
from connectors.try_out import Finding, try_out


class Required(BaseModel):
    path: str


def findings_for(
    batches: list[Any], *, remembers: bool = True, error: Exception | None = None
) -> dict[str, Finding]:
    def read() -> Iterator[Any]:
        if remembers and memory().get("done"):
            return
        yield from batches
        memory()["done"] = True

    def source(options: Required) -> Any:
        if options.path != "good":
            if error:
                raise error
            return dlt_source("x", {"t": lambda: iter(())})
        return dlt_source("x", {"t": read})

    connector = Connector("x", "for a test", Required, source)
    return {finding.check: finding for finding in try_out(connector, Required(path="good"), ["id"])}


GOOD = pa.table({"id": [1, 2]})


def test_a_good_connector_has_nothing_against_it() -> None:
    findings = findings_for([GOOD], error=AssistantError("There is no such file."))
    assert [finding.passed for finding in findings.values()] == [True] * 5


def test_a_connector_that_forgets_is_found_out() -> None:
    assert findings_for([GOOD], remembers=False)["a second run adds nothing"].passed is False


def test_doubled_keys_and_wandering_types_are_found() -> None:
    findings = findings_for([GOOD, pa.table({"id": [2], "x": ["a"]}), pa.table({"id": [3], "x": [1]})])
    assert findings["keys are unique"].detail == "t: 1 records have a key that was there before"
    assert findings["types are as declared"].detail == "t.x is int64 and text"


def test_nested_values_are_found() -> None:
    assert (
        findings_for([pa.table({"id": [1], "x": [[1]]})])["types are as declared"].detail == "t.x is nested"
    )


def test_unclear_errors_are_found() -> None:
    assert findings_for([GOOD], error=KeyError("x"))["bad input gives a clear error"].passed is False
    assert "was accepted" in findings_for([GOOD])["bad input gives a clear error"].detail


def test_a_source_without_records_is_no_success() -> None:
    assert findings_for([])["loads"].passed is False
