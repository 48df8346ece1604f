"""One task scored, with what follows from it: cases that were done and stand higher now come back."""

from datetime import date

from analytics import scoring
from analytics.prediction import REASONS, Reasons
from analytics.scoring import Progress, ScoringResult
from analytics.task import Task
from dashboards.worklist.news import bring_back
from pipelines.settings import Settings


def score_and_tell(
    settings: Settings,
    task: Task,
    as_of: date | None = None,
    progress: Progress | None = None,
    reasons: Reasons = REASONS,
) -> ScoringResult:
    """As `analytics.scoring.score`; then the worklist learns of it."""
    result = scoring.score(settings, task, as_of, progress, reasons)
    back = bring_back(settings, task)
    if back and progress:
        progress(f"{task.name}: {back} cases that were done are back on the worklist, in a higher band")
    return result
