"""How cases stand: what was predicted of them last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics.catalog import tasks
from analytics.task import Task
from dashboards.queries.reading import Read, has_table, reader
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted


@dataclass(frozen=True)
class Standing:
    """The newest prediction of a case."""

    as_of: datetime
    score: float | None
    band: str


def newest_of(settings: Settings, task: str, ids: Iterable[str]) -> dict[str, Standing]:
    """How these cases of a task stand now; as `standings`, also for the name of a task that is gone."""
    known = tasks(settings).get(task)
    if known is None:
        return {}
    with Warehouse(settings).reading() as connection:
        return standings(reader(connection), known, tuple(ids))


def standings(read: Read, task: Task, ids: tuple[str, ...]) -> dict[str, Standing]:
    """How these cases stand; those that were never predicted, or whose predictions are gone, are not among
    them. Of an entity with several predictions of a moment the highest counts.
    """
    wanted = [entity_id for entity_id in ids if "\0" not in entity_id]  # a catalog takes none
    if not wanted or not has_table(read, task.predictions_table):
        return {}
    sql = f"""
        SELECT entity_id, as_of, score, CAST(band AS VARCHAR) AS band FROM {quoted(task.predictions_table)}
        WHERE list_contains($ids, entity_id)
        QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY as_of DESC, score DESC) = 1
    """
    return {
        entity_id: Standing(as_of.replace(tzinfo=UTC), score, band or "")
        for entity_id, as_of, score, band in read(sql, {"ids": wanted}).rows()
    }
