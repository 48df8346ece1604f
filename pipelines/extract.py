"""Takes new records out of a source, through their contracts, into Parquet files that wait to be published.

dlt runs the source: its resources, their state and their retries. A step on each resource holds every batch
against its table's contract and puts it aside; nothing is left for dlt to load. What the source remembers
(files read, cursors) is dlt's state; it is handed in from the last published load and handed out with this
one, so that both are published in the same transaction and a run that dies leaves nothing behind but a
folder.
"""

import errno
import logging
import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dlt
import polars as pl
import pyarrow as pa
from dlt.extract.items_transform import ItemTransform
from dlt.pipeline.exceptions import PipelineStepFailed

from connectors.connector import REJECTED_TABLE, origin_of, record_numbers
from connectors.errors import AssistantError
from connectors.source import readable_cause
from pipelines.catalog import Transform
from pipelines.checks import ROW, as_json, check, matched_columns
from pipelines.contract import Contract, Mode
from pipelines.parse import family
from pipelines.staging import Sheaf

SOURCE_FILE = "_source"
State = dict[str, Any]
# Called with (table, records read so far).
Progress = Callable[[str, int], None]

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DLT_SETTINGS = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


@dataclass
class Staged:
    """What one load holds for one table, before publication.

    `clean` and `broken` are Parquet files. `spans` maps the running row number to a place in a file:
    (first running number, file, number of its first record there). `newer_than` names a column of `clean`
    with the moment from which the table's own rows under the same key win (a replay of old records).
    """

    table: str
    contract: Contract | None
    mode: Mode
    cursor: str
    clean: list[Path] = field(default_factory=list)
    broken: list[Path] = field(default_factory=list)
    rows_in: int = 0
    rows_broken: int = 0
    files: Counter[str] = field(default_factory=Counter)
    spans: list[tuple[int, str, int]] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    misread: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    newer_than: str = ""

    @property
    def rows_clean(self) -> int:
        return self.rows_in - self.rows_broken


@dataclass(frozen=True)
class Package:
    """Everything one extraction brought: tables with records, and what the source will remember."""

    tables: list[Staged]
    state: State


ContractFor = Callable[[str, pl.DataFrame, str], tuple[Contract, bool]]


@dataclass(frozen=True)
class Plan:
    """How the tables of a source are to be read: names, modes, and where contracts come from."""

    table_name: Callable[[str], str]
    contract_for: ContractFor
    mode_for: Callable[[Contract], Mode]
    transforms: dict[str, Transform]
    cursor: str = ""


def extract(source: Any, plan: Plan, state: State, folder: Path, progress: Progress | None = None) -> Package:
    """Reads what is new in `source` into Parquet files under `folder`.

    Raises AssistantError for anything a person can put right: an unreadable file, a vanished key column, a
    full disk.
    """
    os.environ.update(_DLT_SETTINGS)
    logging.getLogger("dlt").setLevel(logging.ERROR)
    pipeline = dlt.pipeline("extract", destination="duckdb", dataset_name="staged", pipelines_dir=str(folder))
    with pipeline.managed_state() as remembered:
        remembered["sources"] = state
    try:
        with ExitStack() as open_files:
            walks = [
                _Walk(plan.table_name(name), plan, folder / str(number), open_files, progress)
                for number, name in enumerate(source.resources)
            ]
            for walk, resource in zip(walks, source.resources.values(), strict=True):
                resource.add_step(walk)
            pipeline.extract(source, loader_file_format="parquet")
    except (PipelineStepFailed, OSError) as error:
        raise _in_words(error) from error
    tables = [walk.staged for walk in walks if walk.staged.contract or walk.staged.rows_in]
    return Package(tables, dict(pipeline.state.get("sources", {})))


