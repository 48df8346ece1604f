"""Scores cases with the model in service: into the warehouse, or from one file to another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import duckdb

from analytics import registry
from analytics.cases import Cases
from analytics.dataset import candidate_parts, last_complete_day, named_cases
from analytics.flat import flat_cases, numbered
from analytics.prediction import REASONS, Reasons, columns_of, predict
from analytics.score_files import check_output, read_entities, read_rows
from analytics.staging import Stage, staging
from analytics.task import Task
from connectors.errors import AssistantError, UsageError
from pipelines.records import ensure_table, quoted_columns
from pipelines.settings import Settings
from pipelines.store import now
from pipelines.warehouse import Warehouse, quoted

Progress = Callable[[str], None]

BATCH = 100_000  # rows encoded at a time
# What a stored prediction says besides what was predicted.
_ORIGIN = {
    "as_of": "TIMESTAMP",
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
    `as_of` is midnight of the day. A table that an older version made gets the columns it lacks. Cases are
    read and scored part by part. Raises AssistantError if no model is in service.
    """
    row, model = registry.serving(settings, task)
    day = _day(as_of) or last_complete_day(settings, task)
    tell = progress or (lambda _: None)
    tell(f"{task.name}: scoring the cases of {day}")
    snapshot = Warehouse(settings).snapshot()
    parts = candidate_parts(settings, task, day, events=model.event_book is not None, rows=BATCH)
    columns = columns_of(model, task.exposure)
    with staging(settings, columns) as stage:

        def told() -> Iterator[Cases]:
            nonlocal snapshot
            for part in parts:
                snapshot = part.snapshot_id
                yield part
                if stage.rows >= BATCH:
                    tell(f"{task.name}: {stage.rows} cases scored")

        predict(model, told(), stage, reasons, task.exposure)
        _publish(settings, task, stage, columns, datetime.combine(day, time()), row.version, snapshot)
        return ScoringResult(task.name, stage.rows, day.isoformat(), snapshot, row.version)


def _publish(
    settings: Settings,
    task: Task,
    stage: Stage,
    columns: dict[str, str],
    as_of: datetime,
    version: str,
    snapshot: int,
) -> None:
    """Puts what is staged into `predictions.<task>`, in place of what was predicted as of the same moment."""
    scored_at = now().replace(tzinfo=None)

    def publish(connection: duckdb.DuckDBPyConnection) -> None:
        table = quoted(task.predictions_table)
        ensure_table(connection, task.predictions_table, columns | _ORIGIN)
        connection.execute(f"DELETE FROM {table} WHERE as_of = ?", [as_of])
        connection.register("scored_now", stage.reader())
        into, names = quoted_columns(columns | _ORIGIN), quoted_columns(columns)
        connection.execute(
            f"INSERT INTO {table} ({into}) SELECT {names}, ?, ?, ?, ? FROM scored_now",
            [as_of, version, snapshot, scored_at],
        )
        connection.unregister("scored_now")

    Warehouse(settings).write(publish)


def score_file(
    settings: Settings,
    task: Task,
    given: Path,
    output: Path,
    reasons: Reasons = REASONS,
) -> ScoringResult:
    """Scores the rows of a new file for a task over one table; CSV, Parquet, JSON Lines or Excel in.

    `output` (.csv, .parquet or .jsonl) gets the columns of `prediction.columns_of`. Further columns of the
    input are ignored, unseen categories and infinite numbers are taken as unknown. Raises UsageError for a
    missing column, AssistantError for an unreadable file.
    """
    if task.flat is None:
        raise UsageError(
            f"{task.name} is fed by several tables, so a file of rows cannot be scored.",
            "Name the cases instead: --entities FILE with a column entity_id.",
        )
    check_output(output)
    row, model = registry.serving(settings, task)
    notes: dict[str, int] = {}
    rows = numbered(read_rows(given, task.flat, model.code_book, notes))
    with staging(settings, columns_of(model, task.exposure)) as stage:
        predict(model, (flat_cases(task, part) for part in rows), stage, reasons, task.exposure)
        stage.write(output)
        told = tuple(f"«{name}»: {count} values not understood" for name, count in notes.items())
        return ScoringResult(task.name, stage.rows, "", 0, row.version, str(output), told)


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
    check_output(output)
    row, model = registry.serving(settings, task)
    keys = read_entities(entities, datetime.combine(last_complete_day(settings, task), time(23, 59, 59)))
    cases = named_cases(settings, task, keys, events=model.event_book is not None)
    unknown = keys.join(cases.keys, on=["entity_id", "as_of"], how="anti")["entity_id"].to_list()
    shown = ", ".join(unknown[:5]) + (" ..." if len(unknown) > 5 else "")
    if not len(cases):
        raise AssistantError(f"Nothing is known of {shown} by then.", "Check the identifiers and as_of.")
    notes = [f"{len(unknown)} of {keys.height} cases are not known and left out: {shown}"] if unknown else []
    with staging(settings, columns_of(model, task.exposure)) as stage:
        predict(model, _batches(cases), stage, reasons, task.exposure)
        stage.write(output)
    origin = cases.snapshot_id, row.version
    return ScoringResult(task.name, len(cases), "", *origin, str(output), tuple(notes))


def _batches(cases: Cases) -> Iterator[Cases]:
    return (cases.part(start, BATCH) for start in range(0, len(cases), BATCH))


def _day(as_of: date | None) -> date | None:
    return as_of.date() if isinstance(as_of, datetime) else as_of
