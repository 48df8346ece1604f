"""The flow `score`: fresh predictions of every model in service, and a look at each model."""

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from analytics import monitoring
from analytics.scoring import ScoringResult
from flows.progress import progress
from flows.runs import recorded
from flows.scored import score_a_week_before, score_and_tell
from flows.steps import failed, settings_for, told
from flows.worklist import in_service
from pipelines.settings import Settings


@task(name="predict", task_run_name="predict {name}", cache_policy=NO_CACHE)
def predict(settings: Settings, name: str, compared: bool = False) -> ScoringResult:
    """Scores one task as of the last complete day in its data, if it is `compared` a week before, too."""
    from analytics.catalog import task_named

    known = task_named(name, settings)
    if compared:
        score_a_week_before(settings, known)
    return score_and_tell(settings, known, progress=progress)


@task(name="look", task_run_name="look at {name}", cache_policy=NO_CACHE)
def look(settings: Settings, name: str) -> str:
    """Checks the model behind the newest predictions of a task; gives the verdict."""
    from analytics.catalog import task_named

    found = monitoring.check(settings, task_named(name, settings))
    progress(f"  {name}: {found.verdict}. {found.summary}")
    return found.verdict


@flow(name="score")
def score(config: str = "", tasks: list[str] | None = None, compared: bool = False) -> None:
    """Scores the tasks (by default all that have a model in service), then checks for drift.

    With `compared` tasks that were never scored are scored as of a week before, too.
    """
    settings = settings_for(config)
    with recorded(settings, "score"):
        progress("Scoring …")
        states = {
            name: predict(settings, name, compared, return_state=True)
            for name in tasks or in_service(settings)
        }
        looks = {
            name: look(settings, name, return_state=True)
            for name, state in states.items()
            if state.is_completed()
        }
        failures = failed(settings, "score", states) | failed(settings, "check", looks)
        told(failures)
