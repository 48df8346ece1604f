"""What a board calls the columns of a person's own table: they may be named like those of predictions."""

import re

from analytics.task import Task
from dashboards.queries.explore_prefixes import CODE
from pipelines.queries import literal

_OWN = "own."
# Every prediction has these, every board the last four.
_TAKEN = (
    *("entity_id", "score", "lower", "upper", "band", "label_set", "reasons", "expected_loss"),
    *("as_of", "model_version", "snapshot_id", "scored_at"),
    *("band_before", "score_before", "moved", CODE),
)


def own_column(task: Task, name: str) -> str:
    """What the board of a task calls a column of its table: `own.score` beside the score that it predicts.

    No two are called the same, since one that begins like this gets the beginning once more. The columns of
    tasks that ship are called as their SQL says.
    """
    return _OWN + name if task.flat and re.fullmatch(_taken(task), name, re.IGNORECASE) else name


def renamed(task: Task, rows: str) -> str:
    """SQL of the same rows, their columns under these names; one at least must get another one."""
    taken = _taken(task)
    others, these, as_told = literal(taken), literal(rf"(?i)\A({taken})\z"), literal(_OWN + r"\1")
    return f"""
        SELECT
            COLUMNS(name -> NOT regexp_full_match(name, {others}, 'i')), COLUMNS({these}) AS {as_told}
        FROM ({rows})
    """


def _taken(task: Task) -> str:
    """A pattern of the names that are taken (letters large or small: to SQL they are one)."""
    classes = [f"p_{name}" for name in task.classes]  # the chance of each, where there are several
    return "|".join([re.escape(_OWN) + "(?s:.*)", *map(re.escape, (*_TAKEN, *classes))])
