"""What a task's newest scores say in the morning: who moved, who waits, what it may cost."""

from dataclasses import dataclass
from datetime import datetime

from analytics.task import Task
from dashboards.queries.predictions import days, urgent_bands
from dashboards.queries.reading import Read
from pipelines.queries import exact_sum
from pipelines.warehouse import quoted


@dataclass(frozen=True)
class Waiting:
    """A case that somebody should look at. `moved` (against the scoring before): new, up, down, same, or ""
    where there was none.
    """

    entity_id: str
    score: float | None
    band: str
    moved: str


@dataclass(frozen=True)
class Morning:
    """The newest scoring of a task beside the one before (None where there was none).

    `top` counts the cases in the highest band, `open` those of them that nobody has handled; `moved` those of
    the open ones that came into it since, and `new` those of these that were not scored before. The losses
    are expected ones, None where none is predicted. `first` are the most urgent cases that wait; `urgent` are
    all in the upper bands.
    """

    as_of: datetime
    before: datetime | None
    cases: int
    urgent: int
    top: int
    open: int
    moved: int
    new: int
    loss: float | None
    loss_before: float | None
    first: tuple[Waiting, ...]


def morning(
    read: Read, task: Task, handled: tuple[str, ...], overdue: tuple[str, ...], most: int
) -> Morning | None:
    """How a task stands without the cases that are `handled`; None where it was never scored.

    Among the first cases, those whose day is past (`overdue`) come before all others.
    """
    moments = days(read, task)
    if not moments:
        return None
    as_of, before = moments[0], moments[1] if len(moments) > 1 else None
    counted = _counted(read, task, as_of, before)
    cases, urgent, top, loss = counted[as_of]
    waiting, moved, new = _moved(read, task, as_of, before, handled) if task.bands else (0, 0, 0)
    return Morning(
        as_of=as_of,
        before=before,
        cases=cases,
        urgent=urgent,
        top=top,
        open=waiting,
        moved=moved,
        new=new,
        loss=loss,
        loss_before=counted[before][3] if before else None,
        first=_first(read, task, as_of, before, handled, overdue, most),
    )


def _counted(
    read: Read, task: Task, as_of: datetime, before: datetime | None
) -> dict[datetime, tuple[int, int, int, float | None]]:
    """Of each moment: cases, those in the upper bands, those in the highest, the expected loss."""
    sql = f"""
        SELECT
            as_of, count(*) AS cases,
            count(*) FILTER (list_contains($urgent, band)) AS urgent,
            count(*) FILTER (band = $top) AS top,
            {exact_sum("expected_loss")} AS loss
        FROM (
            SELECT CAST(NULL AS DOUBLE) AS expected_loss WHERE false
            UNION ALL BY NAME
            FROM {quoted(task.predictions_table)} WHERE as_of IN ($as_of, $before)
        )
        GROUP BY as_of
    """
    given = {"as_of": as_of, "before": before, "urgent": urgent_bands(task) or [""], "top": _highest(task)}
    return {
        moment: (cases, urgent, top, loss) for moment, cases, urgent, top, loss in read(sql, given).rows()
    }


def _moved(
    read: Read, task: Task, as_of: datetime, before: datetime | None, handled: tuple[str, ...]
) -> tuple[int, int, int]:
    """Of the unhandled cases in the highest band: how many, how many were not in it before, how many of
    these were not scored before.
    """
    sql = f"""
        WITH highest AS (
            SELECT entity_id FROM {quoted(task.predictions_table)}
            WHERE as_of = $as_of AND band = $top
            AND entity_id NOT IN (SELECT unnest(CAST($handled AS VARCHAR[])))
        ),
        earlier AS (
            SELECT entity_id, bool_or(band = $top) AS was_there FROM {quoted(task.predictions_table)}
            WHERE as_of = $before AND entity_id IN (SELECT entity_id FROM highest)
            GROUP BY entity_id
        )
        SELECT
            count(*) AS cases,
            count(*) FILTER ($before IS NOT NULL AND NOT coalesce(was_there, false)) AS moved,
            count(*) FILTER ($before IS NOT NULL AND was_there IS NULL) AS new
        FROM highest LEFT JOIN earlier USING (entity_id)
    """
    given = {"as_of": as_of, "before": before, "top": _highest(task), "handled": list(handled)}
    cases, moved, new = read(sql, given).row(0)
    return cases, moved, new


def _first(
    read: Read,
    task: Task,
    as_of: datetime,
    before: datetime | None,
    handled: tuple[str, ...],
    overdue: tuple[str, ...],
    most: int,
) -> tuple[Waiting, ...]:
    """Whom to look at first: what is overdue, then the upper bands (all, where a task has none)."""
    sql = f"""
        WITH late AS (SELECT unnest(CAST($overdue AS VARCHAR[])) AS entity_id),
        waiting AS (
            SELECT entity_id, score, CAST(band AS VARCHAR) AS band, entity_id IN (FROM late) AS is_late
            FROM {quoted(task.predictions_table)}
            WHERE as_of = $as_of
            AND ($all OR list_contains($urgent, band) OR entity_id IN (FROM late))
            AND entity_id NOT IN (SELECT unnest(CAST($handled AS VARCHAR[])))
            ORDER BY is_late DESC, score DESC, entity_id LIMIT $most
        ),
        earlier AS (
            SELECT entity_id, max_by(CAST(band AS VARCHAR), score) AS band_before
            FROM {quoted(task.predictions_table)}
            WHERE as_of = $before AND entity_id IN (SELECT entity_id FROM waiting)
            GROUP BY entity_id
        )
        SELECT waiting.entity_id, score, band, earlier.entity_id IS NOT NULL AS known, band_before
        FROM waiting LEFT JOIN earlier USING (entity_id)
        ORDER BY is_late DESC, score DESC, waiting.entity_id
    """
    given = {
        "as_of": as_of,
        "before": before,
        "all": not task.bands,
        "urgent": urgent_bands(task) or [""],
        "handled": list(handled),
        "overdue": list(overdue),
        "most": most,
    }
    order = [band.name for band in task.bands]

    def moved(band: str, known: bool, band_before: str | None) -> str:
        if before is None:
            return ""
        if not known:
            return "new"
        if band not in order or band_before not in order or band == band_before:
            return "same"
        return "up" if order.index(band) > order.index(band_before) else "down"

    return tuple(
        Waiting(entity_id, score, band or "", moved(band, known, band_before))
        for entity_id, score, band, known, band_before in read(sql, given).rows()
    )


def _highest(task: Task) -> str:
    return task.bands[-1].name if task.bands else ""
