"""The flow `ingest`: every source into its trusted tables."""

from typing import Any, TypeAlias

from prefect import State, Task, flow, task
from prefect.cache_policies import NO_CACHE

from connectors.errors import AssistantError
from flows import boards
from flows.progress import loaded_line, progress, rows_read
from flows.runs import recorded
from flows.steps import all_done, settings_for, worth_a_retry
from pipelines import ingest as ingestion
from pipelines.derived import build_derived
from pipelines.results import LoadResult
from pipelines.settings import Settings, SourceSettings

# Seconds before a source across the network is tried again: a hiccup, a restart, a short outage.
NETWORK_WAITS = [10.0, 60.0, 300.0]
LoadTask: TypeAlias = Task[[Settings, str], list[LoadResult]]


@task(name="load", task_run_name="load {name}", cache_policy=NO_CACHE)
def load(settings: Settings, name: str) -> list[LoadResult]:
    """One source: extract, check, publish."""
    return told(ingestion.load_sources(settings, [name], rows_read()))


@task(name="derive", cache_policy=NO_CACHE)
def derive(settings: Settings) -> list[LoadResult]:
    """Tables made from other tables, if a load has changed something since."""
    return told(build_derived(settings))


@task(name="pages", cache_policy=NO_CACHE)
def pages(settings: Settings) -> int:
    """What pages keep of the cases, made again where it is not what the tables say."""
    return boards.renew(settings)


@flow(name="ingest")
def ingest(config: str = "", sources: list[str] | None = None) -> None:
    """Loads the sources (all by default), each on its own: one that fails does not hold up the others."""
    settings = settings_for(config)
    with recorded(settings, "ingest"):
        progress("Loading sources …")
        states: dict[str, State[Any]] = {
            name: patient(load, settings.sources[name])(settings, name, return_state=True)
            for name in ingestion.in_order(settings, sources)
        }
        if settings.tables:
            states["derived tables"] = derive(settings, return_state=True)
        states["pages"] = pages(settings, return_state=True)
        all_done(settings, "load", states)


def told(results: list[LoadResult]) -> list[LoadResult]:
    """The same results, each said in a line; raises AssistantError for what was not loaded."""
    for result in results:
        if not result.error:
            progress(loaded_line(result))
    if errors := [result.error for result in results if result.error]:
        raise AssistantError(" ".join(errors))
    return results


def patient(step: LoadTask, source: SourceSettings) -> LoadTask:
    """The step with retries if its source lies across a network; a local file will not mend itself."""
    if not is_remote(source):
        return step
    return step.with_options(
        retries=len(NETWORK_WAITS), retry_delay_seconds=NETWORK_WAITS, retry_condition_fn=worth_a_retry
    )


def is_remote(source: SourceSettings) -> bool:
    """Whether any option of the source is an address (`s3://…`, `https://…`, `postgresql://…`)."""
    return any("://" in str(value) for value in source.options.values())
