"""Runs a dlt source as the pipeline does: state in, batches and rejected pieces seen, state out."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract.items_transform import ItemTransform

from connectors.connector import REJECTED_TABLE


@dataclass
class Extracted:
    batches: dict[str, list[pa.Table]] = field(default_factory=dict)
    rejected: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [row for batch in self.batches.get(table, []) for row in batch.to_pylist()]

    @property
    def total(self) -> int:
        return sum(b.num_rows for parts in self.batches.values() for b in parts) + sum(
            map(len, self.rejected.values())
        )


def extract(source: Any, folder: Path, state: dict[str, Any] | None = None) -> Extracted:
    seen = Extracted()
    for table, resource in source.resources.items():
        resource.add_step(_watch(seen, table))
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # no network, and nothing in the home of the user
    pipeline = dlt.pipeline("test", destination="duckdb", pipelines_dir=str(folder))
    with pipeline.managed_state() as remembered:
        remembered["sources"] = state or {}
    pipeline.extract(source, loader_file_format="parquet")
    seen.state = dict(pipeline.state.get("sources", {}))
    pipeline.abort_packages()
    return seen


def _watch(seen: Extracted, table: str) -> Any:
    class Watch(ItemTransform[Any, Any]):
        def __call__(self, item: Any, meta: Any = None) -> None:
            if getattr(meta, "table_name", "") == REJECTED_TABLE:
                seen.rejected.setdefault(table, []).extend(item.to_pylist())
            else:
                batch = item if isinstance(item, pa.Table) else pa.Table.from_pylist(item)
                seen.batches.setdefault(table, []).append(batch)

    return Watch(lambda item: item)
