"""Scores cases with the model in service: into the warehouse, or from one file to another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

import duckdb
import polars as pl

from analytics import registry
from analytics.cases import Cases
from analytics.dataset import candidate_cases, last_complete_day, named_cases
from analytics.flat import flat_cases
from analytics.prediction import REASONS, Reasons, predicted
from analytics.score_files import read_entities, read_rows, writer_for
from analytics.task import Task
from connectors.errors import AssistantError, UsageError
from pipelines.records import ensure_table, quoted_columns
from pipelines.settings import Settings
from pipelines.store import ModelVersion, now
from pipelines.warehouse import Warehouse, quoted

Progress = Callable[[str], None]

BATCH = 100_000  # rows encoded at a time
_COLUMNS = {
    "entity_id": "VARCHAR",
    "as_of": "TIMESTAMP",
    "score": "DOUBLE",
    "lower": "DOUBLE",
    "upper": "DOUBLE",
    "band": "VARCHAR",
    "reasons": "VARCHAR",
    "model_version": "VARCHAR",
    "snapshot_id": "BIGINT",
    "scored_at": "TIMESTAMP",
}


@dataclass(frozen=True)
class ScoringResult:
    """What was scored, by which version, from which snapshot; `output` is the file, if one was written."""

    task: str
    rows: int
    as_of: str
    snapshot_id: int
    model_version: str
    output: str = ""
    notes: tuple[str, ...] = ()


def score(
    settings: Settings,
    task: Task,
    as_of: date | None = None,
    progress: Progress | None = None,
    reasons: Reasons = REASONS,
) -> ScoringResult:
    """Scores everyone the task is about on the day `as_of` (default: the last complete day in the data).

    `predictions.<task>` gets them in one transaction, in place of earlier predictions of that day; its
    `as_of` is midnight of the day. Raises AssistantError if no model is in service.
    """
    row, model = registry.serving(settings, task)
    day = _day(as_of) or last_complete_day(settings, task)
    if progress:
        progress(f"{task.name}: reading cases of {day}")
    cases = candidate_cases(settings, task, day)
    if progress:
        progress(f"{task.name}: scoring {len(cases)} cases")
    scored = predicted(model, _batches(cases), reasons)
    moment = datetime.combine(day, time())
    stored = scored.with_columns(
        as_of=pl.lit(moment, pl.Datetime("us")),
        model_version=pl.lit(row.version),
        snapshot_id=pl.lit(cases.snapshot_id, pl.Int64),
        scored_at=pl.lit(now().replace(tzinfo=None), pl.Datetime("us")),
    )
    columns = _COLUMNS | {name: "DOUBLE" for name in scored.columns if name not in _COLUMNS}

    def publish(connection: duckdb.DuckDBPyConnection) -> None:
        table = quoted(task.predictions_table)
        ensure_table(connection, task.predictions_table, columns)
        connection.execute(f"DELETE FROM {table} WHERE as_of = ?", [moment])
        connection.register("scored_now", stored.select(list(columns)).to_arrow())
        names = quoted_columns(columns)
        connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM scored_now")
        connection.unregister("scored_now")

    Warehouse(settings).write(publish)
    return ScoringResult(task.name, len(cases), day.isoformat(), cases.snapshot_id, row.version)


def score_file(
    settings: Settings,
    task: Task,
    given: Path,
    output: Path,
    reasons: Reasons = REASONS,
) -> ScoringResult:
    """Scores the rows of a new file for a task over one table; CSV, Parquet, JSON Lines or Excel in.

    `output` (.csv, .parquet or .jsonl) gets `entity_id, score, lower, upper, band, reasons` and, for several
    classes, `p_<class>`. Further columns of the input are ignored, unseen categories and infinite numbers
    are taken as unknown. Raises UsageError for a missing column, AssistantError for an unreadable file.
    """
    if task.flat is None:
        raise UsageError(
            f"{task.name} is fed by several tables, so a file of rows cannot be scored.",
            "Name the cases instead: --entities FILE with a column entity_id.",
        )
    write = writer_for(output)
    row, model = registry.serving(settings, task)
    notes: dict[str, int] = {}
    batches = (flat_cases(task, rows) for rows in read_rows(given, task.flat, model.code_book, notes))
    scored = predicted(model, batches, reasons)
    write(scored)
    told = [f"«{name}»: {count} values not understood" for name, count in notes.items()]
    return _written(task, row, scored, output, told)


def score_entities(
    settings: Settings,
    task: Task,
    entities: Path,
    output: Path,
    reasons: Reasons = REASONS,
) -> ScoringResult:
    """Scores the cases that a file names (entity_id, optionally as_of), from what the warehouse knows.

    `as_of` defaults to the end of the last complete day. Raises AssistantError if none of them is known.
    """
    if task.flat is not None:
        raise UsageError(f"{task.name} is a task over one table.", "Give its rows: --input FILE.")
    write = writer_for(output)
    row, model = registry.serving(settings, task)
    keys = read_entities(entities, datetime.combine(last_complete_day(settings, task), time(23, 59, 59)))
    cases = named_cases(settings, task, keys)
    unknown = keys.join(cases.keys, on=["entity_id", "as_of"], how="anti")["entity_id"].to_list()
    shown = ", ".join(unknown[:5]) + (" ..." if len(unknown) > 5 else "")
    if not len(cases):
        raise AssistantError(f"Nothing is known of {shown} by then.", "Check the identifiers and as_of.")
    scored = predicted(model, _batches(cases), reasons)
    write(scored)
    notes = [f"{len(unknown)} of {keys.height} cases are not known and left out: {shown}"] if unknown else []
    return replace(_written(task, row, scored, output, notes), snapshot_id=cases.snapshot_id)


def _batches(cases: Cases) -> Iterator[Cases]:
    return (cases.part(start, BATCH) for start in range(0, len(cases), BATCH))


def _day(as_of: date | None) -> date | None:
    return as_of.date() if isinstance(as_of, datetime) else as_of


def _written(
    task: Task, row: ModelVersion, scored: pl.DataFrame, output: Path, notes: list[str]
) -> ScoringResult:
    return ScoringResult(task.name, scored.height, "", 0, row.version, str(output), tuple(notes))
