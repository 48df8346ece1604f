"""What a task's newest scores say in the morning: who moved, who waits, what it may cost."""

from dataclasses import dataclass
from datetime import datetime

from analytics.task import Task
from dashboards.queries.predictions import days, urgent_bands
from dashboards.queries.reading import Read
from pipelines.queries import exact_sum
from pipelines.warehouse import quoted


@dataclass(frozen=True)
class Scored:
    """The newest scoring of a task and the one before (None where there was none): how many cases, how many
    of them in the upper bands, the expected losses (None where none is predicted).
    """

    as_of: datetime
    before: datetime | None
    cases: int
    urgent: int
    loss: float | None
    loss_before: float | None


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
class Queue:
    """Of the cases in the highest band that nobody has handled: how many (`open`), how many of these came
    into it since the scoring before (`moved`), how many of those were not scored then (`new`). `first` are
    the most urgent cases that wait.
    """

    open: int
    moved: int
    new: int
    first: tuple[Waiting, ...]


def scored(read: Read, task: Task) -> Scored | None:
    """The newest scoring of a task; None where it was never scored."""
    moments = days(read, task)
    if not moments:
        return None
    as_of, before = moments[0], moments[1] if len(moments) > 1 else None
    counted = _counted(read, task, as_of, before)
    cases, urgent, loss = counted[as_of]
    return Scored(as_of, before, cases, urgent, loss, counted[before][2] if before else None)


def queue(read: Read, task: Task, handled: tuple[str, ...], overdue: tuple[str, ...], most: int) -> Queue:
    """Who waits among the relation `cases`, a board, without the cases that are `handled`.

    Among the first ones, those whose day is past (`overdue`) come before all others.
    """
    open_, moved, new = _highest(read, task, handled) if task.bands else (0, 0, 0)
    return Queue(open_, moved, new, _first(read, task, handled, overdue, most))


def _counted(
    read: Read, task: Task, as_of: datetime, before: datetime | None
) -> dict[datetime, tuple[int, int, float | None]]:
    """Of each moment: cases, those in the upper bands, the expected loss where the task has one."""
    loss = exact_sum("expected_loss") if task.exposure else "CAST(NULL AS DOUBLE)"
    sql = f"""
        SELECT
            as_of, count(*) AS cases, count(*) FILTER (list_contains($urgent, band)) AS urgent, {loss} AS loss
        FROM (
            SELECT CAST(NULL AS DOUBLE) AS expected_loss WHERE false
            UNION ALL BY NAME
            FROM {quoted(task.predictions_table)} WHERE as_of IN ($as_of, $before)
        )
        GROUP BY as_of
    """
    given = {"as_of": as_of, "before": before, "urgent": urgent_bands(task) or [""]}
    return {moment: (cases, urgent, loss) for moment, cases, urgent, loss in read(sql, given).rows()}


def _highest(read: Read, task: Task, handled: tuple[str, ...]) -> tuple[int, int, int]:
    """Of the unhandled cases in the highest band: how many, how many came into it, how many are new."""
    sql = """
        SELECT
            count(*) AS cases,
            count(*) FILTER (moved IN ('new', 'up')) AS moved,
            count(*) FILTER (moved = 'new') AS new
        FROM cases
        WHERE band = $top AND entity_id NOT IN (SELECT unnest(CAST($handled AS VARCHAR[])))
    """
    cases, moved, new = read(sql, {"top": task.bands[-1].name, "handled": list(handled)}).row(0)
    return cases, moved, new


def _first(
    read: Read, task: Task, handled: tuple[str, ...], overdue: tuple[str, ...], most: int
) -> tuple[Waiting, ...]:
    """Whom to look at first: what is overdue, then the upper bands (all, where a task has none)."""
    sql = """
        WITH late AS (SELECT unnest(CAST($overdue AS VARCHAR[])) AS entity_id)
        SELECT
            entity_id, score, coalesce(CAST(band AS VARCHAR), '') AS band, coalesce(moved, '') AS moved
        FROM cases
        WHERE ($all OR list_contains($urgent, band) OR entity_id IN (FROM late))
        AND entity_id NOT IN (SELECT unnest(CAST($handled AS VARCHAR[])))
        ORDER BY entity_id IN (FROM late) DESC, score DESC, entity_id LIMIT $most
    """
    given = {
        "all": not task.bands,
        "urgent": urgent_bands(task) or [""],
        "handled": list(handled),
        "overdue": list(overdue),
        "most": most,
    }
    return tuple(Waiting(*row) for row in read(sql, given).rows())
