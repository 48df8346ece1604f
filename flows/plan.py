"""Which tasks a flow has to deal with, decided from what is in the warehouse and the registry."""

import re
from collections.abc import Iterable

from analytics import catalog, registry
from analytics.task import Task
from pipelines.catalog import contracts
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


def with_data(settings: Settings) -> list[str]:
    """Tasks whose tables have all been loaded; the others wait for their sources."""
    loaded, promised = set(Warehouse(settings).tables()), contracts(settings)
    return [name for name, task in catalog.tasks(settings).items() if tables_of(task, promised) <= loaded]


def tables_of(task: Task, tables: Iterable[str]) -> set[str]:
    """Those of `tables` that a task reads."""
    if task.table:
        return {task.table}
    sql = f"{task.population} {task.features} {task.candidates}".replace('"', "")
    return {table for table in tables if re.search(rf"\b{re.escape(table)}\b", sql)}


def in_service(settings: Settings) -> list[str]:
    """Tasks that have data and a model in service."""
    return [name for name in with_data(settings) if _serving(settings, name)]


def untrained(settings: Settings) -> list[str]:
    """Tasks that have data but no model in service."""
    return [name for name in with_data(settings) if not _serving(settings, name)]


def _serving(settings: Settings, name: str) -> bool:
    return registry.in_service(settings, catalog.task_named(name, settings)) is not None
