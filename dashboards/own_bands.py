"""The bands of tasks that people made: their model chose them, from how its scores are spread."""

from dataclasses import replace

from analytics import registry
from analytics.task import Band, Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.words import words

_LABELS = {"low": words("Low", "低"), "medium": words("Medium", "中"), "high": words("High", "高")}


def with_bands(settings: Settings, task: Task) -> Task:
    """The task with the bands of its model in service; as it is where it declares bands, has no model or its
    model cannot be read.
    """
    serving = None if task.bands or task.kind == "multiclass" else registry.in_service(settings, task)
    if serving is None:
        return task
    try:
        bands = registry.load(settings, serving).bands
    except AssistantError:
        return task
    return replace(
        task, bands=tuple(Band(name, limit, _LABELS.get(name, words(name, name))) for name, limit in bands)
    )
