"""What a flow has to deal with, decided from what is in the warehouse and the registry."""

import re
from collections.abc import Iterable
from datetime import date

from analytics import catalog, registry
from analytics.task import Task
from pipelines.catalog import contracts
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

_STOCK = {"logistics.articles", "logistics.demand", "logistics.stock"}


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


def days_to_plan(settings: Settings) -> dict[str, date]:
    """The day to plan at each depot that has stops: the first after the last day driven, else the newest."""
    warehouse = Warehouse(settings)
    if not {"logistics.stops", "logistics.fleet", "logistics.depots"} <= set(warehouse.tables()):
        return {}
    driven = "SELECT depot_id, max(day) AS day FROM logistics.trips GROUP BY depot_id"
    if not warehouse.exists("logistics.trips"):
        driven = "SELECT NULL AS depot_id, NULL AS day WHERE false"
    days = warehouse.query(
        f"""
        SELECT stops.depot_id, coalesce(min(stops.day) FILTER (stops.day > driven.day), max(stops.day)) AS day
        FROM logistics.stops AS stops
        LEFT JOIN ({driven}) AS driven ON driven.depot_id = stops.depot_id
        GROUP BY stops.depot_id ORDER BY stops.depot_id
        """
    )
    return dict(days.iter_rows())


def has_stock(settings: Settings) -> bool:
    """Whether there is what proposals follow from: articles, what was asked for, what is there."""
    return set(Warehouse(settings).tables()) >= _STOCK


def _serving(settings: Settings, name: str) -> bool:
    return registry.in_service(settings, catalog.task_named(name, settings)) is not None
