"""When the newest data of a report came: the moment of an issue that waits for data instead of a clock.

Data came when a load that changed rows of one of the report's tables was finished (`meta.loads`). A report on
predictions is fresh when its cases were scored from them: of the loads only those count that the snapshot of
the newest predictions holds. So the moment is the same in every process, and scoring, checking or training
again on the same data makes no new one.
"""

from datetime import UTC, datetime

from dashboards.queries.reading import Read, has_table, reader
from dashboards.reports.declared import tables_of, tasks_of
from pipelines.records import LOADS
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

# `snapshot_id` of the predictions is a column, that of the loads DuckLake's own: the commit that wrote a row.
_SCORED_FROM = "SELECT max_by(snapshot_id, as_of) AS snapshot FROM {}"
_CAME = """
    SELECT max(finished_at) AS came FROM {loads}
    WHERE rows_changed > 0 AND finished_at <= $until AND snapshot_id <= $snapshot
      AND (len($tables) = 0 OR list_contains($tables, "table"))
"""


def fresh_moment(settings: Settings, report: str, until: datetime) -> datetime | None:
    """When the newest data came (until then) that the report would show, in UTC; None where none are known.

    Raises UsageError for an unknown report.
    """
    tables, tasks = tables_of(settings, report), tasks_of(settings, report)
    warehouse = Warehouse(settings)
    newest = warehouse.snapshot()
    with warehouse.reading(newest) as connection:
        read = reader(connection)
        if not has_table(read, LOADS):
            return None
        moments = [
            _came(read, tables, snapshot, until)
            for snapshot in (_snapshots(settings, read, tasks) if tasks else [newest])
        ]
    known = [moment for moment in moments if moment is not None]
    return max(known, default=None)


def _snapshots(settings: Settings, read: Read, tasks: list[str]) -> list[int]:
    """The snapshots that the newest predictions of the tasks were made from."""
    from analytics.catalog import task_named

    tables = [task_named(name, settings).predictions_table for name in tasks]
    found = [
        read(_SCORED_FROM.format(quoted(table)), None)["snapshot"][0]
        for table in tables
        if has_table(read, table)
    ]
    return [int(snapshot) for snapshot in found if snapshot is not None]


def _came(read: Read, tables: list[str], snapshot: int, until: datetime) -> datetime | None:
    """When the newest load of the tables (of any, where none are named) was finished."""
    given = {"tables": tables, "snapshot": snapshot, "until": until.astimezone(UTC).replace(tzinfo=None)}
    came = read(_CAME.format(loads=quoted(LOADS)), given)["came"][0]
    return None if came is None else came.replace(tzinfo=UTC)
