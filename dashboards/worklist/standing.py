"""How cases stand: what was predicted of them last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics.catalog import tasks
from dashboards.queries.reading import has_table, reader
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted


@dataclass(frozen=True)
class Standing:
    """The newest prediction of a case."""

    as_of: datetime
    score: float | None
    band: str


def newest_of(settings: Settings, task: str, ids: Iterable[str]) -> dict[str, Standing]:
    """How these cases of a task stand; those that were never predicted, or whose task or predictions are
    gone, are not among them. Of an entity with several predictions of a moment the highest counts.
    """
    known = tasks(settings).get(task)
    wanted = [entity_id for entity_id in ids if "\0" not in entity_id]  # a catalog takes none
    if known is None or not wanted:
        return {}
    sql = f"""
        SELECT entity_id, as_of, score, CAST(band AS VARCHAR) AS band FROM {quoted(known.predictions_table)}
        WHERE list_contains($ids, entity_id)
        QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY as_of DESC, score DESC) = 1
    """
    with Warehouse(settings).reading() as connection:
        read = reader(connection)
        if not has_table(read, known.predictions_table):
            return {}
        found = read(sql, {"ids": wanted})
    return {
        entity_id: Standing(as_of.replace(tzinfo=UTC), score, band or "")
        for entity_id, as_of, score, band in found.rows()
    }
