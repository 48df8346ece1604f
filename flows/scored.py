"""One task scored, with what follows from it: cases that were done and stand higher now come back, and the
table that its page opens with is made."""

from datetime import date

from analytics import scoring
from analytics.prediction import REASONS, Reasons
from analytics.scoring import Progress, ScoringResult
from analytics.task import Task
from dashboards.explore.board_upkeep import prepare
from dashboards.worklist.news import bring_back
from pipelines.settings import Settings


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
