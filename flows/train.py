"""The flow `train`: a model for every task, promoted only where it is better."""

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from analytics import training
from flows.progress import progress
from flows.runs import recorded
from flows.steps import all_done, settings_for
from flows.worklist import untrained, with_data
from pipelines.settings import Settings


@task(name="fit", task_run_name="fit {name}", cache_policy=NO_CACHE)
def fit(settings: Settings, name: str) -> training.TrainingResult:
    """Trains one task unless nothing changed, and promotes the model if it beats the one in service."""
    from analytics.catalog import task_named

    return training.train(settings, task_named(name, settings), progress=progress, reuse=True)


@flow(name="train")
def train(config: str = "", tasks: list[str] | None = None, only_missing: bool = False) -> None:
    """Trains the tasks that have data (all by default); with `only_missing` those without a model."""
    settings = settings_for(config)
    with recorded(settings, "train"):
        progress("Training models …")
        names = tasks or (untrained(settings) if only_missing else with_data(settings))
        states = {name: fit(settings, name, return_state=True) for name in names}
        all_done(settings, "train", states)
