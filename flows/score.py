"""The flow `score`: fresh predictions of every model in service."""

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from analytics import scoring
from flows.plan import in_service
from flows.progress import progress
from flows.runs import recorded
from flows.steps import all_done, settings_for
from pipelines.settings import Settings


@task(name="predict", task_run_name="predict {name}", cache_policy=NO_CACHE)
def predict(settings: Settings, name: str) -> scoring.ScoringResult:
    """Scores one task as of the last complete day in its data."""
    from analytics.catalog import task_named

    return scoring.score(settings, task_named(name, settings), progress=progress)


@flow(name="score")
def score(config: str = "", tasks: list[str] | None = None) -> None:
    """Scores the tasks (by default all that have a model in service)."""
    settings = settings_for(config)
    with recorded(settings, "score"):
        progress("Scoring …")
        states = {name: predict(settings, name, return_state=True) for name in tasks or in_service(settings)}
        all_done(settings, "score", states)
