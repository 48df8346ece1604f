"""All tasks: those that ship, found by import, and those a person made over an ingested table."""

import importlib
import pkgutil
from functools import cache

from analytics import tasks as shipped
from analytics.flat import flat_task
from analytics.task import Task
from connectors.errors import UsageError, did_you_mean
from pipelines.settings import Settings


def tasks(settings: Settings) -> dict[str, Task]:
    """Every task by name; one of the settings wins over a shipped one of the same name."""
    made = {name: flat_task(name, entry) for name, entry in settings.tasks.items()}
    return {**shipped_tasks(), **made}


def task_named(name: str, settings: Settings) -> Task:
    """The task called `name`; raises UsageError with the nearest names if there is none."""
    known = tasks(settings)
    if name not in known:
        raise UsageError(f"There is no task «{name}».", did_you_mean(name, known))
    return known[name]


@cache
def shipped_tasks() -> dict[str, Task]:
    """The tasks of the domains: `TASKS` of each module in `analytics/tasks/`."""
    modules = (
        importlib.import_module(f"{shipped.__name__}.{found.name}")
        for found in pkgutil.iter_modules(shipped.__path__)
    )
    return {task.name: task for module in modules for task in module.TASKS}
