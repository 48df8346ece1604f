"""Cases that were done come back when a later scoring puts them into a higher band: that is news."""

from datetime import UTC, datetime

from sqlalchemy import select

from analytics.task import Task
from dashboards.own_bands import with_bands
from dashboards.queries.reading import Read
from dashboards.worklist.items import Standing, returned
from pipelines.settings import Settings
from pipelines.store import Store, WorkItem
from pipelines.warehouse import Warehouse, quoted


def bring_back(settings: Settings, task: Task) -> int:
    """Opens what was done and stands in a higher band by the newest scoring; how many cases.

    Of a task without bands (classes) any other class is news. May be repeated: it looks at what is stored.
    """
    closed = _closed(Store(settings), task.name)
    warehouse = Warehouse(settings)
    if not closed or not warehouse.exists(task.predictions_table):
        return 0
    order = [band.name for band in with_bands(settings, task).bands]
    newest = _standings(warehouse.query, task, sorted(closed))
    risen = (
        (entity_id, standing)
        for entity_id, standing in newest.items()
        if standing.as_of > closed[entity_id].as_of
        and _is_higher(order, closed[entity_id].band, standing.band)
    )
    return sum(returned(settings, task.name, entity_id, standing) for entity_id, standing in risen)


def _closed(store: Store, task: str) -> dict[str, WorkItem]:
    with store.session() as session:
        query = select(WorkItem).where(WorkItem.task == task, WorkItem.status == "done")
        return {item.entity_id: item for item in session.scalars(query)}


def _standings(read: Read, task: Task, ids: list[str]) -> dict[str, Standing]:
    """How these cases stand by the newest scoring."""
    table = quoted(task.predictions_table)
    sql = f"""
        SELECT entity_id, as_of, score, CAST(band AS VARCHAR) AS band FROM {table}
        WHERE as_of = (SELECT max(as_of) FROM {table}) AND list_contains($ids, entity_id)
        ORDER BY score
    """
    found = read(sql, {"ids": ids})
    return {
        entity_id: Standing(_utc(as_of), score, band or "") for entity_id, as_of, score, band in found.rows()
    }


def _is_higher(order: list[str], before: str, now: str) -> bool:
    if before in order and now in order:
        return order.index(now) > order.index(before)
    return not order and now != before


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
