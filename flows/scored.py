"""One task scored, with what follows from it: cases that were done and stand higher now come back, and the
table that its page opens with is made."""

from contextlib import suppress
from datetime import date, timedelta

from analytics import scoring
from analytics.dataset import last_complete_day
from analytics.prediction import REASONS, Reasons
from analytics.scoring import Progress, ScoringResult
from analytics.task import Task
from connectors.errors import AssistantError
from dashboards.explore.board_upkeep import prepare
from dashboards.worklist.news import bring_back
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

_A_WEEK = timedelta(days=7)


def score_and_tell(
    settings: Settings,
    task: Task,
    as_of: date | None = None,
    progress: Progress | None = None,
    reasons: Reasons = REASONS,
) -> ScoringResult:
    """As `analytics.scoring.score`; then the worklist and the page learn of it."""
    result = scoring.score(settings, task, as_of, progress, reasons)
    back = bring_back(settings, task)
    if back and progress:
        progress(f"{task.name}: {back} cases that were done are back on the worklist, in a higher band")
    if (why := prepare(settings, task)) and progress:
        progress(f"{task.name}: its page will open slowly the first time. {why}")
    return result


def score_a_week_before(settings: Settings, task: Task) -> None:
    """Scores the day a week before the last complete one, of a task that was never scored: the pages have
    something to compare with from the first day on. Where there were no data then, nothing is scored.
    """
    if task.flat is None and not Warehouse(settings).exists(task.predictions_table):
        with suppress(AssistantError):
            scoring.score(settings, task, last_complete_day(settings, task) - _A_WEEK, reasons=0)
