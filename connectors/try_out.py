"""Tries a connector against the contract that every connector keeps, without touching the warehouse."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from connectors.connector import REJECTED_TABLE, Connector
from connectors.errors import AssistantError
from connectors.source import readable_cause


@dataclass(frozen=True)
class Finding:
    """One check: its name, whether it passed (None: there was nothing to check), and what was seen."""

    check: str
    passed: bool | None
    detail: str


@dataclass
class _Seen:
    """What one table showed while it streamed by."""

    rows: int = 0
    rejected: int = 0
    schemas: list[pa.Schema] = field(default_factory=list)
    keys: list[pa.Table] = field(default_factory=list)


def try_out(connector: Connector, options: BaseModel, key: Sequence[str] = ()) -> list[Finding]:
    """Reads everything the options point to, twice, and then something that is not there.

    `key` names the columns that should identify a record (in the tables that have them all); a key that
    the source itself declares is checked as well. Raises nothing: trouble is a finding.
    """
    try:
        first, state = _read(connector, options, {}, key)
    except AssistantError as error:
        return [Finding("loads", passed=False, detail=str(error))]
    rows = sum(seen.rows for seen in first.values())
    counts = ", ".join(f"{table} {seen.rows:,}" for table, seen in first.items() if seen.rows)
    rejected = sum(seen.rejected for seen in first.values())
    findings = [Finding("loads", rows > 0, f"{counts or 'no records'}; not readable: {rejected:,}")]
    again, _ = _read(connector, options, state, key)
    more = sum(seen.rows + seen.rejected for seen in again.values())
    findings.append(Finding("a second run adds nothing", more == 0, f"{more:,} records"))
    findings.append(_keys_unique(first))
    findings.append(_types_steady(first))
    findings.append(_bad_input(connector, options))
    return findings


def _read(
    connector: Connector, options: BaseModel, state: dict[str, Any], key: Sequence[str]
) -> tuple[dict[str, _Seen], dict[str, Any]]:
    """Extracts with dlt into a folder that is thrown away; returns what was seen, and the state after."""
    import logging
    import os

    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt
    from dlt.pipeline.exceptions import PipelineStepFailed

    logging.getLogger("dlt").setLevel(logging.CRITICAL)
    seen: dict[str, _Seen] = {}
    source = connector.source(options)
    for table, resource in source.resources.items():
        declared = [name for name, hint in resource.columns.items() if hint.get("primary_key")]
        seen[table] = _Seen()
        resource.add_step(_watcher(seen[table], declared or list(key)))
    with tempfile.TemporaryDirectory(prefix="sda-") as folder:
        pipeline = dlt.pipeline("try_out", destination="duckdb", pipelines_dir=folder)
        with pipeline.managed_state() as remembered:
            remembered["sources"] = state
        try:
            pipeline.extract(source, loader_file_format="parquet")
        except PipelineStepFailed as error:
            raise readable_cause(error) or AssistantError(
                f"The source broke without a clear error ({_root(error)}).",
                "Catch it in source.py and raise an AssistantError that says what to do.",
            ) from error
        return seen, dict(pipeline.state.get("sources", {}))


def _watcher(seen: _Seen, key: list[str]) -> Any:
    """A dlt step that notes what passes by and lets nothing through, so that nothing is written."""
    from dlt.extract.items_transform import ItemTransform

    class Watch(ItemTransform[Any, Any]):
        def __call__(self, item: Any, meta: Any = None) -> None:
            batch = item if isinstance(item, pa.Table) else pa.Table.from_pylist(_as_list(item))
            if getattr(meta, "table_name", "") == REJECTED_TABLE:
                seen.rejected += batch.num_rows
                return
            seen.rows += batch.num_rows
            if batch.schema.remove_metadata() not in seen.schemas:
                seen.schemas.append(batch.schema.remove_metadata())
            if key and set(key) <= set(batch.column_names):
                seen.keys.append(batch.select(key))

    return Watch(lambda item: item)


def _as_list(item: Any) -> list[Any]:
    return item if isinstance(item, list) else [item]


def _keys_unique(tables: dict[str, _Seen]) -> Finding:
    import polars as pl

    doubled, checked = [], []
    for table, seen in tables.items():
        if seen.keys:
            keys = pl.concat([pl.DataFrame(pl.from_arrow(part)) for part in seen.keys])
            checked.append(table)
            if extra := keys.height - keys.n_unique():
                doubled.append(f"{table}: {extra:,} records have a key that was there before")
    detail = "; ".join(doubled) or (f"checked {', '.join(checked)}" if checked else "no key declared")
    return Finding("keys are unique", not doubled if checked else None, detail)


def _types_steady(tables: dict[str, _Seen]) -> Finding:
    """A column has one type in every batch, and none is nested (nested values travel as JSON text)."""
    wrong = []
    for table, seen in tables.items():
        types: dict[str, set[str]] = {}
        for one in (one for schema in seen.schemas for one in schema if not pa.types.is_null(one.type)):
            types.setdefault(one.name, set()).add(_spoken(one.type))
            if pa.types.is_nested(one.type):
                wrong.append(f"{table}.{one.name} is nested")
        wrong += [f"{table}.{name} is {' and '.join(sorted(t))}" for name, t in types.items() if len(t) > 1]
    return Finding("types are as declared", not wrong, "; ".join(wrong) or "one type for every column")


def _spoken(kind: pa.DataType) -> str:
    """The type's name; the forms that text takes in Arrow are one type."""
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return "text" if any(is_text(kind) for is_text in texts) else str(kind)


def _bad_input(connector: Connector, options: BaseModel) -> Finding:
    """Points the first required option at something that is not there: the error must be readable."""
    fields = type(options).model_fields
    name = next((one for one, info in fields.items() if info.is_required()), "")
    if not isinstance(given := getattr(options, name, None), str):
        return Finding("bad input gives a clear error", passed=None, detail="no required option in words")
    bad = options.model_copy(update={name: f"{given}-is-not-there"})
    try:
        _read(connector, bad, {}, ())
    except AssistantError as error:
        clear = "without a clear error" not in error.problem
        return Finding("bad input gives a clear error", clear, str(error))
    except Exception as error:  # noqa: BLE001 - that is what the check is for
        return Finding("bad input gives a clear error", passed=False, detail=f"raised {type(error).__name__}")
    return Finding("bad input gives a clear error", passed=False, detail=f"a wrong «{name}» was accepted")


def _root(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return type(error).__name__