class _Walk(ItemTransform[Any, Any]):
    """The step on one resource: each batch is divided into clean rows and broken ones and put aside."""

    def __init__(
        self, table: str, plan: Plan, folder: Path, open_files: ExitStack, progress: Progress | None
    ) -> None:
        super().__init__(self._each)
        self.staged = Staged(table, None, "append", plan.cursor)
        self._plan = plan
        self._progress = progress
        self._provisional = False  # the contract was inferred from a header alone: the next records decide
        self._clean = open_files.enter_context(Sheaf(folder / "clean.parquet", repeated=(SOURCE_FILE,)))
        self._broken = open_files.enter_context(Sheaf(folder / "broken.parquet"))

    def __call__(self, item: Any, meta: Any = None) -> None:
        if getattr(meta, "table_name", "") == REJECTED_TABLE:
            self._rejected(pl.DataFrame(pl.from_arrow(item)))
        else:
            self._each(item if isinstance(item, pa.Table) else _as_table(item))
        if self._progress:
            self._progress(self.staged.table, self.staged.rows_in)

    def _each(self, batch: pa.Table) -> None:
        staged, origin = self.staged, origin_of(batch)
        frame = pl.DataFrame(pl.from_arrow(batch.replace_schema_metadata()))  # its marks are not text
        contract = self._contract(frame, origin.decimal)
        self._note_columns(frame, contract)
        if self._provisional:
            staged.files[origin.file] += 0
            return
        checked = check(
            frame,
            contract,
            first_row=staged.rows_in,
            decimal_mark=origin.decimal,
            transform=self._plan.transforms.get(contract.table),
        )
        numbers = pl.Series(record_numbers(batch))
        staged.spans += _spans(numbers, staged.rows_in, origin.file)
        staged.misread.update(checked.misread)
        if checked.broken.height:
            position = numbers[checked.broken[ROW] - staged.rows_in].alias("position")
            place = pl.lit(origin.file).alias("file")
            self._put_broken(checked.broken.with_columns(place, position).drop(ROW))
        staged.rows_in += frame.height
        staged.files[origin.file] += frame.height
        self._clean.put(checked.clean.with_columns(pl.lit(origin.file).alias(SOURCE_FILE)))
        staged.clean = [self._clean.path]

    def _rejected(self, pieces: pl.DataFrame) -> None:
        self.staged.rows_in += pieces.height
        self.staged.files.update(pieces["file"].to_list())
        self._put_broken(
            pieces.select(
                pl.lit("unreadable").alias("rule"),
                pl.lit("").alias("column"),
                "reason",
                "record",
                "file",
                "position",
            )
        )

    def _put_broken(self, rows: pl.DataFrame) -> None:
        self.staged.rows_broken += rows.height
        version = self.staged.contract.version if self.staged.contract else ""
        self._broken.put(rows.with_columns(pl.lit(version).alias("contract_version")))
        self.staged.broken = [self._broken.path]

    def _contract(self, frame: pl.DataFrame, decimal_mark: str) -> Contract:
        staged = self.staged
        if staged.contract is None or self._provisional:
            staged.contract, inferred = self._plan.contract_for(staged.table, frame, decimal_mark)
            staged.mode = self._plan.mode_for(staged.contract)
            self._provisional = inferred and frame.is_empty()
        return staged.contract

    def _note_columns(self, frame: pl.DataFrame, contract: Contract) -> None:
        given = {name: family(dtype) for name, dtype in frame.schema.items()}
        if self.staged.given:
            self.staged.absent |= self.staged.given.keys() ^ given.keys()
        self.staged.given |= given
        for wanted, name in matched_columns(contract, frame.columns).items():
            self.staged.filled[wanted] += frame.height - frame[name].null_count()


def _spans(numbers: pl.Series, first_row: int, file: str) -> list[tuple[int, str, int]]:
    """Where the record numbers of a batch start or leave a gap: (running row number, file, record number)."""
    starts = (numbers.diff().fill_null(0) != 1).arg_true()
    return [(first_row + int(row), file, int(numbers[int(row)])) for row in starts]


def _as_table(items: Any) -> pa.Table:
    """Records that a source yields as dictionaries (an API), as one batch; nested values become JSON text."""
    rows = pl.DataFrame(items if isinstance(items, list) else [items], infer_schema_length=None)
    nested = [name for name, dtype in rows.schema.items() if dtype.is_nested()]
    return rows.with_columns(as_json(rows.select(name)).alias(name) for name in nested).to_arrow()


def _in_words(error: BaseException) -> AssistantError:
    known = readable_cause(error)
    if known:
        return known
    causes = [error]
    while causes[-1].__cause__:
        causes.append(causes[-1].__cause__)
    if any(isinstance(cause, OSError) and cause.errno in _NO_SPACE for cause in causes):
        return AssistantError("The disk is full.", "Nothing was changed. Free some space and run it again.")
    # Only the kind of error: its text may hold values of a record.
    return AssistantError(
        f"The source could not be read ({type(causes[-1]).__name__}).",
        "Nothing was changed. Try it alone with `sda connector test`; the log in the home folder has more.",
    )
