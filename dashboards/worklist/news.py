"""Cases that were done come back when a later scoring puts them into a higher band: that is news."""

from sqlalchemy import select

from analytics.task import Task
from dashboards.own_bands import with_bands
from dashboards.worklist.items import returned
from dashboards.worklist.standing import newest_of
from pipelines.settings import Settings
from pipelines.store import Store, WorkItem


def bring_back(settings: Settings, task: Task) -> int:
    """Opens what was done and stands in a higher band since; how many cases. To be called after a scoring.

    Of a task without bands (classes) any other class is news. May be repeated: it looks at what is stored.
    """
    closed = _closed(Store(settings), task.name)
    if not closed:
        return 0
    order = [band.name for band in with_bands(settings, task).bands]
    risen = (
        (entity_id, standing)
        for entity_id, standing in newest_of(settings, task.name, sorted(closed)).items()
        if standing.as_of > closed[entity_id].as_of
        and _is_higher(order, closed[entity_id].band, standing.band)
    )
    return sum(returned(settings, task.name, entity_id, standing) for entity_id, standing in risen)


def _closed(store: Store, task: str) -> dict[str, WorkItem]:
    with store.session() as session:
        query = select(WorkItem).where(WorkItem.task == task, WorkItem.status == "done")
        return {item.entity_id: item for item in session.scalars(query)}


def _is_higher(order: list[str], before: str, now: str) -> bool:
    if before in order and now in order:
        return order.index(now) > order.index(before)
    return not order and now != before
